//! A whole reply becomes a `chat.completion`.

use serde_json::{Value as Json, json};

use super::choice::{Choice, Said};
use super::names::Names;
use super::reply::{Candidate, Counts, Reply as Given, call_json, usage_json};
use super::{classify, embeddings, made};
use crate::{Call, Failure, Head, Note, Outcome, Reply, failure};

/// Reads a whole 2xx reply to what [`Gemini::encode`](super::Gemini::encode) plans.
///
/// # Errors
/// `malformed-reply` if it holds no answer; what its own `error` means, if it holds one.
pub fn decode(call: &Call, head: &Head, body: &[u8]) -> Result<Outcome, Failure> {
    match call.operation.as_str() {
        // Any list will do.
        "key-check" => return Ok(Outcome::Done(Reply::keep())),
        "embeddings" => return embeddings::read(call, body),
        "images" | "speech" => return made::decode(call, body),
        _ => {}
    }
    let given: Given<'_> = serde_json::from_slice(body)
        .map_err(|error| failure::malformed(format!("the reply is not Gemini's: {error}")))?;
    if given.error.is_some() {
        return Err(classify::failure_of(call, head, body));
    }
    let usage = given.usage_metadata.and_then(Counts::usage);
    let names = Names::of_memo(&call.memo);
    let mut notes = Vec::new();
    let choices = if given.candidates.is_empty() {
        vec![blocked(&given)?]
    } else {
        given
            .candidates
            .into_iter()
            .map(|candidate| choice(candidate, &names, &call.id, &mut notes))
            .collect::<Result<_, _>>()?
    };
    let id = given.response_id.as_deref().unwrap_or(&call.id);
    let mut answer = json!({
        "id": format!("chatcmpl-{id}"),
        "object": "chat.completion",
        "created": call.now_ms / 1000,
        "model": call.model,
        "choices": choices,
    });
    if let Some(usage) = &usage {
        answer["usage"] = usage_json(usage);
    }
    let mut reply = Reply::json(answer.to_string().into_bytes(), usage);
    reply.notes = notes;
    Ok(Outcome::Done(reply))
}

/// What a call's signature is remembered by.
pub(super) fn note(id: &str, signature: &str) -> Note {
    Note {
        id: id.to_owned(),
        data: signature.as_bytes().to_vec(),
    }
}

/// A prompt that was refused before anything was generated: an answer, and no fault of the key's or the server's.
fn blocked(given: &Given<'_>) -> Result<Json, Failure> {
    let reason = given
        .prompt_feedback
        .as_ref()
        .and_then(|it| it.block_reason.as_deref());
    if reason.is_none() {
        return Err(failure::malformed("the reply holds no candidates"));
    }
    Ok(json!({
        "index": 0,
        "message": {"role": "assistant", "content": ""},
        "logprobs": null,
        "finish_reason": "content_filter",
    }))
}

fn choice(
    candidate: Candidate<'_>,
    names: &Names,
    seed: &str,
    notes: &mut Vec<Note>,
) -> Result<Json, Failure> {
    let word = candidate.finish_reason.clone().unwrap_or_default();
    let mut choice = Choice::new(candidate.index);
    let (mut text, mut thought, mut calls) = (None::<String>, None::<String>, Vec::new());
    for said in choice.hear(candidate, names, seed) {
        match said {
            Said::Text(more) => text.get_or_insert_default().push_str(&more),
            Said::Thought(more) => thought.get_or_insert_default().push_str(&more),
            Said::Call(call) => {
                let signature = call.signature.as_deref();
                notes.extend(signature.map(|signature| note(&call.id, signature)));
                calls.push(call_json(&call.id, &call.name, &call.arguments, signature));
            }
        }
    }
    if choice.failed() {
        return Err(failure::malformed(format!(
            "the model ended with {word} and said nothing"
        )));
    }
    let finish = choice
        .finish
        .map_or("stop", |finish| finish.word(!calls.is_empty()));
    // Where tools are called, no text is null; elsewhere it is an empty one.
    let text = text.or_else(|| calls.is_empty().then(String::new));
    let mut message = json!({"role": "assistant", "content": text});
    if let Some(thought) = thought {
        message["reasoning_content"] = Json::String(thought);
    }
    if !calls.is_empty() {
        message["tool_calls"] = Json::Array(calls);
    }
    Ok(json!({
        "index": choice.index,
        "message": message,
        "logprobs": null,
        "finish_reason": finish,
    }))
}
