//! Who does wrong too often rests.

use std::collections::VecDeque;

use parking_lot::Mutex;

use super::instance::Fault;

/// So many strikes within [`WINDOW_MS`] put a plugin aside.
pub const STRIKES: usize = 3;

/// How long a strike counts, milliseconds.
pub const WINDOW_MS: i64 = 10 * 60 * 1000;

/// How long a plugin is put aside, milliseconds. A new version of it starts with a clean record.
pub const QUARANTINE_MS: i64 = 10 * 60 * 1000;

/// The record of one version of a plugin.
#[derive(Debug, Default)]
pub struct Strikes(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    recent: VecDeque<i64>,
    until_ms: i64,
    total: u64,
}

impl Strikes {
    /// Counts a fault, if it is the guest's own doing. True when it puts the plugin aside.
    pub fn count(&self, fault: Fault, deadline_ms: u64, now_ms: i64) -> bool {
        let own_doing = match fault {
            Fault::NoInstance => false,
            Fault::Trap | Fault::Memory | Fault::Output => true,
            // On a busy machine a healthy guest runs into its wall clock without having run.
            Fault::Deadline { cpu_ms } => cpu_ms.saturating_mul(2) >= deadline_ms,
        };
        if !own_doing {
            return false;
        }
        let mut state = self.0.lock();
        state.total += 1;
        state.recent.push_back(now_ms);
        while state
            .recent
            .front()
            .is_some_and(|at| *at <= now_ms - WINDOW_MS)
        {
            state.recent.pop_front();
        }
        if state.recent.len() < STRIKES {
            return false;
        }
        state.recent.clear();
        state.until_ms = now_ms + QUARANTINE_MS;
        true
    }

    /// Whether the plugin is put aside now.
    #[must_use]
    pub fn resting(&self, now_ms: i64) -> bool {
        self.0.lock().until_ms > now_ms
    }

    /// Strikes since the version was loaded.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.lock().total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_ten_minutes_put_aside_and_time_forgives() {
        let strikes = Strikes::default();
        assert!(!strikes.count(Fault::Trap, 250, 0));
        assert!(!strikes.count(Fault::Memory, 250, 1000));
        assert!(
            !strikes.count(Fault::Output, 250, WINDOW_MS),
            "the first is forgotten"
        );
        assert!(!strikes.resting(WINDOW_MS));
        assert!(
            strikes.count(Fault::Trap, 250, WINDOW_MS + 1),
            "third within ten minutes of the second is not yet forgotten"
        );
        assert!(strikes.resting(WINDOW_MS + 2));
        assert!(!strikes.resting(WINDOW_MS + 1 + QUARANTINE_MS));
    }

    #[test]
    fn a_deadline_without_use_of_the_processor_is_no_strike() {
        let strikes = Strikes::default();
        for at in 0..10 {
            assert!(!strikes.count(Fault::Deadline { cpu_ms: 3 }, 250, at));
            assert!(!strikes.count(Fault::NoInstance, 250, at));
        }
        assert_eq!(strikes.total(), 0);
        assert!(!strikes.count(Fault::Deadline { cpu_ms: 250 }, 250, 0));
        assert_eq!(strikes.total(), 1);
    }
}
