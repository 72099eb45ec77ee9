//! What Cohere answers, whole or in events, and OpenAI's words for it.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::{Failure, Usage, failure};

/// A whole reply.
#[derive(Deserialize)]
pub(super) struct Whole {
    #[serde(default)]
    pub(super) id: String,
    pub(super) message: Message,
    #[serde(default)]
    pub(super) finish_reason: String,
    pub(super) usage: Option<Counts>,
}

#[derive(Deserialize)]
pub(super) struct Message {
    #[serde(default)]
    pub(super) content: Option<Vec<Block>>,
    #[serde(default)]
    pub(super) tool_plan: Option<String>,
    #[serde(default)]
    pub(super) tool_calls: Option<Vec<Called>>,
    #[serde(default)]
    pub(super) citations: Option<Vec<Json>>,
}

/// A block of content, or the piece of one. Those of other types hold neither.
#[derive(Default, Deserialize)]
pub(super) struct Block {
    #[serde(default)]
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) thinking: Option<String>,
}

/// A tool call, or the piece of one.
#[derive(Default, Deserialize)]
pub(super) struct Called {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) function: Function,
}

#[derive(Default, Deserialize)]
pub(super) struct Function {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) arguments: Option<String>,
}

/// `tokens` is what the model saw and wrote; `billed_units` leaves out what Cohere adds to a prompt.
#[derive(Default, Deserialize)]
pub(super) struct Counts {
    #[serde(default)]
    tokens: Tokens,
    #[serde(default)]
    billed_units: Tokens,
    cached_tokens: Option<f64>,
}

#[derive(Default, Deserialize)]
struct Tokens {
    input_tokens: Option<f64>,
    output_tokens: Option<f64>,
    reasoning_tokens: Option<f64>,
}

impl Counts {
    /// `None` if nothing was told.
    pub(super) fn usage(&self) -> Option<Usage> {
        let amount = |told: Option<f64>, billed: Option<f64>| {
            told.or(billed).map(|count| count.max(0.0) as u64)
        };
        let usage = Usage {
            input: amount(self.tokens.input_tokens, self.billed_units.input_tokens),
            output: amount(self.tokens.output_tokens, self.billed_units.output_tokens),
            cached: amount(self.cached_tokens, None),
            reasoning: amount(self.tokens.reasoning_tokens, None),
            other: Vec::new(),
        };
        (usage.input.is_some() || usage.output.is_some()).then_some(usage)
    }
}

/// OpenAI's word for how an answer ended.
///
/// # Errors
/// What it means if it did not end well.
pub(super) fn finish(word: &str) -> Result<&'static str, Failure> {
    Ok(match word {
        "MAX_TOKENS" => "length",
        "TOOL_CALL" => "tool_calls",
        "ERROR_TOXIC" => "content_filter",
        "ERROR_LIMIT" => {
            return Err(failure::of(
                "too-long",
                "the conversation is too long for the model",
            ));
        }
        "TIMEOUT" => {
            return Err(failure::of("overloaded", "the model took too long"));
        }
        "ERROR" => {
            return Err(failure::of(
                "upstream-broken",
                "the model ended with an error",
            ));
        }
        _ => "stop",
    })
}

/// A citation whose source has an address, as an annotation; `before` is how much text stands before its block.
pub(super) fn annotation(citation: &Json, before: u64) -> Option<Json> {
    let sources = citation["sources"].as_array()?;
    let (url, source) = sources.iter().find_map(|source| {
        let source = ["document", "tool_output"]
            .iter()
            .find_map(|name| source.get(*name))?;
        let url = source["url"]
            .as_str()
            .filter(|url| url.starts_with("http"))?;
        Some((url, source))
    })?;
    Some(json!({
        "type": "url_citation",
        "url_citation": {
            "start_index": before + citation["start"].as_u64()?,
            "end_index": before + citation["end"].as_u64()?,
            "url": url,
            "title": source["title"].as_str().unwrap_or(url),
        },
    }))
}

/// OpenAI's usage.
pub(super) fn usage_json(usage: &Usage) -> Json {
    let (input, output) = (usage.input.unwrap_or(0), usage.output.unwrap_or(0));
    json!({
        "prompt_tokens": input,
        "completion_tokens": output,
        "total_tokens": input + output,
        "prompt_tokens_details": {"cached_tokens": usage.cached.unwrap_or(0)},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning.unwrap_or(0)},
    })
}
