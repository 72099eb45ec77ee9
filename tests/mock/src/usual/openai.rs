//! OpenAI's shape, under any path prefix: `…/chat/completions` and `…/models`. Under Cloudflare's
//! prefix also its own model list.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{Asked, Out, quote, quote_joined};
use crate::mock::Settings;
use crate::wire::View;

/// When everything was made: fixed, so that answers can be compared.
const CREATED: u64 = 1_750_000_000;
/// Prompt tokens of every answer.
const PROMPT: usize = 11;

/// A whole answer, for scripts.
#[must_use]
pub fn whole(model: &str, text: &str) -> Value {
    json!({
        "id": "chatcmpl-mock",
        "object": "chat.completion",
        "created": CREATED,
        "model": model,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": text },
            "finish_reason": "stop",
        }],
        "usage": { "prompt_tokens": PROMPT, "completion_tokens": 3, "total_tokens": PROMPT + 3 },
    })
}

/// The data payloads of a streamed answer, for scripts: role, one a word, finish, and usage if
/// wanted. `[DONE]` is not among them.
#[must_use]
pub fn stream(model: &str, words: &[&str], usage: bool) -> Vec<String> {
    let event = |delta: Value, finish: Value| {
        json!({
            "id": "chatcmpl-mock",
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
        })
        .to_string()
    };
    let mut events = vec![event(
        json!({ "role": "assistant", "content": "" }),
        Value::Null,
    )];
    events.extend(
        words
            .iter()
            .map(|word| event(json!({ "content": word }), Value::Null)),
    );
    events.push(event(json!({}), json!("stop")));
    if usage {
        let tokens = words.len();
        events.push(
            json!({
                "id": "chatcmpl-mock",
                "object": "chat.completion.chunk",
                "created": CREATED,
                "model": model,
                "choices": [],
                "usage": {
                    "prompt_tokens": PROMPT,
                    "completion_tokens": tokens,
                    "total_tokens": PROMPT + tokens,
                },
            })
            .to_string(),
        );
    }
    events
}

pub(super) fn answer(settings: &Settings, view: &View<'_>, asked: &Asked<'_>, out: &mut Out) {
    let path = view.path;
    if !settings.lets_in(asked) {
        return error(
            out,
            "401 Unauthorized",
            "invalid_api_key",
            "Incorrect API key provided.",
        );
    }
    match view.method {
        "POST" if path.ends_with("/chat/completions") => chat(settings, asked, out),
        "GET" if path.ends_with("/models") => list(settings, out),
        "GET"
            if path.starts_with("/client/v4/accounts/") && path.ends_with("/ai/models/search") =>
        {
            search(settings, out);
        }
        _ => error(out, "404 Not Found", "not_found", "No such route."),
    }
}

fn chat(settings: &Settings, asked: &Asked<'_>, out: &mut Out) {
    let Some(model) = asked.model.as_deref().filter(|_| !asked.broken) else {
        return error(
            out,
            "400 Bad Request",
            "invalid_request_error",
            "A model is required.",
        );
    };
    if !settings.knows(asked) {
        return error(
            out,
            "404 Not Found",
            "model_not_found",
            "The model does not exist.",
        );
    }
    let tokens = settings.words.len();
    if !asked.stream {
        return out.json("200 OK", |body| {
            opening(body, "chat.completion", model);
            body.extend_from_slice(
                br#""choices":[{"index":0,"message":{"role":"assistant","content":"#,
            );
            quote_joined(body, &settings.words);
            body.extend_from_slice(br#"},"finish_reason":"stop"}],"#);
            usage(body, tokens);
        });
    }
    out.chunked("text/event-stream");
    event(out, model, br#"{"role":"assistant","content":""}"#, b"null");
    for word in &settings.words {
        out.chunk(|body| {
            begin_event(body, model);
            body.extend_from_slice(br#"{"content":"#);
            quote(body, word);
            body.extend_from_slice(b"},\"finish_reason\":null}]}\n\n");
        });
    }
    event(out, model, b"{}", br#""stop""#);
    if asked.usage {
        out.chunk(|body| {
            body.extend_from_slice(b"data: ");
            opening(body, "chat.completion.chunk", model);
            body.extend_from_slice(br#""choices":[],"#);
            usage(body, tokens);
            body.extend_from_slice(b"\n\n");
        });
    }
    out.chunk(|body| body.extend_from_slice(b"data: [DONE]\n\n"));
    out.end();
}

fn list(settings: &Settings, out: &mut Out) {
    let models: Vec<_> = settings
        .models
        .iter()
        .map(|id| json!({ "id": id, "object": "model", "created": CREATED, "owned_by": "mock" }))
        .collect();
    let text = json!({ "object": "list", "data": models }).to_string();
    out.json("200 OK", |body| body.extend_from_slice(text.as_bytes()));
}

/// Cloudflare's model list.
fn search(settings: &Settings, out: &mut Out) {
    let models: Vec<_> = settings
        .models
        .iter()
        .map(|name| json!({ "id": name, "name": name, "task": { "name": "Text Generation" } }))
        .collect();
    let text =
        json!({ "success": true, "errors": [], "messages": [], "result": models }).to_string();
    out.json("200 OK", |body| body.extend_from_slice(text.as_bytes()));
}

fn error(out: &mut Out, status: &str, kind: &str, message: &str) {
    out.json(status, |body| {
        let _ = write!(
            body,
            r#"{{"error":{{"message":"{message}","type":"{kind}","param":null,"code":"{kind}"}}}}"#
        );
    });
}

fn event(out: &mut Out, model: &str, delta: &[u8], finish: &[u8]) {
    out.chunk(|body| {
        begin_event(body, model);
        body.extend_from_slice(delta);
        body.extend_from_slice(br#","finish_reason":"#);
        body.extend_from_slice(finish);
        body.extend_from_slice(b"}]}\n\n");
    });
}

/// An event up to where its delta stands.
fn begin_event(body: &mut Vec<u8>, model: &str) {
    body.extend_from_slice(b"data: ");
    opening(body, "chat.completion.chunk", model);
    body.extend_from_slice(br#""choices":[{"index":0,"delta":"#);
}

fn opening(body: &mut Vec<u8>, object: &str, model: &str) {
    let _ = write!(
        body,
        r#"{{"id":"chatcmpl-mock","object":"{object}","created":{CREATED},"model":"#
    );
    quote(body, model);
    body.push(b',');
}

/// The usage, and the end of the object.
fn usage(body: &mut Vec<u8>, tokens: usize) {
    let total = PROMPT + tokens;
    let _ = write!(
        body,
        r#""usage":{{"prompt_tokens":{PROMPT},"completion_tokens":{tokens},"total_tokens":{total}}}}}"#
    );
}
