//! The list of models that `GET /models` gives.

use serde::Deserialize;

use super::{Gemini, PAGE};
use crate::{Failure, Listing, Model, RawModel, failure};

/// What generates something else than text, or is reached in another way.
const OTHER: &[&str] = &[
    "-tts",
    "-image",
    "image-generation",
    "imagen",
    "veo",
    "lyria",
    "native-audio",
    "-live",
    "computer-use",
    "robotics",
    "embedding",
    "deep-research",
    "aqa",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    models: Vec<Row>,
    next_page_token: Option<String>,
}

/// One row of the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Row {
    /// `models/gemini-2.5-flash`
    pub name: String,
    /// For people.
    pub display_name: Option<String>,
    /// Window, tokens.
    pub input_token_limit: Option<u64>,
    /// The longest answer, tokens.
    pub output_token_limit: Option<u64>,
    /// `generateContent`, `countTokens`, `embedContent`, …
    pub supported_generation_methods: Vec<String>,
    /// It thinks before it answers.
    pub thinking: bool,
}

/// Reads a page of the list, and plans the request for the next one.
///
/// # Errors
/// `malformed-reply` if it is none.
pub fn decode_models(dialect: &Gemini, body: &[u8]) -> Result<Listing, Failure> {
    let page: Page = serde_json::from_slice(body)
        .map_err(|error| failure::malformed(format!("this is no list of models: {error}")))?;
    let next = page.next_page_token.filter(|token| !token.is_empty());
    Ok(Listing {
        models: page.models.iter().filter_map(model).collect(),
        next: next.map(|token| dialect.list(PAGE, Some(&token))),
        extra: Vec::new(),
    })
}

/// Reads a row; `None` for one that does not chat.
#[must_use]
pub fn model(row: &Row) -> Option<RawModel> {
    let id = row.name.strip_prefix("models/").unwrap_or(&row.name);
    let chats = row
        .supported_generation_methods
        .iter()
        .any(|method| method == "generateContent");
    if id.is_empty() || !chats || OTHER.iter().any(|word| id.contains(word)) {
        return None;
    }
    let label = row.display_name.as_deref().unwrap_or(id);
    let mut model = Model::chat(id, label).traits(traits(id)).build();
    model.context = row.input_token_limit;
    model.max_output = row.output_token_limit;
    if row.thinking {
        model.traits.push("reasoning".to_owned());
    }
    Some(model)
}

/// The list does not tell; the families do.
fn traits(id: &str) -> &'static str {
    if id.starts_with("gemini-") {
        "tools vision audio documents json-object json-schema"
    } else if id.starts_with("gemma-3-1b") || id.starts_with("gemma-3n") {
        ""
    } else {
        "vision"
    }
}
