//! Streams as they go out, written down.

use serde_json::{Value as Json, json};

use super::properties::check;
use super::{Ending, chunk, interrupted, stream, usage, whole};
use super::{encoder, events};
use crate::api::answer::Encode;

/// One line an event; of the response object only what changes.
fn shown(events: &[Json]) -> String {
    let mut lines = String::new();
    for event in events {
        let mut event = event.clone();
        if let Some(response) = event.get_mut("response").and_then(Json::as_object_mut) {
            let changing = [
                "status",
                "completed_at",
                "error",
                "incomplete_details",
                "model",
                "output",
                "usage",
            ];
            response.retain(|name, value| changing.contains(&name.as_str()) && !value.is_null());
        }
        // Other crates of the workspace have serde_json keep the order of members.
        event.sort_all_objects();
        let text = event.to_string();
        let text = match text.split_once("freellmapi1:") {
            // A nonce makes it another every time.
            Some((before, after)) => {
                let (_, after) = after.split_once('"').unwrap();
                let after = match after.split_once("freellmapi1:") {
                    Some((between, rest)) => {
                        format!("{between}SEALED\"{}", rest.split_once('"').unwrap().1)
                    }
                    None => after.to_owned(),
                };
                format!("{before}SEALED\"{after}")
            }
            None => text,
        };
        lines.push_str(&text);
        lines.push('\n');
    }
    lines
}

fn golden(name: &str, body: &Json, chunks: &[Json], ending: Ending) {
    let events = stream(body, chunks, ending);
    check(&events);
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, shown(&events));
    });
}

fn hi() -> Json {
    json!({ "model": "auto", "input": "Hi", "tools": [
        { "type": "function", "name": "weather" },
        { "type": "custom", "name": "apply_patch" },
        { "type": "namespace", "name": "agents", "tools": [{ "type": "function", "name": "spawn" }] },
    ] })
}

fn null() -> Json {
    Json::Null
}

fn call(index: u64, id: &str, name: &str, arguments: &str) -> Json {
    json!({ "tool_calls": [{ "index": index, "id": id, "type": "function",
        "function": { "name": name, "arguments": arguments } }] })
}

fn more(index: u64, arguments: &str) -> Json {
    json!({ "tool_calls": [{ "index": index, "function": { "arguments": arguments } }] })
}

#[test]
fn text() {
    let chunks = [
        chunk(&json!({ "role": "assistant", "content": "" }), &null()),
        chunk(&json!({ "content": "Hel" }), &null()),
        chunk(&json!({ "content": "lo\n\u{1f642}" }), &null()),
        chunk(&json!({}), &json!("stop")),
        usage(),
    ];
    golden("text", &hi(), &chunks, Ending::Whole);
}

#[test]
fn tools() {
    let chunks = [
        chunk(
            &json!({ "role": "assistant", "content": "Let me see." }),
            &null(),
        ),
        chunk(&call(0, "call_1", "weather", ""), &null()),
        chunk(&more(0, "{\"city\""), &null()),
        chunk(&more(0, ":\"Bern\"}"), &null()),
        chunk(&json!({}), &json!("tool_calls")),
        usage(),
    ];
    golden("tools", &hi(), &chunks, Ending::Whole);
}

#[test]
fn parallel_tools_interleaved() {
    let chunks = [
        chunk(&call(0, "call_1", "weather", "{\"a\""), &null()),
        chunk(&call(1, "call_2", "apply_patch", "{\"input\":"), &null()),
        chunk(&more(0, ":1"), &null()),
        chunk(&more(1, "\"*** Begin\\n"), &null()),
        chunk(&call(2, "call_3", "agents__spawn", ""), &null()),
        chunk(&more(0, "}"), &null()),
        chunk(&more(1, "*** End\"}"), &null()),
        chunk(&json!({}), &json!("tool_calls")),
        usage(),
    ];
    golden("parallel_tools_interleaved", &hi(), &chunks, Ending::Whole);
}

