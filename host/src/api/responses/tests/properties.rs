//! What holds for every stream.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Ending, chunk, stream, usage, whole};

/// Checks that events are in an order that clients understand, and agree with each other.
pub(super) fn check(events: &[Json]) {
    let kind = |event: &Json| event["type"].as_str().unwrap().to_owned();
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number, "{event}");
    }
    assert_eq!(kind(&events[0]), "response.created");
    assert_eq!(kind(&events[1]), "response.in_progress");
    let terminal = |event: &&Json| {
        [
            "response.completed",
            "response.incomplete",
            "response.failed",
        ]
        .contains(&&*kind(event))
    };
    assert_eq!(events.iter().filter(terminal).count(), 1);
    let last = events.last().unwrap();
    assert!(terminal(&last), "{last}");
    let id = &events[0]["response"]["id"];
    assert_eq!(&last["response"]["id"], id);

    let mut open: Option<Json> = None;
    let mut said = String::new();
    let mut parts = 0_i64;
    let mut done = Vec::new();
    for event in &events[2..events.len() - 1] {
        let kind = kind(event);
        assert_eq!(event["output_index"], done.len(), "{event}");
        match &*kind {
            "response.output_item.added" => {
                assert!(open.is_none(), "{event}");
                open = Some(event["item"].clone());
                said.clear();
            }
            "response.output_item.done" => {
                let added = open.take().expect("an item that was added");
                for same in ["id", "type", "call_id", "name", "namespace"] {
                    assert_eq!(event["item"].get(same), added.get(same), "{event}");
                }
                assert_eq!(parts, 0);
                done.push(event["item"].clone());
            }
            _ => {
                let item = open.as_ref().expect("an item that is open");
                assert_eq!(event["item_id"], item["id"], "{event}");
                if kind.ends_with("part.added") {
                    said.clear();
                    parts += 1;
                } else if kind.ends_with("part.done") {
                    parts -= 1;
                } else if kind.ends_with(".delta") {
                    let delta = event["delta"].as_str().unwrap();
                    assert!(!delta.is_empty(), "{event}");
                    said.push_str(delta);
                } else if kind.ends_with(".done") {
                    let whole = ["text", "arguments", "input", "refusal"]
                        .iter()
                        .find_map(|name| event.get(*name)?.as_str());
                    assert_eq!(whole, Some(&*said), "{event}");
                } else {
                    assert_eq!(kind, "response.output_text.annotation.added");
                }
            }
        }
    }
    assert!(open.is_none() || kind(last) == "response.failed");
    assert_eq!(last["response"]["output"], json!(done));
}

/// A piece of an answer.
#[derive(Clone, Debug)]
enum Piece {
    Thought(String),
    Text(String),
    Refusal(String),
    Call(u64, String),
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let piece = prop_oneof![
        "\\PC{0,6}".prop_map(Piece::Thought),
        "\\PC{0,6}".prop_map(Piece::Text),
        "\\PC{0,6}".prop_map(Piece::Refusal),
        (0..4_u64, "[{}\\[\\]\",:a-c\\\\ ]{0,6}")
            .prop_map(|(index, text)| Piece::Call(index, text)),
    ];
    prop::collection::vec(piece, 0..24)
}

fn delta(piece: &Piece, begun: &mut Vec<u64>) -> Json {
    match piece {
        Piece::Thought(text) => json!({ "reasoning_content": text }),
        Piece::Text(text) => json!({ "content": text }),
        Piece::Refusal(text) => json!({ "refusal": text }),
        Piece::Call(index, arguments) => {
            let mut call = json!({ "index": index, "function": { "arguments": arguments } });
            if !begun.contains(index) {
                begun.push(*index);
                call["id"] = json!(format!("call_{index}"));
                call["function"]["name"] = json!(["f", "c", "n__f", "stranger"][*index as usize]);
            }
            json!({ "tool_calls": [call] })
        }
    }
}

fn body(summary: bool) -> Json {
    let mut body = json!({ "input": "Hi", "tools": [
        { "type": "function", "name": "f" },
        { "type": "custom", "name": "c" },
        { "type": "namespace", "name": "n", "tools": [{ "type": "function", "name": "f" }] },
    ] });
    if summary {
        body["reasoning"] = json!({ "summary": "auto" });
    }
    body
}

