//! What a client may rely on in an answer, as OpenAI documents it.

use serde_json::Value as Json;

const FINISH: &[&str] = &[
    "stop",
    "length",
    "tool_calls",
    "content_filter",
    "function_call",
];

/// A `chat.completion`.
pub(in super::super) fn whole(body: &Json) -> Result<(), String> {
    head(body, "chat.completion")?;
    for choice in choices(body)? {
        let message = &choice["message"];
        if message["role"] != "assistant" {
            return Err(format!("a message's role is {}", message["role"]));
        }
        text(message, "content", true)?;
        for call in calls(message)? {
            if call["id"].as_str().is_none_or(str::is_empty) {
                return Err(format!("a tool call's id is {}", call["id"]));
            }
            let function = &call["function"];
            if call["type"] == "function"
                && !(function["name"].is_string() && function["arguments"].is_string())
            {
                return Err(format!("a tool call is {call}"));
            }
        }
        let finish = choice["finish_reason"].as_str().unwrap_or_default();
        if !FINISH.contains(&finish) {
            return Err(format!("a finish reason is {}", choice["finish_reason"]));
        }
    }
    let usage = &body["usage"];
    for name in ["prompt_tokens", "completion_tokens", "total_tokens"] {
        if !usage[name].is_u64() {
            return Err(format!("`{name}` of the usage is {}", usage[name]));
        }
    }
    Ok(())
}

/// A `chat.completion.chunk`.
pub(in super::super) fn chunk(body: &Json) -> Result<(), String> {
    head(body, "chat.completion.chunk")?;
    for choice in choices(body)? {
        let delta = &choice["delta"];
        if !delta.is_object() {
            return Err(format!("a delta is {delta}"));
        }
        text(delta, "content", false)?;
        for call in calls(delta)? {
            if !call["index"].is_u64() {
                return Err(format!("a tool call's index is {}", call["index"]));
            }
            let arguments = &call["function"]["arguments"];
            if !(arguments.is_string() || arguments.is_null()) {
                return Err(format!("a tool call's arguments are {arguments}"));
            }
        }
        let finish = &choice["finish_reason"];
        if !finish.is_null() && !FINISH.contains(&finish.as_str().unwrap_or_default()) {
            return Err(format!("a finish reason is {finish}"));
        }
    }
    Ok(())
}

fn head(body: &Json, object: &str) -> Result<(), String> {
    if body["object"] != object {
        return Err(format!("`object` is {}", body["object"]));
    }
    for name in ["id", "model"] {
        if body[name].as_str().is_none_or(str::is_empty) {
            return Err(format!("`{name}` is {}", body[name]));
        }
    }
    if !body["created"].is_u64() {
        return Err(format!("`created` is {}", body["created"]));
    }
    Ok(())
}

fn choices(body: &Json) -> Result<&[Json], String> {
    match body["choices"].as_array() {
        Some(choices) if choices.iter().all(|choice| choice["index"].is_u64()) => Ok(choices),
        _ => Err(format!("`choices` are {}", body["choices"])),
    }
}

fn text(message: &Json, name: &str, required: bool) -> Result<(), String> {
    match message.get(name) {
        Some(Json::String(_) | Json::Null) => Ok(()),
        None if !required => Ok(()),
        other => Err(format!("`{name}` is {other:?}")),
    }
}

fn calls(message: &Json) -> Result<&[Json], String> {
    match message.get("tool_calls") {
        None | Some(Json::Null) => Ok(&[]),
        Some(Json::Array(calls)) => Ok(calls),
        Some(other) => Err(format!("`tool_calls` are {other}")),
    }
}
