//! What of a meter is on disk: units are written as spent before they are handed out.
//!
//! The time is cut into slots. Within a slot each block is a row of its own that is written once, so two
//! tasks that write at the same time cannot overwrite each other's figure, in whatever order they arrive. When a
//! slot is over, what its rows claim too much is taken back; those figures only fall, so a late one is harmless.

use std::collections::VecDeque;

use super::meter::{Meter, Unit};
use super::record::Block;
use super::window::{Course, GUARD, slack};

/// Shorter windows are over before a restart is.
const KEPT_FROM: i64 = 60_000;

/// The slots of one meter.
#[derive(Debug)]
pub(super) struct Disk {
    slots: VecDeque<Slot>,
}

#[derive(Debug)]
struct Slot {
    span: Span,
    /// Handed out since the start of this process.
    used: u64,
    rows: Vec<Row>,
    /// Start of the next row: rows of one slot differ by a millisecond, to have names of their own.
    next: i64,
}

#[derive(Debug)]
struct Row {
    start: i64,
    /// Units it stands for once it is written.
    size: u64,
    /// What the disk says; `None` before it is confirmed.
    written: Option<u64>,
}

/// Where a slot lies: its start and its end, and from when on its row may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) gone: i64,
}

impl Disk {
    pub(super) fn new() -> Disk {
        Disk {
            slots: VecDeque::new(),
        }
    }

    /// The slot in which units taken at `now` count; `None` if the meter is not kept on disk. `opened` is the
    /// running window's start, where it has one.
    pub(super) fn span(
        meter: &Meter,
        course: Course,
        opened: Option<(i64, i64)>,
        now: i64,
    ) -> Option<Span> {
        if meter.window_ms < KEPT_FROM && course != Course::Stock || meter.unit == Unit::Concurrent
        {
            return None;
        }
        match course {
            Course::Concurrent => None,
            Course::Rolling(window) => {
                let width = window / 24;
                let start = now.div_euclid(width) * width;
                let end = start + width;
                Some(Span {
                    start,
                    end,
                    gone: end.saturating_add(window).saturating_add(GUARD),
                })
            }
            Course::FirstUse(window) => {
                let start = opened.map_or(now, |(start, _)| start);
                let end = start.saturating_add(window);
                Some(Span {
                    start,
                    end,
                    gone: end.saturating_add(slack(window) + GUARD),
                })
            }
            Course::Stock | Course::Day(_) | Course::Month(_) => {
                let (start, end) = opened?;
                Some(Span {
                    start,
                    end,
                    gone: end.saturating_add(GUARD),
                })
            }
        }
    }

    /// Span of the slot that a row of the disk belongs to: the counterpart of [`Disk::span`].
    pub(super) fn span_of(course: Course, block: &Block) -> Span {
        let gone = block.end_ms;
        match course {
            Course::Rolling(window) => {
                let end = gone - window - GUARD;
                Span {
                    start: end - window / 24,
                    end,
                    gone,
                }
            }
            Course::FirstUse(window) => {
                let end = gone - GUARD - slack(window);
                Span {
                    start: end - window,
                    end,
                    gone,
                }
            }
            _ => {
                let (start, end) = course
                    .calendar(block.start_ms)
                    .unwrap_or((block.start_ms, gone));
                Span { start, end, gone }
            }
        }
    }

    /// What must be written before `amount` units may be handed out in this slot; nothing if it may be done now.
    /// `block` is the least to write at once.
    pub(super) fn plan(
        &mut self,
        meter: &Meter,
        course: Course,
        span: Span,
        amount: u64,
        block: u64,
    ) -> Vec<Block> {
        let open = self.open(course, span);
        let mut blocks = Vec::new();
        if let Some(slot) = self.slots.get_mut(open) {
            let written: u64 = slot.rows.iter().filter_map(|row| row.written).sum();
            let wanted = slot.used.saturating_add(amount);
            if wanted <= written {
                return blocks;
            }
            let waiting: u64 = slot
                .rows
                .iter()
                .filter(|row| row.written.is_none())
                .map(|row| row.size)
                .sum();
            let lacking = wanted.saturating_sub(written.saturating_add(waiting));
            if lacking > 0 {
                slot.rows.push(Row {
                    start: slot.next,
                    size: lacking.max(block),
                    written: None,
                });
                slot.next += 1;
            }
            let rows = slot.rows.iter().filter(|row| row.written.is_none());
            blocks.extend(rows.map(|row| slot.span.block(meter, row.start, row.size)));
        }
        for slot in self.slots.iter().take(open) {
            slot.corrections(meter, &mut blocks);
        }
        blocks
    }

    /// Counts units as handed out; says in which slot.
    pub(super) fn take(&mut self, course: Course, span: Span, amount: u64) -> i64 {
        let open = self.open(course, span);
        self.slots.get_mut(open).map_or(span.start, |slot| {
            slot.used = slot.used.saturating_add(amount);
            slot.span.start
        })
    }

    pub(super) fn give_back(&mut self, start: i64, amount: u64) {
        if let Some(slot) = self
            .slots
            .iter_mut()
            .rev()
            .find(|slot| slot.span.start == start)
        {
            slot.used = slot.used.saturating_sub(amount);
        }
    }

    /// This block is on disk now.
    pub(super) fn confirm(&mut self, block: &Block) {
        let rows = self.slots.iter_mut().flat_map(|slot| slot.rows.iter_mut());
        for row in rows.filter(|row| row.start == block.start_ms) {
            row.written = Some(u64::try_from(block.spent).unwrap_or(0).min(row.size));
        }
    }

    /// The row has been there since before this process began: its name is taken.
    pub(super) fn restore(&mut self, course: Course, span: Span, row: i64) {
        let open = self.open(course, span);
        if let Some(slot) = self.slots.get_mut(open) {
            slot.next = slot.next.max(row.saturating_add(1));
        }
    }

    /// Drops slots whose rows no longer matter.
    pub(super) fn advance(&mut self, now: i64) {
        self.slots.retain(|slot| slot.span.gone > now);
    }

    /// The newest slot, made if `span` is later. Never an older one: what is over is only ever lowered.
    fn open(&mut self, course: Course, span: Span) -> usize {
        // A first-use window is written a moment before its first request opens it.
        let early = if let Course::FirstUse(window) = course {
            slack(window)
        } else {
            0
        };
        let late = self
            .slots
            .back()
            .is_none_or(|slot| span.start > slot.span.start.saturating_add(early));
        if late {
            self.slots.push_back(Slot {
                span,
                used: 0,
                rows: Vec::new(),
                next: span.start,
            });
        }
        self.slots.len().saturating_sub(1)
    }
}

impl Slot {
    /// Rows that claim more than was handed out.
    fn corrections(&self, meter: &Meter, blocks: &mut Vec<Block>) {
        let mut left = self.used;
        for row in &self.rows {
            let Some(written) = row.written else {
                continue;
            };
            let keep = left.min(row.size);
            left -= keep;
            if written > keep {
                blocks.push(self.span.block(meter, row.start, keep));
            }
        }
    }
}

impl Span {
    fn block(self, meter: &Meter, start_ms: i64, spent: u64) -> Block {
        Block {
            meter: meter.name.to_string(),
            start_ms,
            end_ms: self.gone,
            spent: i64::try_from(spent).unwrap_or(i64::MAX),
        }
    }
}
