//! Scripted model providers on loopback.
//!
//! A [`Mock`] listens on a free port and, unasked, behaves like a healthy provider: OpenAI-like under
//! any prefix (so also under Cloudflare's), Gemini-like under `/v1beta`. A test lays [`Script`]s over
//! that with [`Mock::on`], by path, model or key, and reads back what arrived with
//! [`Mock::requests`]. Nothing here sleeps on its own: what is slow is held by a [`Gate`] that the test
//! opens, and what is waited for is notified.
//!
//! The server is written against the raw socket because its job is to send what a good HTTP library
//! refuses to send: wrong lengths, half an event, a reset.

mod answer;
mod cases;
mod faults;
mod gate;
mod mock;
mod play;
mod record;
mod rules;
mod serve;
mod usual;
mod wire;

pub use answer::{Answer, End, Framing, Pause, Piece, Split};
pub use cases::Case;
pub use faults::{FAULTS, fault};
pub use gate::Gate;
pub use mock::{Mock, Settings};
pub use record::{Counters, Recorded, TimedOut};
pub use rules::{Rule, Script, When};
pub use usual::openai;

#[cfg(test)]
mod tests;
