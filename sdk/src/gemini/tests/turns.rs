//! Calls of tools in a conversation, their results and their signatures.

use serde_json::{Value as Json, json};

use super::sent;

const MODEL: &str = "gemini-2.5-flash";

fn tool_turn(calls: &Json, results: &[(&str, Json)]) -> Json {
    let mut messages = vec![
        json!({"role": "user", "content": "ls"}),
        json!({"role": "assistant", "content": null, "tool_calls": calls}),
    ];
    for (id, content) in results {
        messages.push(json!({"role": "tool", "tool_call_id": id, "content": content}));
    }
    json!({ "messages": messages })
}

fn tool_call(id: &str, name: &str, arguments: &str) -> Json {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

#[test]
fn calls_and_results_become_parts() {
    let schema = r##"{"$defs":{"C":{"type":"string"}},"p":{"$ref":"#/$defs/C"}}"##;
    let calls = json!([
        tool_call("1", "ls", r#" {"p": ".", "n": 1.50} "#),
        tool_call("2", "now", ""),
        tool_call("3", "odd", "[1]"),
        tool_call("4", "odd", "no json"),
    ]);
    let results = [
        ("1", json!(schema)),
        (
            "2",
            json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
        ),
        ("3", json!("")),
        (
            "5",
            json!([{"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}]),
        ),
    ];
    let sent = sent(MODEL, &tool_turn(&calls, &results), &[]);
    assert_eq!(
        sent["contents"][1],
        json!({"role": "model", "parts": [
            {"functionCall": {"id": "1", "name": "ls", "args": {"p": ".", "n": 1.50}}},
            {"functionCall": {"id": "2", "name": "now", "args": {}}},
            {"functionCall": {"id": "3", "name": "odd", "args": {"value": [1]}}},
            {"functionCall": {"id": "4", "name": "odd", "args": {"value": "no json"}}},
        ]})
    );
    assert_eq!(
        sent["contents"][2],
        json!({"role": "user", "parts": [
            {"functionResponse": {"id": "1", "name": "ls", "response": {"output": schema}}},
            {"functionResponse": {"id": "2", "name": "now", "response": {"output": "a\nb"}}},
            {"functionResponse": {"id": "3", "name": "odd", "response": {"output": ""}}},
            {"functionResponse": {"id": "5", "name": "tool", "response": {"output": ""}}},
            {"inlineData": {"mimeType": "image/png", "data": "QUJD"}},
        ]})
    );
    assert_eq!(sent["contents"].as_array().map(Vec::len), Some(3));
}

#[test]
fn signatures_come_back_to_their_calls() {
    let mut echoed = tool_call("2", "w", "{}");
    echoed["extra_content"] = json!({"google": {"thought_signature": "RUNITw=="}});
    let signatures = |model: &str, calls: Json, notes: &[(&str, &str)]| {
        let sent = sent(model, &tool_turn(&calls, &[]), notes);
        let parts = sent["contents"][1]["parts"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        parts
            .iter()
            .map(|part| part["thoughtSignature"].as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let two = || json!([tool_call("1", "w", "{}"), tool_call("2", "w", "{}")]);
    let some = |text: &str| Some(text.to_owned());
    let foreign = || some("skip_thought_signature_validator");

    // Remembered by the host: on the part that had it, and on no other.
    assert_eq!(
        signatures("gemini-3-flash", two(), &[("1", "U0lHLUE=")]),
        [some("U0lHLUE="), None]
    );
    // Given back by the client, which outranks the host.
    let calls = json!([tool_call("1", "w", "{}"), echoed]);
    assert_eq!(
        signatures("gemini-3-flash", calls, &[("1", "U0lHLUE="), ("2", "x")]),
        [some("U0lHLUE="), some("RUNITw==")]
    );
    // Made by another model.
    assert_eq!(signatures("gemini-3-flash", two(), &[]), [foreign(), None]);
    assert_eq!(
        signatures("gemini-flash-latest", two(), &[]),
        [foreign(), None]
    );
    assert_eq!(signatures("gemini-2.5-flash", two(), &[]), [None, None]);
    assert_eq!(signatures("gemma-4-31b-it", two(), &[]), [None, None]);
}
