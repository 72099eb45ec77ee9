//! `/api/chat` and `/api/generate` in canonical form. What only a local runner can do (`num_gpu`, `keep_alive`,
//! `raw`, templates) is left out.

use super::encode::Shape;
use crate::chat::request::members;
use crate::chat::{ChatRequest, Invalid};
use crate::json::{Object, Value, object};

/// A request, and what the answer's encoder must know of it.
#[derive(Debug)]
pub(super) struct Read {
    /// Canonical; `None` when nothing is asked.
    pub(super) chat: Option<ChatRequest<'static>>,
    /// What the client calls the model.
    pub(super) model: String,
    /// Thoughts are shown.
    pub(super) thoughts: bool,
}

pub(super) fn read(bytes: &[u8], shape: Shape) -> Result<Read, Invalid> {
    let body = members(bytes)?.into_owned();
    let model = name(&body)?;
    // Ollama streams unless it is told not to.
    let stream = body.get("stream").and_then(Value::as_bool).unwrap_or(true);
    let messages = match shape {
        Shape::Chat => messages(&body)?,
        Shape::Generate => prompt(&body)?,
    };
    let (effort, thoughts) = thinking(&body)?;
    if messages.is_empty() {
        return Ok(Read {
            chat: None,
            model,
            thoughts,
        });
    }
    let mut chat = Object::new();
    chat.insert("model", Value::from(canonical(&model)));
    chat.insert("stream", Value::from(stream));
    if stream {
        chat.insert("stream_options", object([("include_usage", true.into())]));
    }
    chat.insert("messages", Value::Array(messages));
    if let Some(tools) = body
        .get("tools")
        .filter(|tools| tools.as_array().is_some_and(|list| !list.is_empty()))
    {
        chat.insert("tools", tools.clone());
    }
    if let Some(options) = body.get("options") {
        let Some(options) = options.as_object() else {
            return Err(wrong("options", "`options` must be an object."));
        };
        settings(options, &mut chat);
    }
    if let Some(format) = format(&body)? {
        chat.insert("response_format", format);
    }
    if let Some(effort) = effort {
        chat.insert("reasoning_effort", Value::from(effort));
    }
    Ok(Read {
        chat: Some(ChatRequest::of(Value::Object(chat))?),
        model,
        thoughts,
    })
}

/// The model's name; older clients say `name`.
pub(super) fn name(body: &Object<'_>) -> Result<String, Invalid> {
    let name = body
        .get("model")
        .or_else(|| body.get("name"))
        .and_then(Value::as_str);
    match name.filter(|name| !name.is_empty()) {
        Some(name) => Ok(name.into_owned()),
        None => Err(wrong(
            "model",
            "`model` is missing; GET /api/tags lists the models, `auto` is any.",
        )),
    }
}

/// Without the tag that Ollama's clients add to a name that has none.
pub(super) fn canonical(model: &str) -> String {
    model.strip_suffix(":latest").unwrap_or(model).to_owned()
}

fn messages(body: &Object<'static>) -> Result<Vec<Value<'static>>, Invalid> {
    let list = match body.get("messages") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong("messages", "`messages` must be a list.")),
    };
    let mut calls = Vec::new();
    let mut count = 0;
    list.iter()
        .enumerate()
        .map(|(at, message)| one(message, &format!("messages[{at}]"), &mut calls, &mut count))
        .collect()
}

