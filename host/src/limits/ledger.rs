//! Takes units of several limits at once, or of none.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::meter::{Meter, Need, Unit};
use super::record::Block;
use state::{Refusal, State};

mod reservation;
mod state;

pub use reservation::{Actual, Reservation, Settled};

/// Everything that is counted. One lock: what happens under it takes about a microsecond.
#[derive(Debug, Default)]
pub struct Ledger {
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    states: HashMap<Arc<str>, State>,
    /// Rows of the disk whose meter nobody has asked for yet.
    restored: HashMap<String, Vec<Block>>,
}

/// May the request be sent?
#[derive(Debug)]
#[must_use]
pub enum Reserve {
    /// Yes, at once: the time it was granted is the time it counts.
    Granted(Reservation),
    /// No. `meter` is the one to wait for longest; the wait is from now, and at least a millisecond.
    Full {
        retry_after_ms: i64,
        meter: Arc<str>,
    },
    /// Write these, [`Ledger::confirm`] them and ask again. Nothing has been taken.
    Behind(Vec<Block>),
}

impl Ledger {
    pub fn new() -> Ledger {
        Ledger::default()
    }

    /// Counts what an earlier process wrote as spent. Once, before the first reservation.
    pub fn restore(&self, blocks: &[Block], now_ms: i64) {
        let mut book = self.book.lock();
        for block in blocks.iter().filter(|block| block.end_ms > now_ms) {
            book.restored
                .entry(block.meter.clone())
                .or_default()
                .push(block.clone());
        }
    }

    /// Takes one request and `need` of every meter, or of none.
    pub fn try_reserve(
        self: &Arc<Self>,
        meters: &[Arc<Meter>],
        need: &Need,
        now_ms: i64,
    ) -> Reserve {
        let mut book = self.book.lock();
        let mut full: Option<(i64, &Arc<Meter>)> = None;
        for meter in meters {
            let amount = meter.unit.amount(need.input_tokens, need.output_tokens);
            if let Err(Refusal { wait }) = book.state(meter, now_ms).fits(meter, amount, now_ms)
                && full.is_none_or(|(longest, _)| wait > longest)
            {
                full = Some((wait, meter));
            }
        }
        if let Some((wait, meter)) = full {
            return Reserve::Full {
                retry_after_ms: wait.max(1),
                meter: meter.name.clone(),
            };
        }
        let mut behind = Vec::new();
        for meter in meters {
            let amount = meter.unit.amount(need.input_tokens, need.output_tokens);
            behind.extend(book.state(meter, now_ms).plan(meter, amount, now_ms));
        }
        if !behind.is_empty() {
            return Reserve::Behind(behind);
        }
        let holds = meters.iter().map(|meter| {
            let amount = meter.unit.amount(need.input_tokens, need.output_tokens);
            let (at, slot) = book.state(meter, now_ms).take(meter, amount, now_ms);
            reservation::Hold {
                meter: meter.clone(),
                amount,
                at,
                slot,
            }
        });
        let holds = holds.collect();
        Reserve::Granted(Reservation::new(Arc::clone(self), holds, *need))
    }

    /// These blocks are on disk now. May be told twice, and late.
    pub fn confirm(&self, blocks: &[Block]) {
        let mut book = self.book.lock();
        for block in blocks {
            if let Some(state) = book.states.get_mut(block.meter.as_str()) {
                state.confirm(block);
            }
        }
    }

    /// What the upstream said of a meter, in a reply's headers or a failure. Only ever tightens: others may use
    /// the same account, and a configured limit may be too high. Without `reset_ms` it holds for a window.
    pub fn learn(
        &self,
        meter: &Arc<Meter>,
        remaining: Option<u64>,
        limit: Option<u64>,
        reset_ms: Option<u64>,
        now_ms: i64,
    ) {
        let mut book = self.book.lock();
        book.state(meter, now_ms)
            .learn(meter, remaining, limit, reset_ms, now_ms);
    }

    /// The least share that is left of any of these, 0 to 1; 1 where nothing is limited.
    pub fn headroom(&self, meters: &[Arc<Meter>], now_ms: i64) -> f64 {
        let mut book = self.book.lock();
        meters.iter().fold(1.0, |least: f64, meter| {
            least.min(book.state(meter, now_ms).headroom(meter, now_ms))
        })
    }

    /// Units that count as used here, requests under way included; without those only the upstream knows of.
    pub fn usage(&self, meter: &Meter, now_ms: i64) -> u64 {
        let mut book = self.book.lock();
        match book.states.get_mut(&meter.name) {
            Some(state) => {
                state.advance(now_ms);
                state.used()
            }
            None => book.fresh(meter, now_ms).used(),
        }
    }
}

impl Book {
    fn state(&mut self, meter: &Arc<Meter>, now: i64) -> &mut State {
        if !self.states.contains_key(&meter.name) {
            let state = self.fresh(meter, now);
            self.restored.remove(&*meter.name);
            self.states.insert(meter.name.clone(), state);
        }
        let state = self
            .states
            .entry(meter.name.clone())
            .or_insert_with(|| State::new(meter));
        state.advance(now);
        state
    }

    /// A meter as the disk left it.
    fn fresh(&self, meter: &Meter, now: i64) -> State {
        let mut state = State::new(meter);
        state.advance(now);
        if meter.unit != Unit::Concurrent
            && let Some(blocks) = self.restored.get(&*meter.name)
        {
            state.restore(blocks, now);
        }
        state
    }
}
