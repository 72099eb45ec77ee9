//! What is refused, and what the client is told to do about it.

use crate::json::{Object, Value};

use super::Invalid;

type Checked = Result<(), Invalid>;

/// Answers one request may ask for.
const MOST_CHOICES: u64 = 128;

/// Checks the members that the gateway itself relies on or that every provider refuses alike.
pub(super) fn body(body: &Object<'_>) -> Checked {
    if let Some(model) = body.get("model").filter(|model| model.as_text().is_none()) {
        return Err(wrong("model", "a string, such as \"auto\"", model));
    }
    messages(body)?;
    for name in [
        "temperature",
        "top_p",
        "frequency_penalty",
        "presence_penalty",
    ] {
        typed(body, name, "a number", |value| value.as_f64().is_some())?;
    }
    typed(body, "seed", "an integer", |value| {
        value.as_i64().is_some() || value.as_u64().is_some()
    })?;
    typed(body, "top_logprobs", "an integer from 0 on", |value| {
        value.as_u64().is_some()
    })?;
    for name in ["stream", "logprobs", "parallel_tool_calls", "store"] {
        typed(body, name, "true or false", |value| {
            value.as_bool().is_some()
        })?;
    }
    for name in ["max_tokens", "max_completion_tokens"] {
        typed(body, name, "an integer of at least 1", |value| {
            value.as_u64().is_some_and(|most| most > 0)
        })?;
    }
    let choices = |value: &Value<'_>| {
        value
            .as_u64()
            .is_some_and(|n| (1..=MOST_CHOICES).contains(&n))
    };
    typed(body, "n", "an integer from 1 to 128", choices)?;
    typed(body, "logit_bias", "an object", |value| {
        value.as_object().is_some()
    })?;
    typed(body, "stop", "a string or a list of strings", |value| {
        value.as_text().is_some()
            || value
                .as_array()
                .is_some_and(|list| list.iter().all(|stop| stop.as_text().is_some()))
    })?;
    typed(body, "stream_options", "an object", |value| {
        value.as_object().is_some()
    })?;
    if let Some(Value::Object(options)) = body.get("stream_options")
        && let Some(flag) = options
            .get("include_usage")
            .filter(|flag| !flag.is_null() && flag.as_bool().is_none())
    {
        return Err(wrong("stream_options.include_usage", "true or false", flag));
    }
    tools(body)?;
    response_format(body)
}

fn messages(body: &Object<'_>) -> Checked {
    let Some(messages) = body.get("messages") else {
        let what = "Missing required parameter: 'messages'. Give a list with at least one message, such as \
                    [{\"role\":\"user\",\"content\":\"Hello\"}].";
        return Err(Invalid::at("messages", what));
    };
    let Some(list) = messages.as_array() else {
        return Err(wrong("messages", "a list of messages", messages));
    };
    if list.is_empty() {
        return Err(Invalid::at(
            "messages",
            "'messages' is empty: give at least one message.",
        ));
    }
    list.iter()
        .enumerate()
        .try_for_each(|(at, one)| message(one, &format!("messages[{at}]")))
}

fn message(message: &Value<'_>, path: &str) -> Checked {
    let Some(members) = message.as_object() else {
        return Err(wrong(path, "an object with 'role' and 'content'", message));
    };
    let role = members.get("role").and_then(Value::as_str);
    let role = role.as_deref().unwrap_or_default();
    if !matches!(
        role,
        "system" | "developer" | "user" | "assistant" | "tool" | "function"
    ) {
        let what = match members.get("role") {
            None => format!("Missing required parameter: '{path}.role'."),
            Some(_) if role.is_empty() => format!("'{path}.role' must be a string."),
            Some(_) => format!("'{path}.role' is '{role}', which is no role."),
        };
        let remedy = "Use one of system, developer, user, assistant, tool and function.";
        return Err(Invalid::at(
            format!("{path}.role"),
            format!("{what} {remedy}"),
        ));
    }
    content(members, role, path)?;
    if role == "tool"
        && members
            .get("tool_call_id")
            .is_none_or(|id| id.as_text().is_none())
    {
        let what = format!(
            "'{path}.tool_call_id' must be a string: a message of the role tool answers the tool call of that id in \
             the assistant's message before it."
        );
        return Err(Invalid::at(format!("{path}.tool_call_id"), what));
    }
    match members.get("tool_calls") {
        Some(Value::Array(calls)) => calls
            .iter()
            .enumerate()
            .try_for_each(|(at, call)| tool_call(call, &format!("{path}.tool_calls[{at}]"))),
        None | Some(Value::Null) => Ok(()),
        Some(other) => Err(wrong(
            &format!("{path}.tool_calls"),
            "a list of tool calls",
            other,
        )),
    }
}

fn content(members: &Object<'_>, role: &str, path: &str) -> Checked {
    let at = || format!("{path}.content");
    match members.get("content") {
        Some(Value::String(_)) => Ok(()),
        Some(Value::Array(parts)) => parts
            .iter()
            .enumerate()
            .try_for_each(|(number, one)| part(one, &format!("{path}.content[{number}]"))),
        // An assistant that only called tools said nothing; agents also send back one that said nothing at all.
        None | Some(Value::Null) if matches!(role, "assistant" | "function") => Ok(()),
        None | Some(Value::Null) => {
            let what = format!(
                "'{path}.content' is missing: a message of the role {role} needs a string or a list of parts."
            );
            Err(Invalid::at(at(), what))
        }
        Some(other) => Err(wrong(&at(), "a string or a list of content parts", other)),
    }
}

