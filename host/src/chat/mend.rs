//! Repairs that a chunk's `delta` and an answer's `message` share. Each says whether it changed anything, so
//! that what was right already goes out as the bytes that came.

use std::borrow::Cow;

use crate::json::{Object, Text, Value};

use super::{Seed, Usage};

/// The closed set of OpenAI's finish reasons.
const FINISHES: [&str; 5] = [
    "stop",
    "length",
    "tool_calls",
    "content_filter",
    "function_call",
];

/// What a choice's finish reason says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Finish {
    /// There is one.
    pub(super) there: bool,
    /// It is `error`: not a finish but a failure.
    pub(super) error: bool,
    /// The provider's own word beside it tells of a failure (`native_finish_reason: network_error`).
    pub(super) native_error: bool,
    /// It was rewritten.
    pub(super) changed: bool,
}

/// Fills `id`, `object`, `created` and `model` where they are missing or null.
pub(super) fn head(body: &mut Object<'_>, kind: &'static str, seed: &Seed) -> bool {
    let mut changed = false;
    let mut fill =
        |name: &'static str, good: fn(&Value<'_>) -> bool, value: &dyn Fn() -> Value<'static>| {
            if !body.get(name).is_some_and(good) {
                body.insert(name, value());
                changed = true;
            }
        };
    fill("id", filled, &|| Value::from(seed.id.clone()));
    fill("created", |value| value.as_u64().is_some(), &|| {
        Value::from(seed.created)
    });
    fill("model", filled, &|| Value::from(seed.model.clone()));
    // Perplexity's last chunk is a `chat.completion.done`, which typed clients refuse.
    if body.get("object").and_then(Value::as_str).as_deref() != Some(kind) {
        body.insert("object", Value::from(kind));
        changed = true;
    }
    changed
}

/// A string that says something.
pub(super) fn filled(value: &Value<'_>) -> bool {
    value.as_text().is_some_and(|text| !text.is_empty())
}

/// Whether the value is missing or null.
pub(super) fn absent(value: Option<&Value<'_>>) -> bool {
    value.is_none_or(Value::is_null)
}

/// A list of content parts becomes one string, its thinking parts `reasoning_content`; `reasoning`
/// becomes `reasoning_content` where there is none.
pub(super) fn content(message: &mut Object<'_>) -> bool {
    let mut changed = shape(message);
    if let Some(Value::Array(parts)) = message.get("content") {
        let (mut texts, mut thoughts) = (None, None);
        for part in parts {
            split(part, &mut texts, &mut thoughts);
        }
        message.insert("content", texts.map_or(Value::Null, Value::String));
        if let Some(thoughts) = thoughts.filter(|thoughts| !thoughts.is_empty()) {
            match message.get_mut("reasoning_content") {
                Some(Value::String(before)) => before.push(&thoughts),
                _ => drop(message.insert("reasoning_content", Value::String(thoughts))),
            }
        }
        changed = true;
    }
    if message.get("reasoning").is_some_and(filled) && absent(message.get("reasoning_content")) {
        message.rename("reasoning", "reasoning_content");
        changed = true;
    }
    changed
}

/// Members of a type that no client reads: content that is one part becomes a list of it, a number or boolean its
/// text; other members go.
fn shape(message: &mut Object<'_>) -> bool {
    let mut changed = false;
    let content = match message.get("content") {
        None | Some(Value::Null | Value::String(_) | Value::Array(_)) => None,
        Some(part @ Value::Object(_)) => Some(Value::Array(vec![part.clone()])),
        Some(other) => Some(Value::from(
            String::from_utf8(other.to_vec()).unwrap_or_default(),
        )),
    };
    if let Some(content) = content {
        message.insert("content", content);
        changed = true;
    }
    for name in ["role", "refusal", "reasoning", "reasoning_content"] {
        if !matches!(
            message.get(name),
            None | Some(Value::Null | Value::String(_))
        ) {
            message.remove(name);
            changed = true;
        }
    }
    if !matches!(
        message.get("tool_calls"),
        None | Some(Value::Null | Value::Array(_))
    ) {
        message.remove("tool_calls");
        changed = true;
    }
    changed
}

/// Adds a part's text where it belongs. A part that is neither text nor thinking is left out: the
/// canonical form has no place for it.
fn split(
    part: &Value<'_>,
    texts: &mut Option<Text<'static>>,
    thoughts: &mut Option<Text<'static>>,
) {
    let add = |to: &mut Option<Text<'static>>, text: &Text<'_>| match to {
        Some(before) => before.push(text),
        None => *to = Some(text.clone().into_owned()),
    };
    if let Value::String(text) = part {
        return add(texts, text);
    }
    match part.get("thinking") {
        Some(Value::String(text)) => add(thoughts, text),
        Some(Value::Array(inner)) => {
            for text in inner
                .iter()
                .filter_map(|part| part.get("text").unwrap_or(part).as_text())
            {
                add(thoughts, text);
            }
        }
        _ => {
            if let Some(text) = part.get("text").and_then(Value::as_text) {
                let thought = part
                    .get("type")
                    .and_then(Value::as_text)
                    .is_some_and(|kind| kind == "reasoning");
                add(if thought { thoughts } else { texts }, text);
            }
        }
    }
}

