//! Whether a plugin does what its golden cases say: `freellmapi plugin test`.
//!
//! A case is a folder: a canonical request, the upstream request that it must become, the bytes that the upstream
//! answers, and what these must become. It runs in the real sandbox with its real limits, through the same exchange,
//! framing and normalisers as a client's request; only the network is played.
//!
//! - [`case`]: a case's files.
//! - [`stage`]: where a plugin acts, and what it was seen to do.
//! - [`seen`]: that in the words of a case's expectations.
//! - [`compare`]: where two of these differ.
//! - `quirks`: what a plugin changes in requests.
//! - [`trial`]: cases held against a plugin.
//! - [`table`]: the page of all plugins, `docs/providers.md`.

pub mod case;
pub mod compare;
mod quirks;
pub mod seen;
pub mod stage;
pub mod table;
pub mod trial;

#[cfg(test)]
mod tests;

pub use case::Case;
pub use stage::{Kit, Stage};
pub use trial::{Report, Verdict, run};
