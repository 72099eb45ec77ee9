//! What every key, model and account may still do: windows, reservations, cooldowns.
//!
//! Pure state machines: the time is always an argument, milliseconds since 1970 UTC.

pub mod record;