/// One message. Ollama's calls have no id: results come in the order of the calls, or by the tool's name.
fn one(
    message: &Value<'static>,
    at: &str,
    calls: &mut Vec<(String, String)>,
    count: &mut usize,
) -> Result<Value<'static>, Invalid> {
    let text = |name: &str| {
        message
            .get(name)
            .and_then(Value::as_str)
            .map(std::borrow::Cow::into_owned)
    };
    let Some(role) = text("role") else {
        return Err(wrong(format!("{at}.role"), "A message needs a `role`."));
    };
    let content = text("content").unwrap_or_default();
    let mut read = object([("role", role.clone().into())]);
    let Some(members) = read.as_object_mut() else {
        return Ok(read);
    };
    if role == "tool" {
        let name = text("tool_name").or_else(|| text("name"));
        let known = name.and_then(|name| calls.iter().position(|(_, call)| *call == name));
        let Some((id, _)) = known
            .or((!calls.is_empty()).then_some(0))
            .map(|place| calls.remove(place))
        else {
            return Err(wrong(at, "This result answers no tool call before it."));
        };
        members.insert(
            "tool_call_id",
            Value::from(text("tool_call_id").unwrap_or(id)),
        );
        members.insert("content", Value::from(content));
        return Ok(read);
    }
    match message.get("images").and_then(Value::as_array) {
        Some(images) if !images.is_empty() => {
            let mut parts = vec![object([("type", "text".into()), ("text", content.into())])];
            for (place, image) in images.iter().enumerate() {
                parts.push(picture(image, &format!("{at}.images[{place}]"))?);
            }
            members.insert("content", Value::Array(parts));
        }
        _ => drop(members.insert("content", Value::from(content))),
    }
    if let Some(thought) = text("thinking").filter(|thought| !thought.is_empty()) {
        members.insert("reasoning_content", Value::from(thought));
    }
    let called = message
        .get("tool_calls")
        .and_then(Value::as_array)
        .unwrap_or_default();
    if !called.is_empty() {
        let mut list = Vec::new();
        for (place, call) in called.iter().enumerate() {
            let place = format!("{at}.tool_calls[{place}]");
            list.push(tool_call(call, &place, calls, count)?);
        }
        members.insert("tool_calls", Value::Array(list));
    }
    Ok(read)
}

fn tool_call(
    call: &Value<'static>,
    at: &str,
    calls: &mut Vec<(String, String)>,
    count: &mut usize,
) -> Result<Value<'static>, Invalid> {
    let Some(name) = call.pointer("/function/name").and_then(Value::as_str) else {
        return Err(wrong(
            format!("{at}.function.name"),
            "A tool call needs the function's `name`.",
        ));
    };
    let arguments = match call.pointer("/function/arguments") {
        None => "{}".to_owned(),
        Some(Value::String(text)) => text.text().into_owned(),
        Some(value) => String::from_utf8(value.to_vec()).unwrap_or_default(),
    };
    let own = call
        .get("id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty());
    let id = own.map_or_else(|| format!("call_{count:08x}"), std::borrow::Cow::into_owned);
    *count += 1;
    calls.push((id.clone(), name.clone().into_owned()));
    let function = object([
        ("name", name.into_owned().into()),
        ("arguments", arguments.into()),
    ]);
    Ok(object([
        ("id", id.into()),
        ("type", "function".into()),
        ("function", function),
    ]))
}

/// A prompt as a conversation. With a suffix, the model is asked for what stands between the two.
fn prompt(body: &Object<'static>) -> Result<Vec<Value<'static>>, Invalid> {
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .map(std::borrow::Cow::into_owned)
    };
    let prompt = text("prompt").unwrap_or_default();
    let images = body
        .get("images")
        .and_then(Value::as_array)
        .unwrap_or_default();
    if prompt.is_empty() && images.is_empty() {
        return Ok(Vec::new());
    }
    let mut messages = Vec::new();
    let said = match text("suffix").filter(|suffix| !suffix.is_empty()) {
        Some(suffix) => {
            let task =
                "Write only the text that belongs between the two parts, with nothing around it.";
            messages.push(object([
                ("role", "system".into()),
                ("content", task.into()),
            ]));
            format!("<before>{prompt}</before>\n<after>{suffix}</after>")
        }
        None => prompt,
    };
    if let Some(system) = text("system").filter(|system| !system.is_empty()) {
        messages.insert(
            0,
            object([("role", "system".into()), ("content", system.into())]),
        );
    }
    let content = if images.is_empty() {
        Value::from(said)
    } else {
        let mut parts = vec![object([("type", "text".into()), ("text", said.into())])];
        for (place, image) in images.iter().enumerate() {
            parts.push(picture(image, &format!("images[{place}]"))?);
        }
        Value::Array(parts)
    };
    messages.push(object([("role", "user".into()), ("content", content)]));
    Ok(messages)
}

