//! A whole reply becomes a `chat.completion`.

use serde_json::{Value as Json, json};

use super::reply::{Whole, annotation, finish, usage_json};
use crate::{Call, Failure, Head, Note, Outcome, Reply, failure};

/// Reads a whole 2xx reply.
///
/// # Errors
/// `malformed-reply` if it holds no answer; what an answer that ended badly means.
pub fn decode(call: &Call, _: &Head, body: &[u8]) -> Result<Outcome, Failure> {
    if call.operation == "key-check" {
        // Any list will do.
        return Ok(Outcome::Done(Reply::keep()));
    }
    if call.operation != "chat" {
        return super::tasks::read(call, body);
    }
    let given: Whole = serde_json::from_slice(body)
        .map_err(|error| failure::malformed(format!("the reply is not Cohere's: {error}")))?;
    let finish = finish(&given.finish_reason)?;
    let said = given.message;
    let (mut text, mut thought) = (String::new(), String::new());
    // How much text stands before each block.
    let mut before = Vec::new();
    for block in said.content.iter().flatten() {
        before.push(text.chars().count() as u64);
        text.push_str(block.text.as_deref().unwrap_or_default());
        thought.push_str(block.thinking.as_deref().unwrap_or_default());
    }
    let plan = said.tool_plan.unwrap_or_default();
    let calls: Vec<Json> = said
        .tool_calls
        .iter()
        .flatten()
        .enumerate()
        .map(|(at, called)| {
            let arguments = called.function.arguments.as_deref().unwrap_or_default();
            json!({
                "id": called.id.clone().unwrap_or_else(|| format!("call_{}{at:x}", call.id)),
                "type": "function",
                "function": {
                    "name": called.function.name.as_deref().unwrap_or_default(),
                    "arguments": if arguments.trim().is_empty() { "{}" } else { arguments },
                },
            })
        })
        .collect();
    let notes = note(calls.first().and_then(|call| call["id"].as_str()), &plan);
    thought.push_str(&plan);
    let mut message = json!({"role": "assistant"});
    message["content"] = if text.is_empty() && !calls.is_empty() {
        Json::Null
    } else {
        Json::String(text)
    };
    if !thought.is_empty() {
        message["reasoning_content"] = Json::String(thought);
    }
    if !calls.is_empty() {
        message["tool_calls"] = Json::Array(calls);
    }
    let citations = said.citations.iter().flatten();
    let annotations: Vec<Json> = citations
        .filter_map(|citation| {
            let block = citation["content_index"].as_u64().unwrap_or(0) as usize;
            annotation(citation, before.get(block).copied().unwrap_or(0))
        })
        .collect();
    if !annotations.is_empty() {
        message["annotations"] = Json::Array(annotations);
    }
    let usage = given.usage.as_ref().and_then(super::reply::Counts::usage);
    let id = if given.id.is_empty() {
        &call.id
    } else {
        &given.id
    };
    let mut answer = json!({
        "id": format!("chatcmpl-{id}"),
        "object": "chat.completion",
        "created": call.now_ms / 1000,
        "model": call.model,
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish}],
    });
    if let Some(usage) = &usage {
        answer["usage"] = usage_json(usage);
    }
    let mut reply = Reply::json(answer.to_string().into_bytes(), usage);
    reply.notes = notes;
    Ok(Outcome::Done(reply))
}

/// The plan, remembered by the first of its calls: the next turn wants it back, and clients rarely keep it.
pub(super) fn note(first: Option<&str>, plan: &str) -> Vec<Note> {
    let first = first.filter(|_| !plan.is_empty());
    let note = first.map(|id| Note {
        id: id.to_owned(),
        data: plan.as_bytes().to_vec(),
    });
    note.into_iter().collect()
}