#[test]
fn reasoning_then_text_then_tools() {
    let mut body = hi();
    body["reasoning"] = json!({ "summary": "auto" });
    body["include"] = json!(["reasoning.encrypted_content"]);
    let chunks = [
        chunk(&json!({ "reasoning_content": "Let me" }), &null()),
        chunk(
            &json!({ "reasoning_content": " think.", "content": "" }),
            &null(),
        ),
        chunk(&json!({ "content": "Well." }), &null()),
        chunk(&call(0, "call_1", "weather", "{}"), &null()),
        chunk(&json!({}), &json!("tool_calls")),
        usage(),
    ];
    golden(
        "reasoning_then_text_then_tools",
        &body,
        &chunks,
        Ending::Whole,
    );
}

#[test]
fn reasoning_as_text() {
    let chunks = [
        chunk(&json!({ "reasoning_content": "Hm." }), &null()),
        chunk(&json!({ "content": "42" }), &json!("stop")),
        usage(),
    ];
    golden("reasoning_as_text", &hi(), &chunks, Ending::Whole);
}

#[test]
fn refusal() {
    let chunks = [
        chunk(&json!({ "refusal": "I will" }), &null()),
        chunk(&json!({ "refusal": " not." }), &json!("stop")),
        usage(),
    ];
    golden("refusal", &hi(), &chunks, Ending::Whole);
}

#[test]
fn length() {
    let chunks = [
        chunk(&json!({ "content": "Once upon" }), &null()),
        chunk(&call(0, "call_1", "weather", "{\"ci"), &json!("length")),
        usage(),
    ];
    golden("length", &hi(), &chunks, Ending::Whole);
}

#[test]
fn filtered() {
    let chunks = [
        chunk(&json!({ "content": "Well" }), &json!("content_filter")),
        usage(),
    ];
    golden("filtered", &hi(), &chunks, Ending::Whole);
}

#[test]
fn error_before_content() {
    golden("error_before_content", &hi(), &[], Ending::Broken);
}

#[test]
fn error_after_content() {
    let chunks = [
        chunk(&json!({ "content": "Let me see." }), &null()),
        chunk(&call(0, "call_1", "weather", "{\"city\""), &null()),
    ];
    golden("error_after_content", &hi(), &chunks, Ending::Broken);
}

#[test]
fn logprobs_and_sources() {
    let mut body = hi();
    body["include"] = json!(["message.output_text.logprobs"]);
    let mut first = chunk(&json!({ "content": "Bern" }), &null());
    first["choices"][0]["logprobs"] = json!({ "content": [
        { "token": "Bern", "logprob": -0.25, "bytes": [66], "top_logprobs": [] } ] });
    let sources = json!({ "annotations": [{ "type": "url_citation", "url_citation": {
        "start_index": 0, "end_index": 4, "url": "https://x.example", "title": "X" } }] });
    let chunks = [first, chunk(&sources, &json!("stop")), usage()];
    golden("logprobs_and_sources", &body, &chunks, Ending::Whole);
}

/// Every member of the response object.
#[test]
fn whole_object() {
    let body = json!({
        "model": "auto", "input": "Hi", "instructions": "Be brief.", "max_output_tokens": 99, "metadata": { "a": "b" },
        "temperature": 0.20, "reasoning": { "effort": "low" }, "tool_choice": "auto", "store": false,
        "text": { "format": { "type": "json_schema", "name": "n", "schema": { "type": "object" } } },
        "tools": [{ "type": "function", "name": "f", "parameters": { "type": "object" } }, { "type": "web_search" }],
        "previous_response_id": "resp_before", "user": "u", "safety_identifier": "s", "prompt_cache_key": "k",
    });
    let mut response = whole(
        &body,
        &json!({ "role": "assistant", "content": "Hello" }),
        "stop",
    );
    response.sort_all_objects();
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("whole_object", serde_json::to_string_pretty(&response).unwrap());
    });
}

#[test]
fn a_comment_keeps_the_connection_open_and_changes_nothing() {
    let mut encoder = encoder(&hi());
    let mut out = Vec::new();
    encoder.keep_alive(&mut out);
    assert_eq!(out, b": keep-alive\n\n");
    out.clear();
    encoder.chunk(
        chunk(&json!({ "content": "Hi" }), &null())
            .to_string()
            .as_bytes(),
        &mut out,
    );
    encoder.failed(&interrupted(), &mut out);
    // Nothing comes after the end.
    encoder.failed(&interrupted(), &mut out);
    encoder.done(&mut out);
    check(&events(&out));
}