/// A picture in base64, whose kind its first bytes tell.
fn picture(image: &Value<'_>, at: &str) -> Result<Value<'static>, Invalid> {
    let Some(data) = image.as_str().filter(|data| !data.is_empty()) else {
        return Err(wrong(at, "A picture must be a text in base64."));
    };
    let url = if data.starts_with("data:") {
        data.into_owned()
    } else {
        let media_type = match &data.as_bytes()[..data.len().min(5)] {
            [b'/', b'9', b'j', ..] => "image/jpeg",
            [b'R', b'0', b'l', b'G', ..] => "image/gif",
            [b'U', b'k', b'l', b'G', ..] => "image/webp",
            _ => "image/png",
        };
        format!("data:{media_type};base64,{data}")
    };
    Ok(object([
        ("type", "image_url".into()),
        ("image_url", object([("url", url.into())])),
    ]))
}

fn settings(options: &Object<'static>, chat: &mut Object<'static>) {
    for (from, to) in [
        ("temperature", "temperature"),
        ("top_p", "top_p"),
        ("top_k", "top_k"),
        ("min_p", "min_p"),
        ("seed", "seed"),
        ("stop", "stop"),
        ("presence_penalty", "presence_penalty"),
        ("frequency_penalty", "frequency_penalty"),
        ("repeat_penalty", "repetition_penalty"),
    ] {
        if let Some(value) = options.get(from).filter(|value| !value.is_null()) {
            chat.insert(to, value.clone());
        }
    }
    // -1 and -2 are "no end".
    if let Some(most) = options
        .get("num_predict")
        .and_then(Value::as_u64)
        .filter(|most| *most > 0)
    {
        chat.insert("max_tokens", Value::from(most));
    }
}

fn format(body: &Object<'static>) -> Result<Option<Value<'static>>, Invalid> {
    match body.get("format") {
        None => Ok(None),
        Some(Value::String(word)) if word.is_empty() => Ok(None),
        Some(Value::String(word)) if *word == *"json" => {
            Ok(Some(object([("type", "json_object".into())])))
        }
        Some(schema @ Value::Object(_)) => Ok(Some(object([
            ("type", "json_schema".into()),
            (
                "json_schema",
                object([("name", "response".into()), ("schema", schema.clone())]),
            ),
        ]))),
        Some(_) => Err(wrong(
            "format",
            "`format` must be \"json\" or a JSON schema.",
        )),
    }
}

/// The effort, if one is asked for, and whether thoughts are shown.
fn thinking(body: &Object<'_>) -> Result<(Option<&'static str>, bool), Invalid> {
    match body.get("think") {
        None => Ok((None, true)),
        Some(Value::Bool(true)) => Ok((Some("medium"), true)),
        Some(Value::Bool(false)) => Ok((Some("none"), false)),
        Some(Value::String(word)) => match &*word.text() {
            "low" => Ok((Some("low"), true)),
            "medium" => Ok((Some("medium"), true)),
            "high" => Ok((Some("high"), true)),
            _ => Err(wrong(
                "think",
                "`think` must be true, false, \"low\", \"medium\" or \"high\".",
            )),
        },
        Some(_) => Err(wrong(
            "think",
            "`think` must be true, false, \"low\", \"medium\" or \"high\".",
        )),
    }
}

pub(super) fn wrong(param: impl Into<String>, message: &str) -> Invalid {
    let param = param.into();
    Invalid {
        message: if message.contains('`') {
            message.to_owned()
        } else {
            format!("`{param}`: {message}")
        },
        param: Some(param),
    }
}
