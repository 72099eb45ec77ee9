//! Requests: what becomes of each member, and which are refused.

mod refused;
mod tools;
mod turns;
mod wire;

use serde_json::{Value, json};

use super::{Purpose, Read, read};
use crate::chat::Invalid;

fn try_read(body: &Value, purpose: Purpose) -> Result<Read, Invalid> {
    read(body.to_string().as_bytes(), purpose, |name| {
        format!("routed/{name}")
    })
}

/// The request that a good body is read as.
fn good(body: &Value) -> Read {
    try_read(body, Purpose::Answer).unwrap_or_else(|error| panic!("{body}: {error}"))
}

/// The canonical body.
fn canonical(body: &Value) -> Value {
    let read = good(body);
    serde_json::from_slice(&read.request.body().to_vec()).expect("JSON")
}

fn refusal(body: &Value) -> String {
    let error = try_read(body, Purpose::Answer).expect_err("it is refused");
    let path = error.param.clone().unwrap_or_default();
    assert!(error.message.starts_with(&path), "{error}");
    error.message
}

/// A request with one message, and these members.
fn with(more: Value) -> Value {
    let mut body =
        json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": "hi" }] });
    let members = body.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    body
}

/// Of a request with these messages.
fn messages(messages: Value) -> Value {
    let mut body = with(json!({}));
    body["messages"] = messages;
    canonical(&body)["messages"].take()
}

#[test]
fn the_smallest_request() {
    let read = good(&with(json!({})));
    assert_eq!(read.request.model(), "routed/m");
    assert_eq!(read.manner.model, "m");
    assert!(!read.request.stream());
    assert_eq!(
        canonical(&with(json!({}))),
        json!({ "model": "routed/m", "messages": [{ "role": "user", "content": "hi" }], "max_tokens": 9 })
    );
}

#[test]
fn members_are_brought_to_canonical_ones() {
    let schema = json!({ "type": "object", "properties": { "a": { "type": "integer" } } });
    for (more, becomes) in [
        (
            json!({ "temperature": 0.5, "top_p": 1, "top_k": 40 }),
            json!({ "temperature": 0.5, "top_p": 1, "top_k": 40 }),
        ),
        (
            json!({ "stop_sequences": ["END"] }),
            json!({ "stop": ["END"] }),
        ),
        (json!({ "stop_sequences": [] }), json!({})),
        (
            json!({ "metadata": { "user_id": "u-1" } }),
            json!({ "user": "u-1" }),
        ),
        (json!({ "metadata": { "user_id": null } }), json!({})),
        (
            json!({ "thinking": { "type": "enabled", "budget_tokens": 2048 } }),
            json!({ "reasoning_effort": "low" }),
        ),
        (
            json!({ "thinking": { "type": "enabled", "budget_tokens": 10_000 } }),
            json!({ "reasoning_effort": "medium" }),
        ),
        (
            json!({ "thinking": { "type": "enabled", "budget_tokens": 31_999 } }),
            json!({ "reasoning_effort": "high" }),
        ),
        (json!({ "thinking": { "type": "adaptive" } }), json!({})),
        (
            json!({ "thinking": { "type": "disabled" }, "output_config": { "effort": "high" } }),
            json!({ "reasoning_effort": "none" }),
        ),
        (
            json!({ "thinking": { "type": "adaptive" }, "output_config": { "effort": "max" } }),
            json!({ "reasoning_effort": "high" }),
        ),
        (
            json!({ "output_config": { "effort": "never-heard-of" } }),
            json!({}),
        ),
        (
            json!({ "stream": true }),
            json!({ "stream": true, "stream_options": { "include_usage": true } }),
        ),
        (
            json!({ "output_config": { "format": { "type": "json_schema", "schema": schema } } }),
            json!({ "response_format": { "type": "json_schema", "json_schema": { "name": "answer", "strict": true, "schema": schema } } }),
        ),
        (
            json!({ "output_format": { "type": "json_schema", "schema": schema } }),
            json!({ "response_format": { "type": "json_schema", "json_schema": { "name": "answer", "strict": true, "schema": schema } } }),
        ),
        // Nobody else knows these, or not here.
        (
            json!({ "context_management": { "edits": [] }, "service_tier": "auto", "container": "c", "inference_geo": "us", "betas": ["x"], "cache_control": { "type": "ephemeral" }, "invented": [1] }),
            json!({}),
        ),
    ] {
        let mut expected = json!({ "model": "routed/m", "messages": [{ "role": "user", "content": "hi" }], "max_tokens": 9 });
        let members = expected.as_object_mut().expect("an object");
        members.extend(becomes.as_object().expect("an object").clone());
        assert_eq!(canonical(&with(more.clone())), expected, "{more}");
    }
}

#[test]
fn a_long_user_goes_out_as_its_hash() {
    let long = json!({ "device_id": "0123456789".repeat(7) }).to_string();
    let of =
        |user: &str| canonical(&with(json!({ "metadata": { "user_id": user } })))["user"].take();
    let sent = of(&long);
    let sent = sent.as_str().expect("a string");
    assert!(sent.len() <= 64 && !sent.contains("0123456789"), "{sent}");
    assert_eq!(of(&long), sent);
    assert_ne!(of(&long.replace("device", "other")), sent);
    assert_eq!(of(&"x".repeat(64)), "x".repeat(64));
}

#[test]
fn stops_that_a_provider_would_refuse_are_kept_here() {
    let read = good(&with(
        json!({ "stop_sequences": ["1", "2", "3", "4", "5", "6"] }),
    ));
    assert_eq!(read.manner.stops.sent, ["1", "2", "3", "4"]);
    assert_eq!(read.manner.stops.kept, ["5", "6"]);
    let body: Value = serde_json::from_slice(&read.request.body().to_vec()).expect("JSON");
    assert_eq!(body["stop"], json!(["1", "2", "3", "4"]));
}

#[test]
fn thoughts_are_hidden_from_those_who_want_none() {
    for (thinking, shown) in [
        (json!({}), true),
        (json!({ "thinking": { "type": "adaptive" } }), true),
        (json!({ "thinking": { "type": "disabled" } }), false),
    ] {
        assert_eq!(
            good(&with(thinking.clone())).manner.thinking,
            shown,
            "{thinking}"
        );
    }
}

#[test]
fn tokens_are_counted_without_a_length_and_grow_with_the_request() {
    let count = |more: Value| {
        let mut body = with(more);
        body.as_object_mut()
            .expect("an object")
            .remove("max_tokens");
        let read = try_read(&body, Purpose::Count).expect("it is read");
        read.manner.input_tokens
    };
    let bare = count(json!({}));
    let system =
        count(json!({ "system": [{ "type": "text", "text": "Be brief, and friendly." }] }));
    let tool = json!({ "name": "Read", "description": "Reads a file.", "input_schema": { "type": "object" } });
    let tools = count(json!({ "tools": [tool] }));
    let image = json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "AAAA" } });
    let image = count(json!({ "messages": [{ "role": "user", "content": [image] }] }));
    assert!(
        0 < bare && bare < system && bare < tools && tools < image,
        "{bare} {system} {tools} {image}"
    );
}
