//! The request log, the counts of the start page, and notices of changes.

use serde::{Deserialize, Serialize};

use crate::KeyState;

/// Some requests, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestPage {
    /// At most as many as were asked for.
    pub items: Vec<RequestView>,
    /// `before` of the next page; `None` at the end.
    pub next: Option<String>,
}

/// A client's request that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// Unique; later requests have greater ones.
    pub id: String,
    /// When it came.
    pub at_ms: i64,
    /// Id of the unified key.
    pub client_key: String,
    /// The model as the client named it. A client's words: anything may stand here.
    pub requested_model: String,
    /// Who served it; empty if nobody did.
    pub provider: String,
    /// The model that served it.
    pub model: String,
    /// The provider key that served it.
    pub key_id: String,
    /// What the client got; 499: it left before.
    pub status: i64,
    /// It asked for a stream.
    pub streamed: bool,
    /// Attempts at providers.
    pub attempts: i64,
    /// `provider/model=kind` of each attempt that failed, in order.
    pub trail: Vec<String>,
    /// Tokens of the prompt.
    pub input_tokens: Option<i64>,
    /// Tokens of the answer.
    pub output_tokens: Option<i64>,
    /// To the first content, milliseconds.
    pub first_content_ms: Option<i64>,
    /// To the end, milliseconds.
    pub total_ms: Option<i64>,
    /// Why it failed.
    pub error_kind: Option<String>,
    /// CPU time in plugins, microseconds.
    pub guest_us: i64,
}

/// The counts of the start page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// The server's version.
    pub version: String,
    /// Keys and endpoints.
    pub keys: KeyCounts,
    /// Plugins, by what became of them.
    pub plugins: PluginCounts,
    /// Models that can be called.
    pub models: usize,
    /// Pairs of key and model that can be called.
    pub candidates: usize,
    /// The last 24 hours.
    pub requests: RequestCounts,
}

/// Keys by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyCounts {
    pub healthy: usize,
    pub rate_limited: usize,
    pub invalid: usize,
    pub error: usize,
    pub disabled: usize,
    pub waiting: usize,
}

/// Plugins by state; those that another version comes before are left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginCounts {
    pub active: usize,
    pub needs_consent: usize,
    pub broken: usize,
    pub disabled: usize,
}

/// Requests of a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCounts {
    /// All.
    pub total: i64,
    /// Those answered with 200.
    pub succeeded: i64,
    /// Tokens of their prompts.
    pub input_tokens: i64,
    /// Tokens of their answers.
    pub output_tokens: i64,
}

/// Something changed: ask for it anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// What did.
    pub what: Vec<Topic>,
}

/// What can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Keys, endpoints, how they fare, and with them the models.
    Keys,
    /// Plugins, and with them providers and models.
    Plugins,
    /// The request log.
    Requests,
}

impl KeyCounts {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.healthy + self.rate_limited + self.invalid + self.error + self.disabled + self.waiting
    }

    /// Counts one more.
    pub fn count(&mut self, state: KeyState) {
        let counter = match state {
            KeyState::Healthy => &mut self.healthy,
            KeyState::RateLimited => &mut self.rate_limited,
            KeyState::Invalid => &mut self.invalid,
            KeyState::Error => &mut self.error,
            KeyState::Disabled => &mut self.disabled,
            KeyState::Waiting => &mut self.waiting,
        };
        *counter += 1;
    }
}
