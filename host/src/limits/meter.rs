//! A limit as the ledger sees it, and the words of the contract that describe one.

use std::sync::Arc;

use super::zone::Zone;

/// One limit of a candidate, made from the contract's quota by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// Unique to what is counted, for whom and over which window; see [`meter_name`].
    pub name: Arc<str>,
    /// Whose it is, as [`scope`] gives it.
    pub scope: Arc<str>,
    pub unit: Unit,
    /// Length of the window; 0 for `concurrent` and for a stock that does not refill.
    pub window_ms: i64,
    pub anchor: Anchor,
    /// The most in one window.
    pub limit: u64,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Unit {
    Requests,
    /// Input and output together.
    Tokens,
    InputTokens,
    OutputTokens,
    /// Requests at the same time.
    Concurrent,
    /// A provider's own meter. Nobody knows what a request costs in it, so it only stops requests once the
    /// upstream has said that nothing is left.
    Other(String),
}

/// When a window starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anchor {
    Rolling,
    /// With the first request after the last window ended.
    FirstUse,
    /// At this zone's midnight; a window of 28 to 31 days at that of a calendar month.
    Zone(Zone),
    /// At an instant only the upstream knows. Counted as rolling, which keeps every such window whatever its phase.
    Fixed,
}

/// What one request needs of its meters, besides being one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Need {
    /// Estimate.
    pub input_tokens: u64,
    /// Upper bound: the maximum the request allows, or the estimate of it.
    pub output_tokens: u64,
}

impl Unit {
    pub fn parse(word: &str) -> Unit {
        match word {
            "requests" => Unit::Requests,
            "tokens" => Unit::Tokens,
            "input-tokens" => Unit::InputTokens,
            "output-tokens" => Unit::OutputTokens,
            "concurrent" => Unit::Concurrent,
            other => Unit::Other(other.to_owned()),
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Unit::Requests => "requests",
            Unit::Tokens => "tokens",
            Unit::InputTokens => "input-tokens",
            Unit::OutputTokens => "output-tokens",
            Unit::Concurrent => "concurrent",
            Unit::Other(word) => word,
        }
    }

    /// Units that one request takes.
    pub(super) fn amount(&self, input: u64, output: u64) -> u64 {
        match self {
            Unit::Requests | Unit::Concurrent => 1,
            Unit::Tokens => input.saturating_add(output),
            Unit::InputTokens => input,
            Unit::OutputTokens => output,
            Unit::Other(_) => 0,
        }
    }
}

impl Anchor {
    /// An unknown zone is counted as rolling and not as some other zone's day: windows of the wrong phase
    /// would let two limits into one of the upstream's days, a rolling one keeps the limit in any phase.
    pub fn parse(word: &str) -> Anchor {
        match word {
            "" | "rolling" => Anchor::Rolling,
            "first-use" => Anchor::FirstUse,
            "fixed" => Anchor::Fixed,
            zone => Zone::parse(zone).map_or(Anchor::Rolling, Anchor::Zone),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Anchor::Rolling => "rolling",
            Anchor::FirstUse => "first-use",
            Anchor::Zone(zone) => zone.name(),
            Anchor::Fixed => "fixed",
        }
    }
}

/// A word of the contract's `quota.scope` as it is counted: an unknown one is `model`.
pub fn scope(word: &str) -> &str {
    match word {
        "key" | "account" | "ip" | "ip-model" | "provider" => word,
        group if group.starts_with("group:") => group,
        _ => "model",
    }
}

/// The name of a meter: `key-1|llama|requests|60|rolling`. `whose` is a word of the contract's
/// `quota.scope`. Keys of the same provider share the meters of scope `ip`, `ip-model` and `provider`;
/// which keys belong to one account is not known, so `account` is the key's.
pub fn meter_name(
    whose: &str,
    provider: &str,
    key_id: &str,
    model: &str,
    unit: &Unit,
    window_ms: i64,
    anchor: Anchor,
) -> String {
    let whose = match scope(whose) {
        "key" => format!("{key_id}|*"),
        "account" => format!("{key_id}@account|*"),
        "ip" => format!("{provider}@ip|*"),
        "ip-model" => format!("{provider}@ip|{model}"),
        "provider" => format!("{provider}@provider|*"),
        group if group.starts_with("group:") => format!("{key_id}|{group}"),
        _ => format!("{key_id}|{model}"),
    };
    let window = if window_ms % 1000 == 0 {
        format!("{}", window_ms / 1000)
    } else {
        format!("{window_ms}ms")
    };
    format!("{whose}|{}|{window}|{}", unit.name(), anchor.name())
}
