//! What the store keeps of limits over a restart.

/// Units of one window that count as spent. Written before any of them is handed out, so that a crash counts
/// too much by at most one block, and never too little. A row of its own by `meter` and `start_ms`; the blocks of
/// one slot add up. A later figure for the same row takes the earlier one's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Name of the meter; unique to what is counted, for whom and over which window.
    pub meter: String,
    /// Start of the counted slot, milliseconds since 1970 UTC, and one more for each further block in it.
    pub start_ms: i64,
    /// From when on the slot no longer matters and its row may go.
    pub end_ms: i64,
    /// Units this block counts for.
    pub spent: i64,
}

/// Somebody who rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cooldown {
    /// Who: `key:ID`, `model:ID/MODEL`, `account:…`, `provider:NAME`.
    pub subject: String,
    /// Until when, milliseconds since 1970 UTC.
    pub until_ms: i64,
    /// The failure's kind, as in the contract: `rate-limited`.
    pub kind: String,
    /// The upstream said so, or the fault leaves no doubt. Otherwise it is the router's guess, and who rests
    /// for a guess is still tried when nobody else is left.
    pub hard: bool,
    /// Failures in a row, from which the next rest follows.
    pub strikes: i64,
    /// For people; without credentials.
    pub reason: String,
}
