//! The body: what a client said in OpenAI's words becomes what `POST /v2/chat` reads.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::schema;
use crate::{Call, Failure, Input, failure};

/// The most texts to stop at that Cohere takes.
const STOPS: usize = 5;

/// The members of a chat request that have a counterpart. The others are left out: Cohere refuses what it does not know.
#[derive(Deserialize)]
struct Chat<'a> {
    #[serde(borrow, default)]
    messages: Vec<Message<'a>>,
    tools: Option<Vec<Json>>,
    tool_choice: Option<Json>,
    response_format: Option<Json>,
    stop: Option<Json>,
    reasoning_effort: Option<Json>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<f64>,
    presence_penalty: Option<f64>,
    frequency_penalty: Option<f64>,
    #[serde(borrow)]
    max_completion_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    max_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    seed: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    tool_calls: Option<Vec<ToolCall>>,
    tool_call_id: Option<String>,
    #[serde(borrow)]
    reasoning_content: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct ToolCall {
    #[serde(default)]
    id: String,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    #[serde(default)]
    name: String,
    #[serde(default)]
    arguments: String,
}

#[derive(Deserialize)]
struct PartGiven<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(borrow)]
    image_url: Option<&'a RawValue>,
}

/// What Cohere reads.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    messages: Vec<Said<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Json>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<&'a RawValue>,
}

/// A message as Cohere wants it.
#[derive(Serialize)]
struct Said<'a> {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_plan: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    /// Where there must be something.
    Empty(&'static str),
    Raw(&'a RawValue),
    Blocks(Vec<Block<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: &'a RawValue },
    ImageUrl { image_url: &'a RawValue },
}

/// Writes the body.
pub(super) fn body(call: &Call, input: &Input) -> Result<Vec<u8>, Failure> {
    let chat: Chat<'_> = serde_json::from_slice(&input.body).map_err(|error| {
        failure::of(
            "invalid-request",
            format!("the request is not understood: {error}"),
        )
    })?;
    if call.uses("many") {
        return Err(failure::unsupported("Cohere gives one choice at a time"));
    }
    let (tools, tool_choice) = tools(&chat)?;
    let response_format = format(chat.response_format.as_ref());
    if response_format.is_some() && !tools.is_empty() {
        return Err(failure::unsupported(
            "Cohere takes no response format beside tools",
        ));
    }
    let messages = chat.messages.iter().map(|message| said(message, input));
    let body = Body {
        model: &call.model,
        stream: call.streaming,
        messages: messages.collect::<Result<_, _>>()?,
        tools,
        tool_choice,
        response_format,
        stop_sequences: stops(chat.stop.as_ref()),
        thinking: thinking(&call.model, chat.reasoning_effort.as_ref()),
        temperature: chat.temperature,
        p: chat.top_p.map(|p| p.clamp(0.01, 0.99)),
        k: chat.top_k.map(|k| k.clamp(0.0, 500.0) as u64),
        // OpenAI's begin at -2 and end at 2.
        presence_penalty: chat.presence_penalty.map(|x| x.clamp(0.0, 1.0)),
        frequency_penalty: chat.frequency_penalty.map(|x| x.clamp(0.0, 1.0)),
        max_tokens: chat.max_completion_tokens.or(chat.max_tokens),
        seed: chat.seed,
    };
    serde_json::to_vec(&body)
        .map_err(|error| failure::unsupported(format!("the request cannot be written: {error}")))
}

fn said<'a>(message: &'a Message<'a>, input: &'a Input) -> Result<Said<'a>, Failure> {
    let mut said = Said {
        role: "user",
        content: None,
        tool_plan: None,
        tool_calls: Vec::new(),
        tool_call_id: None,
    };
    match &*message.role {
        "system" | "developer" => {
            said.role = "system";
            said.content = content(message.content, false)?;
        }
        "user" => said.content = content(message.content, true)?,
        "assistant" => {
            said.role = "assistant";
            let calls = message.tool_calls.iter().flatten();
            said.tool_calls = calls.clone().map(called).collect();
            said.content = content(message.content, false)?;
            if let Some(first) = calls.clone().next() {
                // The client's own, else what the host remembers.
                let noted = || {
                    let note = input.notes.iter().find(|note| note.id == first.id)?;
                    std::str::from_utf8(&note.data).ok().map(Cow::Borrowed)
                };
                let own = message.reasoning_content.as_deref().map(Cow::Borrowed);
                said.tool_plan = own.filter(|plan| !plan.is_empty()).or_else(noted);
            }
        }
        "tool" | "function" => {
            said.role = "tool";
            said.tool_call_id = message.tool_call_id.as_deref();
            said.content = content(message.content, false)?;
        }
        other => {
            return Err(failure::of(
                "invalid-request",
                format!("there is no role `{other}`"),
            ));
        }
    }
    if said.content.is_none() && said.tool_calls.is_empty() {
        said.content = Some(Content::Empty(""));
    }
    Ok(said)
}