/// Whether a delta or message holds anything a client would show or act on.
pub(super) fn has_content(message: &Object<'_>) -> bool {
    ["content", "reasoning_content", "reasoning", "refusal"]
        .iter()
        .any(|name| message.get(name).is_some_and(filled))
        || has_calls(message)
        || !absent(message.get("audio"))
        || message
            .get("images")
            .and_then(Value::as_array)
            .is_some_and(|images| !images.is_empty())
}

/// Whether it calls a tool.
pub(super) fn has_calls(message: &Object<'_>) -> bool {
    message
        .get("tool_calls")
        .and_then(Value::as_array)
        .is_some_and(|calls| !calls.is_empty())
        || matches!(message.get("function_call"), Some(Value::Object(_)))
}

/// Brings a choice's finish reason into the closed set. `called`: the choice has called tools.
pub(super) fn finish(choice: &mut Object<'_>, called: bool) -> Finish {
    let mut finish = Finish::default();
    let reason = match choice.get("finish_reason") {
        None | Some(Value::Null) => return finish,
        Some(Value::String(reason)) => reason.text().into_owned(),
        Some(_) => String::new(),
    };
    let word = canonical(&reason);
    finish.error = reason.eq_ignore_ascii_case("error");
    finish.there = word.is_some();
    finish.native_error = choice
        .get("native_finish_reason")
        .and_then(Value::as_str)
        .is_some_and(|native| native.to_ascii_lowercase().contains("error"));
    let word = word.map(|word| {
        if called && word == "stop" {
            "tool_calls"
        } else {
            word
        }
    });
    if word != Some(&*reason) {
        choice.insert("finish_reason", word.map_or(Value::Null, Value::from));
        finish.changed = true;
    }
    finish
}

/// The word of the closed set for an upstream's; `None` for the empty one.
fn canonical(reason: &str) -> Option<&'static str> {
    if let Some(word) = FINISHES.iter().find(|word| **word == reason) {
        return Some(word);
    }
    Some(match &*reason.to_ascii_lowercase() {
        "" => return None,
        "length" | "max_tokens" | "max_output_tokens" | "model_length" | "token_limit" => "length",
        "tool_calls" | "tool_use" | "tool_call" => "tool_calls",
        "content_filter" | "safety" | "refusal" | "recitation" | "blocklist"
        | "prohibited_content" => "content_filter",
        "function_call" => "function_call",
        _ => "stop",
    })
}

/// The arguments of a call's function: an object becomes its compact text, null the empty text.
pub(super) fn arguments(call: &mut Object<'_>) -> bool {
    let Some(Value::Object(function)) = call.get_mut("function") else {
        return false;
    };
    let text = match function.get("arguments") {
        None | Some(Value::String(_)) => return false,
        Some(Value::Null) => String::new(),
        Some(other) => String::from_utf8(other.to_vec()).unwrap_or_default(),
    };
    function.insert("arguments", Value::from(text));
    true
}

/// A tool call id that is the same for the same answer and place, and a legal one everywhere: letters and digits
/// behind `call_`.
pub(super) fn call_id(seed: &Seed, choice: u64, call: usize) -> Value<'static> {
    let letters: String = seed
        .id
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    // The end and not the beginning: ids are told apart there. 24 in all is OpenAI's own length.
    let tail = &letters[letters.len().saturating_sub(20)..];
    Value::from(format!("call_{tail}{choice:x}{call:03x}"))
}

/// Reads what a chunk or an answer tells of usage, in every place known.
pub(super) fn usage(body: &Object<'_>) -> Option<Usage> {
    let own = body.get("usage").and_then(Usage::read);
    let groq = || body.get("x_groq")?.get("usage").and_then(Usage::read);
    let choice = || {
        body.get("choices")?
            .as_array()?
            .iter()
            .find_map(|choice| Usage::read(choice.get("usage")?))
    };
    own.or_else(groq).or_else(choice)
}

/// Puts the three counts that every client reads into the usage, where they are missing or no counts.
pub(super) fn counts(body: &mut Object<'_>, usage: Usage) -> bool {
    let Some(Value::Object(told)) = body.get_mut("usage") else {
        body.insert("usage", usage.to_value());
        return true;
    };
    let right = usage.to_value();
    let mut changed = false;
    for name in ["prompt_tokens", "completion_tokens", "total_tokens"] {
        if told.get(name).and_then(Value::as_u64).is_none()
            && let Some(count) = right.get(name)
        {
            told.insert(name, count.clone());
            changed = true;
        }
    }
    changed
}

/// An error inside a 2xx: a top-level `error` that is not null (nor false, nor empty), or `success: false` with a
/// list of `errors` and no choices.
pub(super) fn error(body: &Object<'_>) -> bool {
    match body.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => {
            !body.contains_key("choices")
                && matches!(body.get("success"), Some(Value::Bool(false)))
                && matches!(body.get("errors"), Some(Value::Array(errors)) if !errors.is_empty())
        }
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

/// The choice's index; by its place where it has none.
pub(super) fn choice_index(choice: &mut Object<'_>, place: usize) -> (u64, bool) {
    match choice.get("index").and_then(Value::as_u64) {
        Some(index) => (index, false),
        None => {
            choice.insert(Cow::Borrowed("index"), Value::from(place as u64));
            (place as u64, true)
        }
    }
}
