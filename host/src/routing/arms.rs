//! Everybody's outcomes, by name: kept while tables come and go, and over restarts.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::firsts::Firsts;
use super::tally::{Belief, Outcome, Tally};

/// Outcomes weigh so little after this that they are forgotten, milliseconds.
const FORGOTTEN_MS: i64 = 7 * 24 * 3_600_000;

/// The most names that are kept. Beyond it those that have not been used for the longest time go.
const MOST: usize = 50_000;

/// Outcomes of one name.
#[derive(Debug, Default)]
pub struct Record {
    tally: Mutex<Tally>,
    /// Changed since it was last written.
    dirty: AtomicBool,
    /// Times to the first content, where somebody wants to know.
    firsts: Mutex<Firsts>,
}

/// One candidate's outcomes: its own, and those of its model at its provider with any key.
#[derive(Debug, Clone, Default)]
pub struct Arm {
    own: Arc<Record>,
    model: Arc<Record>,
}

/// All records.
#[derive(Debug, Default)]
pub struct Arms {
    records: Mutex<HashMap<String, Arc<Record>>>,
}

impl Arm {
    /// Books an outcome.
    pub fn record(&self, outcome: Outcome, now_ms: i64) {
        for record in [&self.own, &self.model] {
            record.tally.lock().add(outcome, now_ms);
            record.dirty.store(true, Ordering::Relaxed);
        }
    }

    /// Notes how long its first content took, milliseconds; see [`Arm::late_ms`].
    pub fn timed(&self, first_ms: u64) {
        self.model.firsts.lock().add(first_ms);
    }

    /// Only one in twenty answers of its model took longer to begin, milliseconds. `None` if too few are known.
    #[must_use]
    pub fn late_ms(&self) -> Option<u64> {
        self.model.firsts.lock().late()
    }

    /// What is believed of it now.
    #[must_use]
    pub fn belief(&self, now_ms: i64) -> Belief {
        let own = self.own.tally.lock().at(now_ms);
        let model = self.model.tally.lock().at(now_ms);
        Belief::new(&own, &model)
    }

    /// Its own sums, and its model's, as they weigh now.
    #[must_use]
    pub fn tallies(&self, now_ms: i64) -> (Tally, Tally) {
        let own = self.own.tally.lock().at(now_ms);
        let model = self.model.tally.lock().at(now_ms);
        (own, model)
    }
}

impl Arms {
    /// A candidate's: `own` names the key and the model, `model` the provider and the model. The same names have
    /// the same records.
    #[must_use]
    pub fn arm(&self, own: &str, model: &str) -> Arm {
        let mut records = self.records.lock();
        let mut record = |name: &str| match records.get(name) {
            Some(record) => Arc::clone(record),
            None => Arc::clone(records.entry(name.to_owned()).or_default()),
        };
        Arm {
            own: record(own),
            model: record(model),
        }
    }

    /// As an earlier process left them.
    pub fn restore(&self, rows: Vec<(String, Tally)>) {
        let mut records = self.records.lock();
        for (name, tally) in rows {
            *records.entry(name).or_default().tally.lock() = tally;
        }
    }

    /// What changed since the last call, to be written.
    #[must_use]
    pub fn changed(&self) -> Vec<(String, Tally)> {
        let records = self.records.lock();
        records
            .iter()
            .filter(|(_, record)| record.dirty.swap(false, Ordering::Relaxed))
            .map(|(name, record)| (name.clone(), *record.tally.lock()))
            .collect()
    }

    /// Writing these failed: they are changed still.
    pub fn unwritten(&self, rows: &[(String, Tally)]) {
        let records = self.records.lock();
        for (name, _) in rows {
            if let Some(record) = records.get(name) {
                record.dirty.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Drops what no table uses and what is too old to matter. Rows older than the time returned may go too.
    pub fn prune(&self, now_ms: i64) -> i64 {
        let oldest = now_ms.saturating_sub(FORGOTTEN_MS);
        let mut records = self.records.lock();
        let used = |record: &Arc<Record>| Arc::strong_count(record) > 1;
        records.retain(|_, record| used(record) || record.tally.lock().at_ms > oldest);
        if records.len() > MOST {
            let mut idle: Vec<(i64, String)> = records
                .iter()
                .filter(|(_, record)| !used(record))
                .map(|(name, record)| (record.tally.lock().at_ms, name.clone()))
                .collect();
            idle.sort();
            for (_, name) in idle.into_iter().take(records.len() - MOST) {
                records.remove(&name);
            }
        }
        oldest
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.lock().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_is_what_one_in_twenty_is() {
        let arms = Arms::default();
        let arm = arms.arm("key-1/m", "p/m");
        for first_ms in 1..Firsts::ENOUGH {
            arm.timed(first_ms as u64);
            assert_eq!(arm.late_ms(), None);
        }
        for first_ms in 1..=100 {
            arm.timed(first_ms);
        }
        // Of the last 64: 37 to 100. Another key of the model knows it too.
        assert_eq!(arms.arm("key-2/m", "p/m").late_ms(), Some(97));
    }

    #[test]
    fn the_same_name_has_the_same_outcomes_also_after_a_restart() {
        let arms = Arms::default();
        arms.arm("key-1/m", "p/m").record(Outcome::Failed(1.0), 5);
        // Another key of the same model learns from it, but less.
        let (own, model) = arms.arm("key-2/m", "p/m").tallies(5);
        assert_eq!((own.bad, model.bad), (0.0, 1.0));
        let rows = arms.changed();
        assert_eq!(rows.len(), 2);
        assert!(arms.changed().is_empty());
        arms.unwritten(&rows);
        assert_eq!(arms.changed().len(), 2);

        let later = Arms::default();
        later.restore(rows);
        let (own, _) = later.arm("key-1/m", "p/m").tallies(5);
        assert_eq!(own.bad, 1.0);
        assert!(later.changed().is_empty());
    }

    #[test]
    fn what_nobody_uses_is_forgotten_after_a_week() {
        let arms = Arms::default();
        let used = arms.arm("a", "b");
        drop(arms.arm("c", "d"));
        used.record(Outcome::Failed(1.0), 0);
        assert_eq!(arms.len(), 4);
        arms.prune(1);
        assert_eq!(arms.len(), 4);
        arms.prune(FORGOTTEN_MS + 1);
        assert_eq!(arms.len(), 2);
    }
}
