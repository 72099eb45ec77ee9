//! OpenAI's dialect: what a compatible provider needs beside its manifest.

mod classify;
mod error;
mod headers;
mod listing;
mod quirks;
#[cfg(test)]
mod tests;

pub use classify::failure;
pub use error::ErrorBody;
pub use headers::quotas;
pub use listing::{Entry, entries, listing, model};
pub use quirks::Dialect;
