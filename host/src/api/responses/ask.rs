//! A request becomes a canonical one.

use std::collections::BTreeMap;

use super::input::Conversation;
use super::machine::Plan;
use super::reasoning::Sealer;
use super::tools::Tools;
use super::{echo, invalid, items, text, wrong};
use crate::chat::request::AUTO;
use crate::chat::{ChatRequest, Invalid};
use crate::json::{Object, Value, object};

/// Members that chat knows by the same names.
const SAME: [&str; 8] = [
    "model",
    "stream",
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "seed",
    "stop",
];

/// What a request refers to, to be looked up before it can be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct References {
    /// The answer it goes on from.
    pub(super) previous: Option<String>,
    /// Items named by their ids alone.
    pub(super) items: Vec<String>,
}

/// What was found of it.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// Items of the turns before, the oldest first.
    pub(super) history: Vec<Value<'static>>,
    /// Items by their ids.
    pub(super) items: BTreeMap<String, Value<'static>>,
}

/// What the server knows of an answer before it begins.
#[derive(Clone, Debug)]
pub(super) struct Birth {
    /// `resp_` and 32 hexadecimal digits.
    pub(super) id: String,
    /// Seconds since 1970 UTC.
    pub(super) created: u64,
    /// Whether answers are kept at all.
    pub(super) keeps: bool,
}

/// A request that has been read.
#[derive(Debug)]
pub(super) struct Asked {
    /// For the gateway.
    pub(super) request: ChatRequest<'static>,
    /// For the machine.
    pub(super) plan: Plan,
    /// The input to be kept with the answer, every item with an id; `None`: nothing is kept.
    pub(super) keep: Option<Vec<Value<'static>>>,
    /// The answer it goes on from.
    pub(super) previous: Option<String>,
}

/// What must be looked up.
pub(super) fn references(body: &Object<'_>) -> Result<References, Invalid> {
    let previous = match body.get("previous_response_id") {
        None => None,
        Some(Value::String(id)) => Some(id.text().into_owned()),
        Some(other) => return Err(wrong("previous_response_id", "a string", other)),
    };
    let items = body
        .get("input")
        .and_then(Value::as_array)
        .unwrap_or_default();
    Ok(References {
        previous,
        items: items.iter().filter_map(reference).collect(),
    })
}

/// The id of an item that is nothing but an id.
fn reference(item: &Value<'_>) -> Option<String> {
    let bare = item.get("role").is_none();
    match item.get("type").and_then(Value::as_str).as_deref() {
        Some("item_reference") => {}
        None if bare => {}
        _ => return None,
    }
    Some(item.get("id")?.as_str()?.into_owned())
}

/// Reads a request.
///
/// # Errors
/// What OpenAI refuses too, and what this server cannot do, by name.
pub(super) fn read(
    body: &Object<'_>,
    past: &Past,
    birth: &Birth,
    sealer: &Sealer,
) -> Result<Asked, Invalid> {
    refuse(body)?;
    let mut chat = Object::new();
    for name in SAME {
        if let Some(value) = body.get(name) {
            chat.insert(name, value.clone());
        }
    }
    let model = match body.get("model") {
        None => AUTO.to_owned(),
        Some(Value::String(model)) => model.text().into_owned(),
        Some(other) => return Err(wrong("model", "a string, such as \"auto\"", other)),
    };
    if let Some(most) = count(body, "max_output_tokens")? {
        // The older word: servers that do not know the newer one would answer without any bound.
        chat.insert("max_tokens", Value::from(most));
    }
    count(body, "max_tool_calls")?;
    logprobs(body, &mut chat)?;
    let reasoning = reasoning(body, &mut chat)?;
    text::read(body.get("text"), &mut chat)?;
    let mut tools = Tools::default();
    match body.get("tools") {
        None => {}
        Some(Value::Array(list)) => tools.add(list, "tools")?,
        Some(other) => return Err(wrong("tools", "a list of tools", other)),
    }
    let input = input(body, past)?;
    for (at, item) in input.iter().enumerate() {
        let more = item
            .get("type")
            .and_then(Value::as_text)
            .is_some_and(|kind| kind == "additional_tools");
        if more && let Some(Value::Array(list)) = item.get("tools") {
            tools.add(list, &format!("input[{at}].tools"))?;
        }
    }
    let names = tools.put(
        body.get("tool_choice"),
        flag(body, "parallel_tool_calls")?
            .map(|_| "parallel_tool_calls")
            .and_then(|name| body.get(name)),
        &mut chat,
    )?;
    let mut conversation = Conversation::new(&names, sealer);
    match body.get("instructions") {
        None => {}
        Some(Value::String(text)) => conversation.instruct(text),
        Some(other) => return Err(wrong("instructions", "a string", other)),
    }
    for (at, item) in past.history.iter().enumerate() {
        conversation.take(item, &format!("previous_response_id[{at}]"))?;
    }
    match body.get("input") {
        Some(Value::String(text)) => conversation.say(text),
        _ => {
            for (at, item) in input.iter().enumerate() {
                conversation.take(item, &format!("input[{at}]"))?;
            }
        }
    }
    let messages = conversation.end()?;
    if messages.iter().all(|message| {
        message
            .get("role")
            .and_then(Value::as_text)
            .is_some_and(|role| role == "system")
    }) {
        let what = "'input' says nothing: give a text, or a list with at least one item such as \
                    {\"role\":\"user\",\"content\":\"Hello\"}.";
        return Err(invalid("input", what));
    }
    chat.insert("messages", Value::Array(messages));
    let streaming = flag(body, "stream")?.unwrap_or(false);
    if streaming {
        chat.insert(
            "stream_options",
            object([("include_usage", Value::from(true))]),
        );
    }
    let request = ChatRequest::of(Value::Object(chat).into_owned())?;
    let store = flag(body, "store")?.unwrap_or(true) && birth.keeps;
    let keep = store.then(|| items::kept(body.get("input"), &input, &birth.id));
    Ok(Asked {
        request,
        plan: Plan {
            template: echo::template(body, birth, &model, store),
            id: birth.id.clone(),
            names,
            summary: reasoning,
            encrypted: includes(body, "reasoning.encrypted_content")?,
        },
        keep,
        previous: references(body)?.previous,
    })
}

