//! The way out: what may be sent where, the credential, the connection, and cutting replies into events.
//!
//! - [`guard`]: a plan against the user's grant; [`place`] then fills in the credential.
//! - [`client`]: connections, with the addresses that may be reached.
//! - [`framing`]: replies to events; [`retry_after`]: how long a reply says to wait.
//! - [`leak`]: no stored credential in a plan; [`redact`]: credentials out of everything that comes back.

pub mod address;
pub mod client;
pub mod framing;
pub mod guard;
pub mod leak;
pub mod place;
pub mod redact;
pub mod retry_after;
