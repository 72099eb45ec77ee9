//! What every key, model and account may still do: windows, reservations, cooldowns.
//!
//! Pure state machines: the time is always an argument, milliseconds since 1970 UTC.
//!
//! A unit counts in four places: `window` says how much of a limit is used now, `disk` what of it must be
//! written before it is handed out, `ledger` takes units of several limits at once or of none, and
//! `cooldowns` says who rests after a failure.

pub mod cooldowns;
mod disk;
pub mod ledger;
pub mod meter;
pub mod record;
mod window;
pub mod zone;

pub use cooldowns::{Cooldowns, Fault, Rest, default_scope};
pub use ledger::{Actual, Ledger, Reservation, Reserve, Settled};
pub use meter::{Anchor, Meter, Need, Unit, meter_name, scope};
pub use record::{Block, Cooldown};
pub use zone::Zone;

#[cfg(test)]
mod tests;
