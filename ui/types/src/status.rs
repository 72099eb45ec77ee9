//! How a key fares.

use serde::{Deserialize, Serialize};

/// How a key fares, with when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStatus {
    /// The dot.
    pub state: KeyState,
    /// Why, for people; empty where there is nothing to say. May hold a provider's own words.
    pub reason: String,
    /// When this was found out.
    pub since_ms: Option<i64>,
    /// When the key is tried again.
    pub until_ms: Option<i64>,
    /// Models of the key that rest alone, while the key itself does not.
    pub models: Vec<ModelRest>,
}

/// The word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// The last answer was good.
    Healthy,
    /// It rests until `until_ms`: the provider's limit is reached.
    RateLimited,
    /// The provider refuses it.
    Invalid,
    /// Something else went wrong, or its secret cannot be read.
    Error,
    /// Switched off by the user.
    Disabled,
    /// Not tried yet, or its plugin does not serve; `reason` says which.
    Waiting,
}

/// A model that rests with one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRest {
    /// The provider's name of it.
    pub model: String,
    /// `rate-limited` and the like, in the plugin contract's words.
    pub kind: String,
    /// For people; may be empty.
    pub reason: String,
    /// When it is tried again.
    pub until_ms: i64,
}
