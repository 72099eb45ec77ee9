//! OpenAI's dialect: what a compatible provider needs beside its manifest.

mod classify;
mod consoles;
mod error;
mod families;
pub mod form;
mod headers;
pub mod hidden;
mod listing;
mod mend;
mod pass;
mod quirks;
pub mod subtitles;
pub mod tasks;
#[cfg(test)]
mod tests;

pub use classify::failure;
pub use consoles::Consoles;
pub use error::ErrorBody;
pub use headers::{meters, quotas};
pub use listing::{Entry, entries, listing, model};
pub use mend::{Mending, mended, mender};
pub use pass::passing;
pub use quirks::Dialect;
