//! What the router does where the operator has a choice.

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// What becomes of a stream that breaks off.
    pub rescue: Rescue,
    /// Everybody rests or is at a limit: 429 instead of 503.
    pub exhausted_is_429: bool,
    /// A second candidate is asked when the first is later than its model nearly always is.
    pub hedge: bool,
    /// A model that takes a conversation over is told so.
    pub handoff: bool,
}

/// What becomes of a stream that breaks off after part of it has gone out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rescue {
    /// It ends in an error.
    Off,
    /// Another candidate goes on where it broke off.
    #[default]
    On,
    /// The same, and the text says where.
    Marked,
}
