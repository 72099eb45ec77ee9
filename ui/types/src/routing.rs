//! Why the order of candidates is what it is.

use serde::{Deserialize, Serialize};

/// What a name of a model stands for, and in which order its candidates would be tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteExplanation {
    /// The name that was asked about.
    pub model: String,
    /// Shares of the score; `None` where nothing is weighed and the order itself decides.
    pub weights: Option<RouteWeights>,
    /// The user's priorities come before the score.
    pub priorities_first: bool,
    /// The most likely first; those that cannot serve such a request last.
    pub candidates: Vec<RouteCandidate>,
}

/// What counts how much; together 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RouteWeights {
    /// That an answer comes.
    pub reliability: f32,
    /// How quickly.
    pub speed: f32,
    /// How good it is.
    pub capability: f32,
    /// How much is left of limits.
    pub headroom: f32,
}

/// One candidate, as things stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteCandidate {
    /// `provider/model`.
    pub name: String,
    /// The key's id.
    pub key: String,
    /// The user's priority; lower goes first.
    pub priority: i64,
    /// Expected share of answers, 0 to 1.
    pub reliability: f32,
    /// 0 to 1: pace and promptness.
    pub speed: f32,
    /// Mean time to the first content, milliseconds.
    pub first_ms: Option<f64>,
    /// Mean pace.
    pub tokens_per_s: Option<f64>,
    /// 0 to 1: the catalogue's rank.
    pub capability: f32,
    /// Share that is left of the scarcest limit, 0 to 1.
    pub headroom: f32,
    /// What scarcity leaves of the score, 0 to 1.
    pub scarcity: f32,
    /// What it comes to; `None` where nothing is weighed. A request draws the reliability by chance, so that the order
    /// of near scores varies.
    pub score: Option<f32>,
    /// Outcomes that the figures rest on, as they weigh now.
    pub seen: f64,
    /// So little is known that it is tried out now and then.
    pub new: bool,
    /// Why it cannot serve such a request.
    pub lack: Option<String>,
    /// Why it rests.
    pub rests: Option<String>,
    /// For how long, milliseconds.
    pub rests_ms: Option<i64>,
}
