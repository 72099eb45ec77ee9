//! Which candidate goes first: the table of what can be called, names, what a request needs, and what was learnt.
//!
//! - [`table`]: keys and plugins joined into candidates, in the order of their priority.
//! - [`names`]: what a client calls a model; [`routes`]: profiles, aliases and the usual strategy.
//! - [`needs`]: which candidates can serve a request at all.
//! - [`tally`]: what is remembered of a candidate's answers; [`arms`]: everybody's.
//! - [`field`]: candidates and what is believed of them, side by side; [`strategy`]: what counts how much;
//!   [`choice`]: the order; [`explain`]: why it is what it is.
//! - [`sticky`]: who answered a conversation last.
//!
//! Pure state machines: time and chance ([`dice`]) are arguments.

pub mod arms;
pub mod choice;
pub mod dice;
pub mod explain;
pub mod field;
mod firsts;
pub mod names;
pub mod needs;
pub mod routes;
pub mod sticky;
pub mod strategy;
pub mod table;
pub mod tally;

pub use names::Unknown;
pub use table::{Candidate, Model, Table};
