//! One meter: its window, what of it is on disk, and what the upstream said of it.

use crate::limits::disk::{Disk, Span};
use crate::limits::meter::{Meter, Unit};
use crate::limits::record::Block;
use crate::limits::window::{GUARD, Room, Window};

#[derive(Debug)]
pub(super) struct State {
    window: Window,
    disk: Disk,
    /// Units used by somebody else, as far as the upstream's figures show.
    foreign: Option<Learnt>,
    /// A limit below the configured one.
    limit: Option<Learnt>,
}

/// A figure of the upstream's.
#[derive(Debug, Clone, Copy)]
struct Learnt {
    amount: u64,
    until: i64,
    /// It said that nothing is left: a figure from an earlier reply that arrives late does not weaken this.
    spent: bool,
}

/// It does not fit; when to ask again, milliseconds from now.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) wait: i64,
}

impl State {
    pub(super) fn new(meter: &Meter) -> State {
        State {
            window: Window::new(meter),
            disk: Disk::new(),
            foreign: None,
            limit: None,
        }
    }

    pub(super) fn advance(&mut self, now: i64) {
        self.window.advance(now);
        self.disk.advance(now);
        self.foreign = self.foreign.filter(|learnt| learnt.until > now);
        self.limit = self.limit.filter(|learnt| learnt.until > now);
    }

    pub(super) fn used(&self) -> u64 {
        self.window.used()
    }

    /// The limit that holds, without what others used.
    fn ceiling(&self, meter: &Meter) -> u64 {
        let limit = self
            .limit
            .map_or(meter.limit, |learnt| learnt.amount.min(meter.limit));
        limit.saturating_sub(self.foreign.map_or(0, |learnt| learnt.amount))
    }

    pub(super) fn fits(&self, meter: &Meter, amount: u64, now: i64) -> Result<(), Refusal> {
        let ceiling = self.ceiling(meter);
        match self.window.room(ceiling, now) {
            Room::Closed(until) => Err(Refusal {
                wait: until.saturating_sub(now),
            }),
            // A unit whose cost is not known needs something to be left.
            Room::Left(left) if left >= amount.max(1) => Ok(()),
            Room::Left(_) if amount <= ceiling => Err(Refusal {
                wait: self.window.wait(amount.max(1), ceiling, now),
            }),
            // Only the end of what the upstream said can help, or nothing can.
            Room::Left(_) if amount <= meter.limit => {
                let told = [self.foreign, self.limit]
                    .into_iter()
                    .flatten()
                    .map(|learnt| learnt.until)
                    .max();
                Err(Refusal {
                    wait: told.map_or(meter.window_ms, |until| until.saturating_sub(now)),
                })
            }
            Room::Left(_) => Err(Refusal {
                wait: self
                    .window
                    .wait(amount, meter.limit, now)
                    .max(meter.window_ms),
            }),
        }
    }

    /// What must be written before [`State::take`].
    pub(super) fn plan(&mut self, meter: &Meter, amount: u64, now: i64) -> Vec<Block> {
        match self.span(meter, now) {
            Some(span) => self.disk.plan(
                meter,
                self.window.course(),
                span,
                amount,
                (meter.limit / 20).max(1),
            ),
            None => Vec::new(),
        }
    }

    /// Says when the units count as taken and in which slot they are.
    pub(super) fn take(&mut self, meter: &Meter, amount: u64, now: i64) -> (i64, Option<i64>) {
        let span = self.span(meter, now);
        let at = self.window.take(amount, now);
        let slot = span.map(|span| self.disk.take(self.window.course(), span, amount));
        (at, slot)
    }

    pub(super) fn give_back(&mut self, amount: u64, at: i64, slot: Option<i64>) {
        self.window.give_back(amount, at);
        if let Some(slot) = slot {
            self.disk.give_back(slot, amount);
        }
    }

    pub(super) fn confirm(&mut self, block: &Block) {
        self.disk.confirm(block);
    }

    /// Units of rows that were written by an earlier process, whether it handed all of them out or not.
    pub(super) fn restore(&mut self, blocks: &[Block], now: i64) {
        let course = self.window.course();
        let mut rows: Vec<_> = blocks
            .iter()
            .map(|block| (Disk::span_of(course, block), block))
            .collect();
        rows.sort_by_key(|(span, block)| (span.start, block.start_ms));
        for (span, block) in rows {
            self.disk.restore(course, span, block.start_ms);
            let passed = course
                .calendar(now)
                .is_some_and(|(start, _)| span.start < start);
            if block.spent > 0 && span.gone > now && !passed {
                let amount = block.spent.unsigned_abs();
                self.window
                    .restore(amount, span.end, Some((span.start, span.end)), now);
            }
        }
    }

    pub(super) fn learn(
        &mut self,
        meter: &Meter,
        remaining: Option<u64>,
        limit: Option<u64>,
        reset_ms: Option<u64>,
        now: i64,
    ) {
        if meter.unit == Unit::Concurrent {
            return;
        }
        let reset = reset_ms.map(|reset| i64::try_from(reset).unwrap_or(i64::MAX));
        let window = match self.window.bounds() {
            Some((_, end)) => end.saturating_add(GUARD).saturating_sub(now).max(0),
            None => meter.window_ms,
        };
        if let Some(limit) = limit.filter(|&limit| limit < meter.limit) {
            let until = now.saturating_add(reset.unwrap_or(0).max(window));
            self.limit = Some(Learnt {
                amount: limit,
                until,
                spent: false,
            });
        }
        let Some(remaining) = remaining else {
            return;
        };
        let until = now.saturating_add(reset.unwrap_or(window).saturating_add(GUARD));
        let limit = self
            .limit
            .map_or(meter.limit, |learnt| learnt.amount.min(meter.limit));
        let amount = limit
            .saturating_sub(remaining)
            .saturating_sub(self.window.used());
        match self.foreign {
            Some(known) if known.spent && remaining > 0 => {}
            Some(known) if known.spent => {
                let (amount, until) = (known.amount.max(amount), known.until.max(until));
                self.foreign = Some(Learnt {
                    amount,
                    until,
                    spent: true,
                });
            }
            _ if amount > 0 => {
                self.foreign = Some(Learnt {
                    amount,
                    until,
                    spent: remaining == 0,
                });
            }
            _ => self.foreign = None,
        }
    }

    pub(super) fn headroom(&self, meter: &Meter, now: i64) -> f64 {
        if meter.limit == 0 {
            return 0.0;
        }
        match self.window.room(self.ceiling(meter), now) {
            Room::Closed(_) => 0.0,
            #[expect(
                clippy::cast_precision_loss,
                reason = "a share needs no more than 52 bits"
            )]
            Room::Left(left) => left as f64 / meter.limit as f64,
        }
    }

    fn span(&self, meter: &Meter, now: i64) -> Option<Span> {
        Disk::span(meter, self.window.course(), self.window.bounds(), now)
    }
}