fn called(call: &ToolCall) -> Json {
    let arguments = match call.function.arguments.trim() {
        "" => "{}",
        text => text,
    };
    json!({
        "id": call.id,
        "type": "function",
        "function": {"name": call.function.name, "arguments": arguments},
    })
}

/// A text stays as it was spelt; nothing and an empty text are none.
fn content(given: Option<&RawValue>, images: bool) -> Result<Option<Content<'_>>, Failure> {
    let Some(raw) = given.filter(|raw| !matches!(raw.get(), "null" | "\"\"" | "[]")) else {
        return Ok(None);
    };
    if raw.get().starts_with('"') {
        return Ok(Some(Content::Raw(raw)));
    }
    let parts: Vec<PartGiven<'_>> = serde_json::from_str(raw.get()).map_err(|error| {
        failure::of(
            "invalid-request",
            format!("`content` is neither a text nor a list of parts: {error}"),
        )
    })?;
    let blocks = parts.into_iter().map(|part| match &*part.kind {
        "text" | "refusal" => match part.text.or(part.refusal) {
            Some(text) => Ok(Block::Text { text }),
            None => Err(failure::of("invalid-request", "a part of text holds none")),
        },
        "image_url" if images => match part.image_url {
            Some(image_url) => Ok(Block::ImageUrl { image_url }),
            None => Err(failure::of(
                "invalid-request",
                "a part of an image holds none",
            )),
        },
        other => Err(failure::unsupported(format!(
            "Cohere takes no part `{other}` here"
        ))),
    });
    Ok(Some(Content::Blocks(blocks.collect::<Result<_, _>>()?)))
}

/// The tools, and whether one must be called. To name one is to offer it alone.
fn tools(chat: &Chat<'_>) -> Result<(Vec<Json>, Option<&'static str>), Failure> {
    let given = chat.tools.iter().flatten();
    let named = chat
        .tool_choice
        .as_ref()
        .and_then(|choice| choice["function"]["name"].as_str());
    let mut tools = Vec::new();
    for tool in given {
        let function = &tool["function"];
        let Some(name) = function["name"].as_str() else {
            let kind = tool["type"].as_str().unwrap_or("without a type");
            return Err(failure::unsupported(format!("Cohere has no tool `{kind}`")));
        };
        if named.is_some_and(|named| named != name) {
            continue;
        }
        let mut out = json!({"name": name, "parameters": schema::of_tool(&function["parameters"])});
        if let Some(description) = function["description"].as_str() {
            out["description"] = json!(description);
        }
        tools.push(json!({"type": "function", "function": out}));
    }
    let word = chat.tool_choice.as_ref().and_then(Json::as_str);
    let choice = match word {
        _ if tools.is_empty() => None,
        _ if named.is_some() => Some("REQUIRED"),
        Some("required") => Some("REQUIRED"),
        Some("none") => Some("NONE"),
        _ => None,
    };
    Ok((tools, choice))
}

fn format(given: Option<&Json>) -> Option<Json> {
    let given = given?;
    match given["type"].as_str()? {
        "json_object" => Some(json!({"type": "json_object"})),
        "json_schema" => Some(json!({
            "type": "json_object",
            "json_schema": schema::of_answer(&given["json_schema"]["schema"]),
        })),
        _ => None,
    }
}

fn stops(given: Option<&Json>) -> Vec<Json> {
    match given {
        Some(Json::Array(list)) => list.iter().take(STOPS).cloned().collect(),
        Some(text @ Json::String(_)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// Only those that think can be told not to; how much is theirs to choose.
fn thinking(model: &str, effort: Option<&Json>) -> Option<Json> {
    let thinks = model.contains("reasoning") || model.contains("-plus-05");
    let not = matches!(effort?.as_str(), Some("none" | "minimal"));
    (thinks && not).then(|| json!({"type": "disabled"}))
}