/// What this server does not do, by name.
fn refuse(body: &Object<'_>) -> Result<(), Invalid> {
    if flag(body, "background")? == Some(true) {
        let what = "'background' is not supported: this server answers while the connection is open. Leave it out, and \
                    use 'stream' for long answers.";
        return Err(invalid("background", what));
    }
    for (name, remedy) in [
        (
            "conversation",
            "Send the items as 'input', or go on with 'previous_response_id'.",
        ),
        (
            "prompt",
            "Send the prompt's text as 'instructions' and 'input'.",
        ),
    ] {
        if body.contains_key(name) {
            return Err(invalid(
                name,
                format!("'{name}' is not supported: this server keeps none. {remedy}"),
            ));
        }
    }
    match body.get("truncation") {
        None => {}
        Some(Value::String(word)) if ["auto", "disabled"].contains(&&*word.text()) => {}
        Some(_) => {
            let what = "'truncation' must be auto or disabled.";
            return Err(invalid("truncation", what));
        }
    }
    match body.get("metadata") {
        None => {}
        Some(Value::Object(pairs)) if pairs.iter().all(|(_, value)| value.as_text().is_some()) => {}
        Some(other) => return Err(wrong("metadata", "an object of strings", other)),
    }
    for name in [
        "user",
        "safety_identifier",
        "prompt_cache_key",
        "service_tier",
    ] {
        match body.get(name) {
            None | Some(Value::String(_)) => {}
            Some(other) => return Err(wrong(name, "a string", other)),
        }
    }
    match body.get("stream_options") {
        None | Some(Value::Object(_)) => Ok(()),
        Some(other) => Err(wrong("stream_options", "an object", other)),
    }
}

/// The items of the input, those that are only named put in their places. None where it is plain text.
fn input<'a>(body: &Object<'a>, past: &Past) -> Result<Vec<Value<'a>>, Invalid> {
    let items = match body.get("input") {
        None | Some(Value::String(_)) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(other) => return Err(wrong("input", "a string or a list of items", other)),
    };
    let mut all = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let Some(id) = reference(item) else {
            all.push(item.clone());
            continue;
        };
        match past.items.get(&id) {
            Some(found) => all.push(found.clone()),
            // Thoughts are a help and no part of what was said.
            None if id.starts_with("rs_") => {}
            None => {
                let id: String = id.chars().take(100).collect();
                return Err(invalid(
                    format!("input[{at}].id"),
                    format!(
                        "Item with id '{id}' not found. This server has it only if the answer it came with was stored \
                         under this API key; send the item itself."
                    ),
                ));
            }
        }
    }
    Ok(all)
}

fn logprobs<'a>(body: &Object<'a>, chat: &mut Object<'a>) -> Result<(), Invalid> {
    let top = match body.get("top_logprobs") {
        None => None,
        Some(value) if value.as_u64().is_some_and(|top| top <= 20) => Some(value),
        Some(other) => return Err(wrong("top_logprobs", "an integer from 0 to 20", other)),
    };
    let wanted = includes(body, "message.output_text.logprobs")?;
    let some = top.filter(|top| top.as_u64() != Some(0));
    if wanted || some.is_some() {
        chat.insert("logprobs", Value::from(true));
    }
    if let Some(top) = some {
        chat.insert("top_logprobs", top.clone());
    }
    Ok(())
}

/// Whether a summary is wanted.
fn reasoning<'a>(body: &Object<'a>, chat: &mut Object<'a>) -> Result<bool, Invalid> {
    let reasoning = match body.get("reasoning") {
        None => return Ok(false),
        Some(Value::Object(reasoning)) => reasoning,
        Some(other) => return Err(wrong("reasoning", "an object", other)),
    };
    match reasoning.get("effort") {
        None | Some(Value::Null) => {}
        Some(effort @ Value::String(_)) => drop(chat.insert("reasoning_effort", effort.clone())),
        Some(other) => return Err(wrong("reasoning.effort", "a string", other)),
    }
    let summary = reasoning
        .get("summary")
        .or_else(|| reasoning.get("generate_summary"));
    match summary {
        None | Some(Value::Null) => Ok(false),
        Some(Value::String(word)) => Ok(*word != *"none"),
        Some(other) => Err(wrong("reasoning.summary", "a string", other)),
    }
}

/// Whether `include` names it. What this server has nothing of is not refused.
fn includes(body: &Object<'_>, what: &str) -> Result<bool, Invalid> {
    match body.get("include") {
        None => Ok(false),
        Some(Value::Array(list)) if list.iter().all(|one| one.as_text().is_some()) => Ok(list
            .iter()
            .filter_map(Value::as_text)
            .any(|one| one == what)),
        Some(other) => Err(wrong("include", "a list of strings", other)),
    }
}

fn flag(body: &Object<'_>, name: &str) -> Result<Option<bool>, Invalid> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(*truth)),
        Some(other) => Err(wrong(name, "true or false", other)),
    }
}

fn count(body: &Object<'_>, name: &str) -> Result<Option<u64>, Invalid> {
    match body.get(name) {
        None => Ok(None),
        Some(value) => match value.as_u64().filter(|count| *count > 0) {
            Some(count) => Ok(Some(count)),
            None => Err(wrong(name, "an integer of at least 1", value)),
        },
    }
}
