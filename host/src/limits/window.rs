//! How much of one limit is used now.

use std::collections::VecDeque;

use super::meter::{Anchor, Meter, Unit};
use super::zone::{DAY, Zone};

/// Between leaving here and counting at the upstream a request may take this long, and the two clocks may
/// differ by it. Units free this much later, and none are handed out this close to a window's edge.
pub(super) const GUARD: i64 = 250;

/// A first-use window begins this much after its row was written, at most: its edge is that much wider.
pub(super) fn slack(window: i64) -> i64 {
    (window / 60).min(5000)
}

/// How a meter's window runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// As many at a time as the limit says.
    Concurrent,
    /// Never refills.
    Stock,
    Rolling(i64),
    FirstUse(i64),
    Day(Zone),
    Month(Zone),
}

/// Units used in the running window.
#[derive(Debug)]
pub(super) struct Window {
    course: Course,
    /// Units taken within this many milliseconds are kept as one entry.
    grain: i64,
    /// When units were taken, oldest first; only rolling and first-use windows need it.
    log: VecDeque<Entry>,
    used: u64,
    /// Start and end of the running window, for those that have one.
    bounds: Option<(i64, i64)>,
}

#[derive(Debug)]
struct Entry {
    first: i64,
    /// All of the entry counts as taken then.
    last: i64,
    amount: u64,
}

/// What a window says of taking units now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// This many may be taken.
    Left(u64),
    /// Too close to the edge: none before this time.
    Closed(i64),
}

impl Course {
    pub(super) fn of(meter: &Meter) -> Course {
        let window = meter.window_ms;
        match meter.anchor {
            _ if meter.unit == Unit::Concurrent => Course::Concurrent,
            _ if window <= 0 => Course::Stock,
            Anchor::FirstUse => Course::FirstUse(window),
            Anchor::Zone(zone) if window == DAY => Course::Day(zone),
            Anchor::Zone(zone) if (28 * DAY..=31 * DAY).contains(&window) => Course::Month(zone),
            // Hours, weeks: the phase is not known, and rolling keeps the limit in any.
            _ => Course::Rolling(window),
        }
    }

    /// The window that holds `now`, where the calendar knows it.
    pub(super) fn calendar(self, now: i64) -> Option<(i64, i64)> {
        match self {
            Course::Day(zone) => Some(zone.day(now)),
            Course::Month(zone) => Some(zone.month(now)),
            Course::Stock => Some((0, i64::MAX)),
            _ => None,
        }
    }
}

impl Window {
    pub(super) fn new(meter: &Meter) -> Window {
        let course = Course::of(meter);
        // A unit may come back a grain late: a limit's share of that is less than one unit, and the log stays short.
        let grain = match course {
            Course::Rolling(window) => {
                window / i64::try_from(meter.limit.clamp(1024, 16_384)).unwrap_or(1024)
            }
            _ => 0,
        };
        Window {
            course,
            grain,
            log: VecDeque::new(),
            used: 0,
            bounds: None,
        }
    }

    pub(super) fn used(&self) -> u64 {
        self.used
    }

    pub(super) fn course(&self) -> Course {
        self.course
    }

    pub(super) fn bounds(&self) -> Option<(i64, i64)> {
        self.bounds
    }

    /// Forgets what has run out. Before anything else is asked.
    pub(super) fn advance(&mut self, now: i64) {
        self.mend_clock(now);
        match self.course {
            Course::Concurrent | Course::Stock => {
                self.bounds = self.course.calendar(now);
            }
            Course::Rolling(window) => {
                while let Some(entry) = self.log.front()
                    && entry.last.saturating_add(window).saturating_add(GUARD) <= now
                {
                    self.used = self.used.saturating_sub(entry.amount);
                    self.log.pop_front();
                }
            }
            Course::FirstUse(window) => {
                let edge = slack(window) + GUARD;
                if self
                    .bounds
                    .is_some_and(|(_, end)| end.saturating_add(edge) <= now)
                {
                    self.clear();
                }
            }
            Course::Day(_) | Course::Month(_) => {
                if self.bounds.is_none_or(|(_, end)| end <= now) {
                    self.clear();
                    self.bounds = self.course.calendar(now);
                }
            }
        }
    }

    /// What may be taken of `limit` now.
    pub(super) fn room(&self, limit: u64, now: i64) -> Room {
        if let Some((start, end)) = self.bounds {
            let edge = match self.course {
                Course::FirstUse(window) => end.saturating_add(slack(window) + GUARD),
                Course::Day(_) | Course::Month(_) => end.saturating_add(GUARD),
                _ => i64::MAX,
            };
            if now >= end.saturating_sub(GUARD) {
                return Room::Closed(edge);
            }
            // The first request opens its window, so only a calendar's has an edge before it.
            if now < start.saturating_add(GUARD)
                && matches!(self.course, Course::Day(_) | Course::Month(_))
            {
                return Room::Closed(start + GUARD);
            }
        }
        Room::Left(limit.saturating_sub(self.used))
    }

