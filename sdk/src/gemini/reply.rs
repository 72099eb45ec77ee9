//! What Google answers, whole or as one event of a stream, and the words of OpenAI for it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use crate::Usage;

/// A reply, or an event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply<'a> {
    #[serde(borrow, default)]
    pub(super) candidates: Vec<Candidate<'a>>,
    pub(super) prompt_feedback: Option<Feedback>,
    pub(super) usage_metadata: Option<Counts>,
    #[serde(borrow)]
    pub(super) response_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    #[serde(default)]
    pub(super) index: u32,
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    pub(super) finish_reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Content<'a> {
    #[serde(borrow, default)]
    pub(super) parts: Vec<Part<'a>>,
}

/// One part. Those of Google's own tools (code that it ran, and what came of it) are not known here: a client
/// of this dialect cannot ask for them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) thought: bool,
    #[serde(borrow)]
    pub(super) function_call: Option<FunctionCall<'a>>,
    pub(super) thought_signature: Option<String>,
}

/// A call: whole, or the next piece of one whose arguments come one by one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FunctionCall<'a> {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) args: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) partial_args: Vec<PartialArg>,
    #[serde(default)]
    pub(super) will_continue: bool,
}

/// A value, or the next piece of a text, at a place in the arguments.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartialArg {
    pub(super) json_path: String,
    pub(super) string_value: Option<String>,
    pub(super) number_value: Option<serde_json::Number>,
    pub(super) bool_value: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback {
    pub(super) block_reason: Option<String>,
}

/// What was used. The first events of a stream tell of nothing.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Counts {
    prompt_token_count: Option<u64>,
    /// What Google's own tools put into the prompt.
    tool_use_prompt_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
}

/// How a candidate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finish {
    /// A word of OpenAI's.
    As(&'static str),
    /// The model failed: worth another try where nothing came of it, else a stop.
    Fault,
}

impl Finish {
    /// Every word of Google's, and any it may yet invent.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "MAX_TOKENS" => Self::As("length"),
            "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII"
            | "MODEL_ARMOR" => Self::As("content_filter"),
            word if word.starts_with("IMAGE_") => Self::As("content_filter"),
            "MALFORMED_FUNCTION_CALL"
            | "UNEXPECTED_TOOL_CALL"
            | "TOO_MANY_TOOL_CALLS"
            | "MISSING_THOUGHT_SIGNATURE"
            | "MALFORMED_RESPONSE"
            | "OTHER" => Self::Fault,
            _ => Self::As("stop"),
        }
    }

    /// OpenAI's word; a call of a tool outranks a mere stop.
    pub(super) fn word(self, calls: bool) -> &'static str {
        match self {
            Self::As("stop") | Self::Fault if calls => "tool_calls",
            Self::As(word) => word,
            Self::Fault => "stop",
        }
    }
}

impl Counts {
    /// In the contract's terms; `None` if nothing was told.
    pub(super) fn usage(self) -> Option<Usage> {
        let sum = |one: Option<u64>, two: Option<u64>| match (one, two) {
            (None, None) => None,
            _ => Some(one.unwrap_or(0).saturating_add(two.unwrap_or(0))),
        };
        let input = sum(self.prompt_token_count, self.tool_use_prompt_token_count);
        let output = sum(self.candidates_token_count, self.thoughts_token_count);
        if input.is_none() && output.is_none() {
            return None;
        }
        Some(Usage {
            input,
            output,
            cached: self.cached_content_token_count,
            reasoning: self.thoughts_token_count,
            other: Vec::new(),
        })
    }
}

/// In OpenAI's words.
pub(super) fn usage_json(usage: &Usage) -> Json {
    let input = usage.input.unwrap_or(0);
    let output = usage.output.unwrap_or(0);
    let mut json = json!({
        "prompt_tokens": input,
        "completion_tokens": output,
        "total_tokens": input.saturating_add(output),
    });
    if let Some(cached) = usage.cached {
        json["prompt_tokens_details"] = json!({ "cached_tokens": cached });
    }
    if let Some(reasoning) = usage.reasoning {
        json["completion_tokens_details"] = json!({ "reasoning_tokens": reasoning });
    }
    json
}

/// A call as OpenAI has it. The signature goes along for clients that give it back; the host remembers it for
/// the others.
pub(super) fn call_json(id: &str, name: &str, arguments: &str, signature: Option<&str>) -> Json {
    let mut call = json!({
        "id": id,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    });
    if let Some(signature) = signature {
        call["extra_content"] = json!({"google": {"thought_signature": signature}});
    }
    call
}

/// The same JSON without white space between its tokens. Numbers keep their spelling.
pub(super) fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut inside, mut escaped) = (false, false);
    for letter in json.chars() {
        if inside {
            inside = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
        } else if letter.is_ascii_whitespace() {
            continue;
        } else {
            inside = letter == '"';
        }
        out.push(letter);
    }
    out
}
