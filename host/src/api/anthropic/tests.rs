//! Answers: golden streams, and what holds for every stream.

mod golden;
mod properties;

use serde_json::Value;

use super::request::{Manner, Stops};
use super::stream::Stream;
use super::whole;

/// The manner of a request that wants all there is.
fn manner() -> Manner {
    Manner {
        model: "claude-sonnet-9".to_owned(),
        thinking: true,
        input_tokens: 7,
        ..Manner::default()
    }
}

/// One event: its name and its data.
#[derive(Debug, Clone)]
struct Event {
    name: String,
    data: Value,
}

/// All that a stream of these chunks sends.
fn streamed(manner: Manner, chunks: &[Value]) -> String {
    let mut stream = Stream::new(manner);
    let mut out = Vec::new();
    for chunk in chunks {
        stream.chunk(chunk.to_string().as_bytes(), &mut out);
    }
    stream.done(&mut out);
    String::from_utf8(out).expect("UTF-8")
}

/// As strict as a client may be: one `event` line and one `data` line each.
fn events(text: &str) -> Vec<Event> {
    let blocks = text
        .strip_suffix("\n\n")
        .expect("a whole event at the end")
        .split("\n\n");
    blocks
        .map(|block| {
            let (name, data) = block.split_once('\n').expect("two lines");
            let name = name.strip_prefix("event: ").expect("its name").to_owned();
            let data = data.strip_prefix("data: ").expect("its data");
            let data: Value =
                serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}"));
            assert_eq!(data["type"], name.as_str());
            Event { name, data }
        })
        .collect()
}

/// Joins a stream as Anthropic's clients do.
///
/// # Panics
/// If its events do not come in the one order that is allowed.
fn folded(events: &[Event]) -> Value {
    let mut message = Value::Null;
    let mut open: Option<(Value, String)> = None;
    let mut stopped = false;
    for Event { name, data } in events {
        assert!(!stopped, "{name} after the end");
        match name.as_str() {
            "ping" => {}
            "message_start" => {
                assert!(message.is_null(), "a second start");
                message = data["message"].clone();
            }
            "content_block_start" => {
                assert!(open.is_none(), "blocks overlap");
                let blocks = message["content"].as_array().expect("a start");
                assert_eq!(data["index"], blocks.len());
                open = Some((data["content_block"].clone(), String::new()));
            }
            "content_block_delta" => {
                let (block, input) = open.as_mut().expect("an open block");
                assert_eq!(
                    data["index"],
                    message["content"].as_array().map_or(0, Vec::len)
                );
                add(block, input, &data["delta"]);
            }
            "content_block_stop" => {
                let (mut block, input) = open.take().expect("an open block");
                if block["type"] == "tool_use" && !input.is_empty() {
                    // Broken off, as at the end of the allowed length.
                    block["input"] = serde_json::from_str(&input)
                        .unwrap_or_else(|_| serde_json::json!({ "arguments": input }));
                }
                message["content"]
                    .as_array_mut()
                    .expect("a start")
                    .push(block);
            }
            "message_delta" => {
                assert!(open.is_none(), "a block is open");
                for name in ["stop_reason", "stop_sequence"] {
                    message[name] = data["delta"][name].clone();
                }
                message["usage"] = data["usage"].clone();
            }
            "message_stop" => stopped = true,
            other => panic!("an event {other}"),
        }
    }
    assert!(stopped && !message.is_null(), "no whole message");
    assert!(message["stop_reason"].is_string());
    message
}

fn add(block: &mut Value, input: &mut String, delta: &Value) {
    let member = match (block["type"].as_str(), delta["type"].as_str()) {
        (Some("text"), Some("text_delta")) => "text",
        (Some("thinking"), Some("thinking_delta")) => "thinking",
        (Some("thinking"), Some("signature_delta")) => "signature",
        (Some("tool_use"), Some("input_json_delta")) => {
            let piece = delta["partial_json"].as_str().expect("text");
            assert!(!piece.is_empty(), "an empty piece");
            input.push_str(piece);
            return;
        }
        pair => panic!("{pair:?}"),
    };
    let piece = delta[member].as_str().expect("text");
    assert!(!piece.is_empty(), "an empty piece");
    let mut text = block[member].as_str().expect("text").to_owned();
    text.push_str(piece);
    block[member] = Value::from(text);
}
