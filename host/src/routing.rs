//! Which candidate goes first: the table of what can be called, names, and what a request needs.
//!
//! - [`table`]: keys and plugins joined into candidates, in the order of their priority.
//! - [`names`]: what a client calls a model.
//! - [`needs`]: which candidates can serve a request at all.

pub mod names;
pub mod needs;
pub mod table;

pub use names::Unknown;
pub use table::{Candidate, Model, Table};
