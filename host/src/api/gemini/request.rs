//! A `generateContent` request in canonical form.
//!
//! Google's JSON takes every member in camelCase and in snake_case; so does this. What has no canonical counterpart
//! and changes no meaning (safety settings, labels) is left out; what would change it (cached content, code
//! execution as the only tool) is refused by name.

use std::borrow::Cow;

use super::{parts, tools};
use crate::chat::request::members;
use crate::chat::{ChatRequest, Invalid};
use crate::json::{Object, Value, object};

/// A request in canonical form, and what the answer's encoder must know of it.
#[derive(Debug)]
pub(super) struct Read {
    /// Canonical.
    pub(super) chat: ChatRequest<'static>,
    /// Thoughts are shown.
    pub(super) thoughts: bool,
}

/// Reads a request for `model`, to be answered as a stream or not.
pub(super) fn read(bytes: &[u8], model: &str, stream: bool) -> Result<Read, Invalid> {
    let body = members(bytes)?.into_owned();
    let mut chat = Object::new();
    chat.insert("model", Value::from(model.to_owned()));
    chat.insert("stream", Value::from(stream));
    if stream {
        // Google tells the usage at the end of every stream.
        chat.insert("stream_options", object([("include_usage", true.into())]));
    }
    if member(&body, "cachedContent").is_some() {
        return Err(wrong(
            "cachedContent",
            "Cached content lives at Google and cannot be used here; send the content itself.",
        ));
    }
    chat.insert("messages", Value::Array(messages(&body)?));
    tools::read(&body, &mut chat)?;
    let thoughts = match member(&body, "generationConfig") {
        Some(Value::Object(config)) => settings(config, &mut chat)?,
        Some(_) => {
            return Err(wrong(
                "generationConfig",
                "`generationConfig` must be an object.",
            ));
        }
        None => false,
    };
    Ok(Read {
        chat: ChatRequest::of(Value::Object(chat))?,
        thoughts,
    })
}

/// The system instruction and the contents as messages.
pub(super) fn messages(body: &Object<'static>) -> Result<Vec<Value<'static>>, Invalid> {
    let mut messages = Vec::new();
    if let Some(system) = member(body, "systemInstruction") {
        let text = parts::text(system, "systemInstruction")?;
        if !text.is_empty() {
            messages.push(object([
                ("role", "system".into()),
                ("content", text.into()),
            ]));
        }
    }
    let contents = match member(body, "contents") {
        Some(Value::Array(list)) if !list.is_empty() => list.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => {
            return Err(wrong(
                "contents",
                "`contents` must be a list that is not empty.",
            ));
        }
    };
    let mut calls = parts::Calls::default();
    for (at, content) in contents.iter().enumerate() {
        parts::content(
            content,
            &format!("contents[{at}]"),
            &mut calls,
            &mut messages,
        )?;
    }
    Ok(messages)
}

/// Sampling, format and thinking; says whether thoughts are shown.
fn settings(config: &Object<'static>, chat: &mut Object<'static>) -> Result<bool, Invalid> {
    for (from, to) in [
        ("temperature", "temperature"),
        ("topP", "top_p"),
        ("topK", "top_k"),
        ("candidateCount", "n"),
        ("maxOutputTokens", "max_tokens"),
        ("stopSequences", "stop"),
        ("presencePenalty", "presence_penalty"),
        ("frequencyPenalty", "frequency_penalty"),
        ("seed", "seed"),
        ("responseLogprobs", "logprobs"),
        ("logprobs", "top_logprobs"),
    ] {
        if let Some(value) = member(config, from) {
            chat.insert(to, value.clone());
        }
    }
    if let Some(wanted) = member(config, "responseModalities").and_then(Value::as_array) {
        let text = |one: &Value<'_>| {
            one.as_str()
                .is_some_and(|word| word.eq_ignore_ascii_case("text"))
        };
        if !wanted.is_empty() && !wanted.iter().any(text) {
            return Err(wrong(
                "generationConfig.responseModalities",
                "Chat answers in text here. For pictures use /v1/images/generations, for sound /v1/audio/speech.",
            ));
        }
    }
    if let Some(format) = format(config)? {
        chat.insert("response_format", format);
    }
    let Some(thinking) = member(config, "thinkingConfig").and_then(Value::as_object) else {
        return Ok(false);
    };
    if let Some(effort) = effort(thinking) {
        chat.insert("reasoning_effort", Value::from(effort));
    }
    let shown = member(thinking, "includeThoughts").and_then(Value::as_bool);
    Ok(shown.unwrap_or(false))
}

fn format(config: &Object<'static>) -> Result<Option<Value<'static>>, Invalid> {
    let schema = member(config, "responseJsonSchema")
        .cloned()
        .or_else(|| member(config, "responseSchema").map(tools::json_schema));
    let media_type = member(config, "responseMimeType").and_then(Value::as_str);
    match (media_type.as_deref(), schema) {
        (None | Some("text/plain" | ""), None) => Ok(None),
        (None | Some("application/json"), Some(schema)) => Ok(Some(object([
            ("type", "json_schema".into()),
            (
                "json_schema",
                object([("name", "response".into()), ("schema", schema)]),
            ),
        ]))),
        (Some("application/json"), None) => Ok(Some(object([("type", "json_object".into())]))),
        (Some("text/x.enum"), Some(schema)) => Ok(Some(object([
            ("type", "json_schema".into()),
            (
                "json_schema",
                object([("name", "choice".into()), ("schema", schema)]),
            ),
        ]))),
        (Some(other), _) => Err(wrong(
            "generationConfig.responseMimeType",
            &format!(
                "`{}` is not served: send text/plain, or application/json (with `responseSchema` if there is one).",
                other.chars().take(60).collect::<String>()
            ),
        )),
    }
}

/// A thinking budget or level as an effort. -1 lets the model choose.
fn effort(thinking: &Object<'_>) -> Option<&'static str> {
    if let Some(level) = member(thinking, "thinkingLevel").and_then(Value::as_str) {
        return match &*level.to_ascii_lowercase() {
            "minimal" => Some("minimal"),
            "low" => Some("low"),
            "medium" => Some("medium"),
            "high" => Some("high"),
            _ => None,
        };
    }
    match member(thinking, "thinkingBudget").and_then(Value::as_i64)? {
        0 => Some("none"),
        1..=2_048 => Some("low"),
        2_049..=12_288 => Some("medium"),
        12_289.. => Some("high"),
        _ => None,
    }
}

/// The member by its camelCase name, or the same in snake_case. Null is absent.
pub(super) fn member<'a, 'b>(members: &'a Object<'b>, camel: &str) -> Option<&'a Value<'b>> {
    let present = |value: &&Value<'_>| !value.is_null();
    members
        .get(camel)
        .filter(present)
        .or_else(|| members.get(&snake(camel)).filter(present))
}

fn snake(camel: &str) -> Cow<'_, str> {
    if camel.bytes().all(|letter| !letter.is_ascii_uppercase()) {
        return Cow::Borrowed(camel);
    }
    let mut snake = String::with_capacity(camel.len() + 4);
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    Cow::Owned(snake)
}

pub(super) fn wrong(param: impl Into<String>, message: &str) -> Invalid {
    Invalid {
        param: Some(param.into()),
        message: message.to_owned(),
    }
}
