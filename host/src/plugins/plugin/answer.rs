//! Why a plugin gave no answer.

use crate::plugins::guests::Busy;
use crate::plugins::instance::Fault;

/// No answer of the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// It did wrong.
    Fault(Fault),
    /// It did wrong too often of late and rests.
    Quarantined,
    /// Too many wait for a sandbox, or none could be made.
    Busy,
    /// It has too little memory for an input of this size; it was not called.
    TooLarge,
}

impl NoAnswer {
    /// Whether the server did not let the guest do its work, so that nothing can be held against the guest in this.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        match self {
            Self::Fault(fault) => *fault == Fault::NoInstance,
            Self::Quarantined | Self::Busy | Self::TooLarge => true,
        }
    }
}

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Quarantined => f.write_str(
                "the plugin failed too often in a short time and is set aside for a while",
            ),
            Self::Busy => f.write_str("the server has no free sandbox"),
            Self::TooLarge => {
                f.write_str("this is more than the plugin's memory is sure to suffice for")
            }
        }
    }
}

impl std::error::Error for NoAnswer {}

impl From<Busy> for NoAnswer {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<Fault> for NoAnswer {
    fn from(fault: Fault) -> Self {
        match fault {
            // The guest has not run.
            Fault::NoInstance => Self::Busy,
            fault => Self::Fault(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kept_the_guest_from_working_is_ours() {
        assert_eq!(NoAnswer::from(Fault::NoInstance), NoAnswer::Busy);
        for (no_answer, ours) in [
            (NoAnswer::Busy, true),
            (NoAnswer::Quarantined, true),
            (NoAnswer::TooLarge, true),
            (NoAnswer::from(Fault::NoInstance), true),
            (NoAnswer::from(Fault::Trap), false),
            (NoAnswer::from(Fault::Memory), false),
            (NoAnswer::from(Fault::Output), false),
            (NoAnswer::from(Fault::Deadline { cpu_ms: 250 }), false),
        ] {
            assert_eq!(no_answer.is_ours(), ours, "{no_answer:?}");
        }
    }
}
