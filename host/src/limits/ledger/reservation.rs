//! What one request holds of its meters until it is known what it used.

use std::sync::Arc;

use super::Ledger;
use crate::limits::meter::{Meter, Need, Unit};
use crate::limits::record::Block;

/// Units that one request took. Dropped unsettled it leaves its estimate spent, as the request may have reached
/// the upstream, and frees only its place among the concurrent ones.
#[derive(Debug)]
pub struct Reservation {
    ledger: Arc<Ledger>,
    holds: Vec<Hold>,
    need: Need,
}

/// Real usage, as far as the upstream told it; `None` keeps the estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Actual {
    pub input: Option<u64>,
    pub output: Option<u64>,
}

/// What settling came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// Tokens used beyond what was reserved.
    pub overshoot: u64,
    /// To be written and confirmed, so that a crash does not forget the overshoot. Usually empty.
    pub blocks: Vec<Block>,
}

/// A share of one meter.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) meter: Arc<Meter>,
    pub(super) amount: u64,
    /// When it counts as taken.
    pub(super) at: i64,
    /// The slot of the disk it was taken from.
    pub(super) slot: Option<i64>,
}

impl Reservation {
    pub(super) fn new(ledger: Arc<Ledger>, holds: Vec<Hold>, need: Need) -> Reservation {
        Reservation {
            ledger,
            holds,
            need,
        }
    }

    /// The request is over: its real usage takes the place of the estimate. What it used less is free again at
    /// once; what it used more counts from now on.
    pub fn settle(mut self, actual: Actual, now_ms: i64) -> Settled {
        let input = actual.input.unwrap_or(self.need.input_tokens);
        let output = actual.output.unwrap_or(self.need.output_tokens);
        let reserved = self
            .need
            .input_tokens
            .saturating_add(self.need.output_tokens);
        let overshoot = input.saturating_add(output).saturating_sub(reserved);
        let mut settled = Settled {
            overshoot,
            blocks: Vec::new(),
        };
        let ledger = Arc::clone(&self.ledger);
        let mut book = ledger.book.lock();
        for hold in self.holds.drain(..) {
            let state = book.state(&hold.meter, now_ms);
            let used = if hold.meter.unit == Unit::Concurrent {
                0
            } else {
                hold.meter.unit.amount(input, output)
            };
            if used < hold.amount {
                state.give_back(hold.amount - used, hold.at, hold.slot);
            } else if used > hold.amount {
                state.take(&hold.meter, used - hold.amount, now_ms);
                settled.blocks.extend(state.plan(&hold.meter, 0, now_ms));
            }
        }
        settled
    }

    /// Nothing was sent: gives everything back.
    pub fn release(mut self, now_ms: i64) {
        let ledger = Arc::clone(&self.ledger);
        let mut book = ledger.book.lock();
        for hold in self.holds.drain(..) {
            book.state(&hold.meter, now_ms)
                .give_back(hold.amount, hold.at, hold.slot);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let concurrent = |hold: &&Hold| hold.meter.unit == Unit::Concurrent;
        if !self.holds.iter().any(|hold| concurrent(&hold)) {
            return;
        }
        let mut book = self.ledger.book.lock();
        for hold in self.holds.iter().filter(concurrent) {
            if let Some(state) = book.states.get_mut(&hold.meter.name) {
                state.give_back(hold.amount, hold.at, hold.slot);
            }
        }
    }
}