fn part(part: &Value<'_>, path: &str) -> Checked {
    let Some(kind) = part.get("type").and_then(Value::as_str) else {
        let what = format!(
            "'{path}' must be an object with a string 'type', such as {{\"type\":\"text\",\"text\":\"Hello\"}}."
        );
        return Err(Invalid::at(format!("{path}.type"), what));
    };
    // Parts of other types pass: the provider may know them.
    let needed = match &*kind {
        "text" => "text",
        "image_url" => "image_url",
        "input_audio" => "input_audio",
        _ => return Ok(()),
    };
    let good = match part.get(needed) {
        Some(Value::String(_)) => needed != "input_audio",
        Some(Value::Object(_)) => needed != "text",
        _ => false,
    };
    if good {
        return Ok(());
    }
    let form = if needed == "text" {
        "a string"
    } else {
        "an object"
    };
    let what = format!("'{path}.{needed}' must be {form}: a part of the type {kind} needs it.");
    Err(Invalid::at(format!("{path}.{needed}"), what))
}

fn tool_call(call: &Value<'_>, path: &str) -> Checked {
    let text = |pointer: &str| {
        call.pointer(pointer)
            .is_some_and(|value| value.as_text().is_some())
    };
    if !text("/id") {
        let what = format!(
            "'{path}.id' must be a string: the id that the tool's answer names as tool_call_id."
        );
        return Err(Invalid::at(format!("{path}.id"), what));
    }
    // Calls of other types (`custom`) have their own members.
    if call.get("function").is_none()
        && call
            .get("type")
            .and_then(Value::as_str)
            .is_some_and(|kind| kind != "function")
    {
        return Ok(());
    }
    if !text("/function/name") {
        let what = format!(
            "'{path}.function.name' must be a string: the name of the tool that was called."
        );
        return Err(Invalid::at(format!("{path}.function.name"), what));
    }
    if !text("/function/arguments") {
        let what = format!(
            "'{path}.function.arguments' must be a string that holds JSON, such as \"{{}}\"."
        );
        return Err(Invalid::at(format!("{path}.function.arguments"), what));
    }
    Ok(())
}

fn tools(body: &Object<'_>) -> Checked {
    let list = match body.get("tools") {
        None => &[][..],
        Some(Value::Array(list)) => list,
        Some(other) => return Err(wrong("tools", "a list of tools", other)),
    };
    for (at, tool) in list.iter().enumerate() {
        let path = format!("tools[{at}]");
        let Some(kind) = tool.get("type").and_then(Value::as_str) else {
            let what =
                format!("'{path}.type' must be a string; for a function it is \"function\".");
            return Err(Invalid::at(format!("{path}.type"), what));
        };
        if kind != "function" {
            continue;
        }
        let name = tool.pointer("/function/name").and_then(Value::as_text);
        if name.is_none_or(crate::json::Text::is_empty) {
            let what = format!("'{path}.function.name' must be a string that names the function.");
            return Err(Invalid::at(format!("{path}.function.name"), what));
        }
        if let Some(schema) = tool.pointer("/function/parameters")
            && !matches!(schema, Value::Object(_) | Value::Null)
        {
            return Err(wrong(
                &format!("{path}.function.parameters"),
                "a JSON Schema object",
                schema,
            ));
        }
    }
    typed(
        body,
        "tool_choice",
        "\"none\", \"auto\", \"required\" or an object that names a tool",
        |value| matches!(value, Value::String(_) | Value::Object(_)),
    )
}

fn response_format(body: &Object<'_>) -> Checked {
    let Some(format) = body.get("response_format") else {
        return Ok(());
    };
    let kind = format.get("type").and_then(Value::as_str);
    match kind.as_deref() {
        Some("text" | "json_object") => Ok(()),
        Some("json_schema") => {
            let at = "response_format.json_schema";
            match format.get("json_schema") {
                Some(Value::Object(_)) => Ok(()),
                other => Err(wrong(
                    at,
                    "an object with 'name' and 'schema'",
                    other.unwrap_or(&Value::Null),
                )),
            }
        }
        _ => {
            let what = "'response_format.type' must be one of text, json_object and json_schema.";
            Err(Invalid::at("response_format.type", what))
        }
    }
}

fn typed(body: &Object<'_>, name: &str, form: &str, good: impl Fn(&Value<'_>) -> bool) -> Checked {
    match body.get(name) {
        Some(value) if !good(value) => Err(wrong(name, form, value)),
        _ => Ok(()),
    }
}

fn wrong(path: &str, form: &str, value: &Value<'_>) -> Invalid {
    let got = match value {
        Value::Number(number) if number.spelling().len() < 32 => number.spelling().to_owned(),
        other => other.kind().to_owned(),
    };
    Invalid::at(
        path,
        format!("Invalid value for '{path}': expected {form}, but got {got}."),
    )
}
