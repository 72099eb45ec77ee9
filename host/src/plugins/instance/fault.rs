//! Why a call did not come back with an answer.

use std::time::Duration;

/// Why a call did not come back with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No instance could be made.
    NoInstance,
    /// It ran into a trap: a panic, an `unreachable`, a bad access.
    Trap,
    /// It was still running at its deadline, and had used this share of it as CPU time.
    Deadline {
        /// The thread's CPU time in the call, milliseconds.
        cpu_ms: u64,
    },
    /// It wanted more memory than it may have.
    Memory,
    /// It handed back more than it may.
    Output,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoInstance => f.write_str("no sandbox could be made for the plugin"),
            Self::Trap => f.write_str("the plugin trapped"),
            Self::Deadline { cpu_ms } => {
                write!(
                    f,
                    "the plugin did not finish in time (used {cpu_ms} ms of CPU)"
                )
            }
            Self::Memory => f.write_str("the plugin wanted more memory than it may have"),
            Self::Output => f.write_str("the plugin's answer is larger than it may be"),
        }
    }
}

impl std::error::Error for Fault {}

impl Fault {
    pub(super) fn of_trap(trap: &wasmtime::Trap, cpu: Duration) -> Self {
        match trap {
            wasmtime::Trap::Interrupt => Self::Deadline {
                cpu_ms: u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX),
            },
            _ => Self::Trap,
        }
    }

    /// Whether it is a deadline of this length that came without the guest having run for most of it: the machine
    /// was busy, and the guest may be healthy.
    #[must_use]
    pub fn is_starved(self, deadline: Duration) -> bool {
        match self {
            Self::Deadline { cpu_ms } => {
                u128::from(cpu_ms.saturating_mul(2)) < deadline.as_millis()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_deadline_without_use_of_the_processor_is_starved() {
        let deadline = Duration::from_millis(250);
        assert!(Fault::Deadline { cpu_ms: 124 }.is_starved(deadline));
        assert!(!Fault::Deadline { cpu_ms: 125 }.is_starved(deadline));
        assert!(!Fault::Deadline { cpu_ms: u64::MAX }.is_starved(deadline));
        assert!(!Fault::Trap.is_starved(deadline));
    }
}
