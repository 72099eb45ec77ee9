//! Tests of the ledger against a plain oracle, of crashes, calendars and rests.

use std::sync::Arc;

use super::{Anchor, Ledger, Meter, Need, Reservation, Reserve, Unit};

mod calendar;
mod cooldowns;
mod crash;
mod ledger;
mod model;

fn meter(unit: Unit, window_ms: i64, anchor: Anchor, limit: u64) -> Arc<Meter> {
    let name = super::meter_name("model", "p", "key-1", "llama", &unit, window_ms, anchor);
    Arc::new(Meter {
        name: name.into(),
        scope: "model".into(),
        unit,
        window_ms,
        anchor,
        limit,
    })
}

fn tokens(input: u64) -> Need {
    Need {
        input_tokens: input,
        output_tokens: 0,
    }
}

/// Reserves with a disk that writes at once.
fn reserve(
    ledger: &Arc<Ledger>,
    meters: &[Arc<Meter>],
    need: &Need,
    now: i64,
) -> Result<Reservation, i64> {
    for _ in 0..4 {
        match ledger.try_reserve(meters, need, now) {
            Reserve::Granted(reservation) => return Ok(reservation),
            Reserve::Full { retry_after_ms, .. } => return Err(retry_after_ms),
            Reserve::Behind(blocks) => ledger.confirm(&blocks),
        }
    }
    panic!("what was confirmed is still behind");
}
