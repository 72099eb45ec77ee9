//! What the host knows of a request without asking a plugin: sizes and traits.

use crate::json::{Text, Value};

use super::ChatRequest;

/// Characters of text that are counted as one token. English and code have about four; the estimate is only for
/// choosing and reserving, and is settled by what the provider says.
pub const CHARS_PER_TOKEN: u64 = 4;

/// Tokens counted for an image, a sound or a document: what a picture of about a megapixel costs.
pub const ATTACHMENT_TOKENS: u64 = 1000;

/// The `outline` of `wit/provider.wit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Length of the canonical body, bytes.
    pub body_bytes: u64,
    /// Estimate of the prompt, tokens.
    pub input_tokens: u64,
    /// The most tokens the client wants back.
    pub max_output: Option<u64>,
    /// Number of messages.
    pub items: u32,
    /// What the request uses, in the contract's words and order, each once.
    pub traits: Vec<&'static str>,
}

/// The contract's words.
const TRAITS: [&str; 15] = [
    "tools",
    "tool-results",
    "parallel-tools",
    "images",
    "audio",
    "documents",
    "json-object",
    "json-schema",
    "reasoning",
    "logprobs",
    "many",
    "system",
    "developer",
    "content-parts",
    "stream-usage",
];

#[derive(Default)]
struct Survey {
    chars: u64,
    attachments: u64,
    traits: Vec<&'static str>,
}

impl Outline {
    /// Whether the request uses something, by the contract's word.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.traits.contains(&word)
    }
}

pub(super) fn of(request: &ChatRequest<'_>) -> Outline {
    let body = request.body();
    let mut survey = Survey::default();
    let messages = body
        .get("messages")
        .and_then(Value::as_array)
        .unwrap_or_default();
    messages.iter().for_each(|message| survey.message(message));
    if let Some(tools) = body.get("tools") {
        survey.mark("tools");
        survey.anything(tools);
    }
    // The same in the words of before: a call of one is carried out as well.
    if let Some(functions) = body.get("functions") {
        survey.mark("tools");
        survey.anything(functions);
    }
    let word = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    match word("/response_format/type").as_deref() {
        Some("json_object") => survey.mark("json-object"),
        Some("json_schema") => {
            survey.mark("json-schema");
            body.get("response_format")
                .into_iter()
                .for_each(|format| survey.anything(format));
        }
        _ => {}
    }
    let flag = |name: &str| body.get(name).and_then(Value::as_bool).unwrap_or(false);
    let audio = body
        .get("modalities")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for (holds, word) in [
        (flag("parallel_tool_calls"), "parallel-tools"),
        (
            word("/reasoning_effort").is_some_and(|effort| effort != "none"),
            "reasoning",
        ),
        (body.get("reasoning").is_some(), "reasoning"),
        (flag("logprobs"), "logprobs"),
        (request.n() > 1, "many"),
        (request.include_usage(), "stream-usage"),
        (
            audio.filter_map(Value::as_text).any(|kind| kind == "audio"),
            "audio",
        ),
    ] {
        if holds {
            survey.mark(word);
        }
    }
    Outline {
        body_bytes: body.size() as u64,
        input_tokens: survey.chars.div_ceil(CHARS_PER_TOKEN)
            + survey.attachments * ATTACHMENT_TOKENS,
        max_output: request.max_output(),
        items: u32::try_from(messages.len()).unwrap_or(u32::MAX),
        traits: TRAITS
            .into_iter()
            .filter(|word| survey.traits.contains(word))
            .collect(),
    }
}

impl Survey {
    fn mark(&mut self, word: &'static str) {
        if !self.traits.contains(&word) {
            self.traits.push(word);
        }
    }

    fn text(&mut self, text: &Text<'_>) {
        self.chars += text.chars() as u64;
    }

    fn message(&mut self, message: &Value<'_>) {
        let role = message.get("role").and_then(Value::as_str);
        match role.as_deref() {
            Some("system") => self.mark("system"),
            Some("developer") => self.mark("developer"),
            Some("tool" | "function") => self.mark("tool-results"),
            _ => {}
        }
        for (name, value) in message
            .as_object()
            .into_iter()
            .flat_map(crate::json::Object::iter)
        {
            match (name, value) {
                ("role" | "tool_call_id", _) => {}
                ("content", Value::Array(parts)) => {
                    self.mark("content-parts");
                    parts.iter().for_each(|part| self.part(part));
                }
                (_, value) => self.anything(value),
            }
        }
    }

    fn part(&mut self, part: &Value<'_>) {
        let kind = part.get("type").and_then(Value::as_str);
        let word = match kind.as_deref().unwrap_or_default() {
            "image_url" | "input_image" | "image" => "images",
            "input_audio" | "audio" | "audio_url" => "audio",
            "file" | "input_file" | "document" => "documents",
            _ => {
                return match part.get("text") {
                    Some(Value::String(text)) => self.text(text),
                    _ => self.anything(part),
                };
            }
        };
        self.mark(word);
        self.attachments += 1;
    }

    /// All that a model is shown of a value: its names and its scalars.
    fn anything(&mut self, value: &Value<'_>) {
        match value {
            Value::String(text) => self.text(text),
            Value::Number(number) => self.chars += number.spelling().len() as u64,
            Value::Array(list) => list.iter().for_each(|value| self.anything(value)),
            Value::Object(object) => object.iter().for_each(|(name, value)| {
                self.chars += name.len() as u64;
                self.anything(value);
            }),
            Value::Null | Value::Bool(_) => self.chars += 4,
        }
    }
}
