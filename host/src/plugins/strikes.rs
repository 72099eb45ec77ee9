//! Who does wrong too often rests.

use std::collections::VecDeque;

use parking_lot::Mutex;

use super::instance::{Bounds, Fault};

/// So many strikes within [`WINDOW_MS`] put a plugin aside.
pub const STRIKES: usize = 3;

/// How long a strike counts, milliseconds.
pub const WINDOW_MS: i64 = 10 * 60 * 1000;

/// How long a plugin is put aside, milliseconds. A new version of it starts with a clean record.
pub const QUARANTINE_MS: i64 = 10 * 60 * 1000;

/// An input of a larger part of the plugin's memory than one in so many may well be too much for a healthy guest.
const SMALL_PART: usize = 16;

/// An input from this size on, bytes, may well take a healthy guest longer than it may run.
const SLOW_BYTES: usize = 1 << 20;

/// What a guest was handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// By the call, bytes.
    pub call: usize,
    /// By all calls into the instance, this one included: what it may hold on to, bytes.
    pub held: usize,
}

/// The record of one version of a plugin.
#[derive(Debug, Default)]
pub struct Strikes(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    recent: VecDeque<i64>,
    until_ms: i64,
    total: u64,
}

impl Weight {
    /// Of the first call into an instance.
    #[must_use]
    pub fn of(read: usize) -> Self {
        Self {
            call: read,
            held: read,
        }
    }
}

/// Whether a fault is the guest's own doing: no client may put a plugin aside for all others by what it sends.
fn is_own_doing(fault: Fault, weight: Weight, bounds: Bounds) -> bool {
    match fault {
        Fault::NoInstance => false,
        Fault::Trap | Fault::Output => true,
        Fault::Memory => weight.held < bounds.memory / SMALL_PART,
        // On a busy machine a healthy guest runs into its wall clock without having run.
        Fault::Deadline { .. } => {
            weight.call < SLOW_BYTES && !fault.is_starved(bounds.deadline_for(weight.call))
        }
    }
}

impl Strikes {
    /// Counts a fault, if it is the guest's own doing. True when it puts the plugin aside.
    pub fn count(&self, fault: Fault, weight: Weight, bounds: Bounds, now_ms: i64) -> bool {
        if !is_own_doing(fault, weight, bounds) {
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
    use std::time::Duration;

    use super::*;

    const BOUNDS: Bounds = Bounds {
        memory: 64 << 20,
        deadline: Duration::from_millis(250),
    };

    fn count(strikes: &Strikes, fault: Fault, now_ms: i64) -> bool {
        strikes.count(fault, Weight::of(100), BOUNDS, now_ms)
    }

    #[test]
    fn three_in_ten_minutes_put_aside_and_time_forgives() {
        let strikes = Strikes::default();
        assert!(!count(&strikes, Fault::Trap, 0));
        assert!(!count(&strikes, Fault::Memory, 1000));
        assert!(
            !count(&strikes, Fault::Output, WINDOW_MS),
            "the first is forgotten"
        );
        assert!(!strikes.resting(WINDOW_MS));
        assert!(
            count(&strikes, Fault::Trap, WINDOW_MS + 1),
            "third within ten minutes of the second is not yet forgotten"
        );
        assert!(strikes.resting(WINDOW_MS + 2));
        assert!(!strikes.resting(WINDOW_MS + 1 + QUARANTINE_MS));
    }

    #[test]
    fn a_fault_is_the_guests_own_unless_the_input_or_the_machine_may_be_why() {
        const MIB: usize = 1 << 20;
        let deadline = |cpu_ms| Fault::Deadline { cpu_ms };
        let streamed = |call, held| Weight { call, held };
        for (fault, weight, own) in [
            (Fault::NoInstance, Weight::of(0), false),
            (Fault::Trap, Weight::of(0), true),
            (Fault::Trap, Weight::of(30 * MIB), true),
            (Fault::Output, Weight::of(30 * MIB), true),
            (Fault::Memory, Weight::of(4 * MIB - 1), true),
            (Fault::Memory, Weight::of(4 * MIB), false),
            (Fault::Memory, streamed(100, 4 * MIB), false),
            (deadline(3), Weight::of(0), false),
            (deadline(124), Weight::of(0), false),
            (deadline(125), Weight::of(0), true),
            (deadline(250), Weight::of(MIB - 1), true),
            (deadline(300), Weight::of(MIB), false),
            // What came before does not slow this call down.
            (deadline(250), streamed(100, 4 * MIB), true),
            // Its deadline has grown to 312 ms, of which it has used less than half.
            (deadline(150), Weight::of(MIB - 1), false),
        ] {
            let strikes = Strikes::default();
            strikes.count(fault, weight, BOUNDS, 0);
            assert_eq!(strikes.total(), u64::from(own), "{fault:?} {weight:?}");
        }
    }
}
