//! Models.

use serde::{Deserialize, Serialize};

/// A model of a provider or an endpoint, whether or not a key for it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelView {
    /// `provider/model`, as clients may call it.
    pub id: String,
    /// The plugin's id or the endpoint's name.
    pub provider: String,
    /// The provider's own name of it.
    pub model: String,
    /// For people; may be empty.
    pub label: String,
    /// The same for one model across providers; may be empty.
    pub family: String,
    /// What it can do, in the contract's words: `chat`, `embeddings`, …
    pub tasks: Vec<String>,
    /// Window, tokens.
    pub context: Option<u64>,
    /// The longest answer, tokens.
    pub max_output: Option<u64>,
    /// `tools`, `vision`, …; `None` where nobody has said.
    pub traits: Option<Vec<String>>,
    /// How capable, 0 to 1000.
    pub rank: Option<u32>,
    /// A key for it takes part: it can be called.
    pub enabled: bool,
    /// Keys that can serve it.
    pub candidates: usize,
    /// Those of them that rest now.
    pub resting: usize,
}
