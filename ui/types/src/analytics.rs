//! What the request log comes to.

use serde::{Deserialize, Serialize};

/// Of a span of time that ends now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analytics {
    /// All requests of the span.
    pub total: Figures,
    /// The time that half of the good answers took at most, milliseconds.
    pub p50_ms: Option<i64>,
    /// The time that all but a twentieth of them took at most.
    pub p95_ms: Option<i64>,
    /// The length of a step, milliseconds: an hour or a day, UTC.
    pub step_ms: i64,
    /// One step after the other, the earliest first, also those in which nothing came.
    pub steps: Vec<Step>,
    /// By provider, the busiest first. An empty name: nobody was tried.
    pub providers: Vec<Share>,
    /// By model, the busiest first.
    pub models: Vec<Share>,
}

/// Sums and means of requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// All.
    pub requests: i64,
    /// Those answered with 200.
    pub succeeded: i64,
    /// Tokens of their prompts.
    pub input_tokens: i64,
    /// Tokens of their answers.
    pub output_tokens: i64,
    /// Mean time to the first content of good answers, milliseconds.
    pub first_content_ms: Option<i64>,
    /// Mean time to the end of good answers, milliseconds.
    pub total_ms: Option<i64>,
}

/// An hour or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its beginning.
    pub at_ms: i64,
    /// Its requests.
    pub figures: Figures,
}

/// A provider or a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The provider, or `provider/model`.
    pub name: String,
    /// Its requests.
    pub figures: Figures,
}