proptest! {
    #[test]
    fn every_stream_is_in_order(
        pieces in pieces(),
        summary in any::<bool>(),
        broken in any::<bool>(),
        finish in prop::sample::select(vec!["stop", "length", "content_filter", "tool_calls"]),
    ) {
        let mut begun = Vec::new();
        let mut chunks: Vec<Json> = pieces
            .iter()
            .map(|piece| chunk(&delta(piece, &mut begun), &Json::Null))
            .collect();
        let ending = if broken { Ending::Broken } else { Ending::Whole };
        if !broken {
            chunks.push(chunk(&json!({}), &json!(finish)));
            chunks.push(usage());
        }
        check(&stream(&body(summary), &chunks, ending));
    }

    /// Calls whose pieces are mixed in any way come out whole, in the order in which they began.
    #[test]
    fn interleaved_calls_come_out_whole(order in prop::collection::vec(0..3_usize, 0..60), cut in 1..5_usize) {
        let arguments = [r#"{"a":"}\"","b":[1]}"#, r#"{"input":"*** {\n"}"#, "{}"];
        let names = ["f", "c", "n__f"];
        let mut left: Vec<Vec<String>> = arguments
            .iter()
            .map(|text| {
                let letters: Vec<char> = text.chars().collect();
                letters.chunks(cut).map(|some| some.iter().collect()).rev().collect()
            })
            .collect();
        let mut chunks = Vec::new();
        let mut began: Vec<usize> = Vec::new();
        let rest = (0..3).flat_map(|call| std::iter::repeat_n(call, 40));
        for call in order.into_iter().chain(rest) {
            let Some(piece) = left[call].pop() else { continue };
            let mut delta = json!({ "index": call, "function": { "arguments": piece } });
            if !began.contains(&call) {
                began.push(call);
                delta["id"] = json!(format!("call_{call}"));
                delta["function"]["name"] = json!(names[call]);
            }
            chunks.push(chunk(&json!({ "tool_calls": [delta] }), &Json::Null));
        }
        let events = stream(&body(false), &chunks, Ending::Whole);
        check(&events);
        let output = &events.last().unwrap()["response"]["output"];
        for (item, call) in output.as_array().unwrap().iter().zip(&began) {
            let said = item.get("arguments").or_else(|| item.get("input")).unwrap();
            let want = [arguments[0], "*** {\n", "{}"][*call];
            prop_assert_eq!(said, want);
            prop_assert_eq!(&item["call_id"], &json!(format!("call_{call}")));
        }
        prop_assert_eq!(output.as_array().unwrap().len(), began.len());
    }

    /// A whole answer says what a stream says at its end.
    #[test]
    fn whole_answers_equal_streams(
        thought in "\\PC{0,8}",
        text in "\\PC{0,8}",
        refusal in "\\PC{0,4}",
        calls in prop::collection::vec("\\PC{0,8}", 0..3),
        finish in prop::sample::select(vec!["stop", "length"]),
    ) {
        let calls: Vec<Json> = calls.iter().enumerate().map(|(at, text)| json!({
            "id": format!("call_{at}"), "type": "function",
            "function": { "name": (["f", "c", "n__f"][at]), "arguments": json!({ "input": text }).to_string() },
        })).collect();
        let mut message = json!({ "role": "assistant", "content": text, "reasoning_content": thought, "refusal": refusal });
        if !calls.is_empty() {
            message["tool_calls"] = json!(calls);
        }
        let whole = whole(&body(true), &message, finish);
        let mut chunks = vec![
            chunk(&json!({ "reasoning_content": thought }), &Json::Null),
            chunk(&json!({ "content": text }), &Json::Null),
            chunk(&json!({ "refusal": refusal }), &Json::Null),
        ];
        for (at, call) in calls.iter().enumerate() {
            let mut call = call.clone();
            call["index"] = json!(at);
            chunks.push(chunk(&json!({ "tool_calls": [call] }), &Json::Null));
        }
        chunks.push(chunk(&json!({}), &json!(finish)));
        chunks.push(usage());
        let events = stream(&body(true), &chunks, Ending::Whole);
        prop_assert_eq!(&events.last().unwrap()["response"], &whole);
    }
}