    /// How long until `amount` fits under `limit`, milliseconds, if nobody else takes anything.
    pub(super) fn wait(&self, amount: u64, limit: u64, now: i64) -> i64 {
        match self.course {
            Course::Concurrent => 1000,
            Course::Stock => DAY,
            Course::Rolling(window) => {
                let mut left = limit.saturating_sub(self.used);
                for entry in &self.log {
                    left = left.saturating_add(entry.amount);
                    if left >= amount && amount <= limit {
                        return entry.last + window + GUARD - now;
                    }
                }
                window
            }
            Course::FirstUse(window) => self.bounds.map_or(window, |(_, end)| {
                end.saturating_add(slack(window) + GUARD) - now
            }),
            Course::Day(_) | Course::Month(_) => {
                self.bounds.map_or(DAY, |(_, end)| end + GUARD - now)
            }
        }
    }

    /// Counts units as taken at `now`, and says at what time it wrote them down.
    pub(super) fn take(&mut self, amount: u64, now: i64) -> i64 {
        self.used = self.used.saturating_add(amount);
        if let (Course::FirstUse(window), None) = (self.course, self.bounds) {
            self.bounds = Some((now, now.saturating_add(window)));
        }
        if !matches!(self.course, Course::Rolling(_) | Course::FirstUse(_)) {
            return now;
        }
        // Threads read the clock before they wait for the lock: the log stays in order all the same.
        let now = self.log.back().map_or(now, |entry| now.max(entry.last));
        match self.log.back_mut() {
            Some(entry) if now - entry.first <= self.grain => {
                entry.last = now;
                entry.amount = entry.amount.saturating_add(amount);
            }
            _ => self.log.push_back(Entry {
                first: now,
                last: now,
                amount,
            }),
        }
        now
    }

    /// Takes back units that were written down at `at`.
    pub(super) fn give_back(&mut self, amount: u64, at: i64) {
        match self.course {
            Course::Rolling(_) | Course::FirstUse(_) => {
                // No entry: it ran out, or a mended clock moved it. It stays counted then, which is safe.
                let Some(entry) = self
                    .log
                    .iter_mut()
                    .rev()
                    .find(|e| e.first <= at && at <= e.last)
                else {
                    return;
                };
                let back = amount.min(entry.amount);
                entry.amount -= back;
                self.used = self.used.saturating_sub(back);
                self.reopen();
            }
            Course::Concurrent | Course::Stock => {
                self.used = self.used.saturating_sub(amount);
            }
            Course::Day(_) | Course::Month(_) => {
                if self
                    .bounds
                    .is_some_and(|(start, end)| (start..end).contains(&at))
                {
                    self.used = self.used.saturating_sub(amount);
                }
            }
        }
    }

    /// A request that was never sent cannot have opened the upstream's window: the next one did.
    fn reopen(&mut self) {
        let Course::FirstUse(window) = self.course else {
            return;
        };
        while self.log.front().is_some_and(|entry| entry.amount == 0) {
            self.log.pop_front();
        }
        let start = self.log.front().map(|entry| entry.first);
        self.bounds = start.map(|start| (start, start.saturating_add(window)));
    }

    /// Counts units that the disk says were spent in a slot that ended at `slot_end`; `bounds` as the disk has them.
    pub(super) fn restore(
        &mut self,
        amount: u64,
        slot_end: i64,
        bounds: Option<(i64, i64)>,
        now: i64,
    ) {
        if let Course::FirstUse(_) = self.course {
            self.bounds = self.bounds.or(bounds);
        }
        self.take(amount, slot_end.min(now));
    }

    fn clear(&mut self) {
        self.log.clear();
        self.used = 0;
        self.bounds = None;
    }

    /// A clock that was set back must not leave units counted in the future, or they would count for as long.
    fn mend_clock(&mut self, now: i64) {
        if self
            .log
            .back()
            .is_some_and(|entry| entry.last > now.saturating_add(GUARD))
        {
            let mut amount = 0_u64;
            while let Some(entry) = self.log.back()
                && entry.last > now
            {
                amount = amount.saturating_add(entry.amount);
                self.log.pop_back();
            }
            self.log.push_back(Entry {
                first: now,
                last: now,
                amount,
            });
        }
        // Minutes happen near midnight and mend themselves; a window hours ahead was opened by a wrong clock.
        if let Some((start, _)) = self.bounds
            && start > now.saturating_add(DAY / 24)
        {
            self.bounds = match self.course {
                Course::FirstUse(window) => Some((now, now.saturating_add(window))),
                course => course.calendar(now),
            };
        }
    }
}
