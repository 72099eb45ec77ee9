//! What holds for every stream: one start, one end, blocks that never overlap and all end (see [`folded`]), and nothing
//! of what was said lost, however it is cut and mixed.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// What an answer says.
#[derive(Debug, Clone)]
struct Said {
    thought: String,
    text: String,
    /// The arguments of each call.
    calls: Vec<String>,
    finish: &'static str,
}

fn said() -> impl Strategy<Value = Said> {
    let text = prop::collection::vec(any::<char>(), 0..12)
        .prop_map(|letters| letters.into_iter().collect::<String>());
    let object = prop::collection::btree_map("[a-c]", "[\\\\\"{}a-z\u{fc}\n]{0,6}", 0..3)
        .prop_map(|object| serde_json::to_string(&object).expect("JSON"));
    let finish = prop::sample::select(vec!["stop", "tool_calls", "length", "content_filter"]);
    (
        text.clone(),
        text,
        prop::collection::vec(object, 0..4),
        finish,
    )
        .prop_map(|(thought, text, calls, finish)| Said {
            thought,
            text,
            calls,
            finish,
        })
}

/// Pieces of a text; their lengths follow from `seed`.
fn pieces(text: &str, seed: &mut u64) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for letter in text.chars() {
        piece.push(letter);
        if next(seed).is_multiple_of(3) {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    pieces.push(piece);
    pieces
}

fn next(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

/// Chunks that say it. Thought and text come in order, pieces of calls in any that keeps each call's own.
fn chunks(said: &Said, mut seed: u64, mix: bool) -> Vec<Value> {
    let mut deltas: Vec<Value> = Vec::new();
    for (name, text) in [
        ("reasoning_content", &said.thought),
        ("content", &said.text),
    ] {
        deltas.extend(
            pieces(text, &mut seed)
                .into_iter()
                .map(|piece| json!({ name: piece })),
        );
    }
    let mut calls: Vec<std::collections::VecDeque<Value>> = said
        .calls
        .iter()
        .enumerate()
        .map(|(at, arguments)| {
            let first = json!({ "index": at, "id": format!("c{at}"), "type": "function", "function": { "name": format!("f{at}"), "arguments": "" } });
            let rest = pieces(arguments, &mut seed);
            let rest = rest.into_iter().map(|piece| json!({ "index": at, "function": { "arguments": piece } }));
            std::iter::once(first).chain(rest).collect()
        })
        .collect();
    let mut from = 0;
    while calls.iter().any(|call| !call.is_empty()) {
        let at = if mix {
            next(&mut seed) as usize % calls.len()
        } else {
            from
        };
        match calls[at].pop_front() {
            Some(piece) => deltas.push(json!({ "tool_calls": [piece] })),
            None => from = (from + 1).min(calls.len() - 1),
        }
    }
    let chunk = |delta: Value, finish: Value| json!({ "id": "chatcmpl-1", "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] });
    let mut all: Vec<Value> = deltas
        .into_iter()
        .map(|delta| chunk(delta, Value::Null))
        .collect();
    all.push(chunk(json!({}), json!(said.finish)));
    all
}

/// The canonical whole answer that says it.
fn answer(said: &Said) -> Value {
    let calls: Vec<Value> = said
        .calls
        .iter()
        .enumerate()
        .map(|(at, arguments)| json!({ "id": format!("c{at}"), "type": "function", "function": { "name": format!("f{at}"), "arguments": arguments } }))
        .collect();
    json!({ "id": "chatcmpl-1", "choices": [{ "index": 0, "finish_reason": said.finish,
        "message": { "role": "assistant", "content": said.text, "reasoning_content": said.thought, "tool_calls": calls } }] })
}

fn whole(answer: &Value) -> Value {
    serde_json::from_slice(&whole::message(answer.to_string().as_bytes(), &manner())).expect("JSON")
}

/// Mixed calls go out in the order in which they began.
fn sorted(mut message: Value) -> Value {
    if let Some(blocks) = message["content"].as_array_mut() {
        blocks.sort_by_key(|block| {
            (
                block["type"] == "tool_use",
                block["id"].as_str().unwrap_or_default().to_owned(),
            )
        });
    }
    message.as_object_mut().expect("an object").remove("usage");
    message
}

proptest! {
    #[test]
    fn a_folded_stream_is_the_whole_answer(said in said(), seed in any::<u64>(), mix in any::<bool>()) {
        let stream = streamed(manner(), &chunks(&said, seed, mix));
        let message = folded(&events(&stream));
        prop_assert_eq!(sorted(message), sorted(whole(&answer(&said))));
    }

    /// Whatever comes in whatever order, the events are in order, and all that was said is there.
    #[test]
    fn no_order_of_deltas_breaks_the_order_of_events(
        deltas in prop::collection::vec((0..5_u8, "[a-z{}\":,]{0,4}", 0..3_u64), 0..24),
    ) {
        let (mut text, mut thought) = (String::new(), String::new());
        let chunks: Vec<Value> = deltas.into_iter().map(|(kind, piece, index)| {
            let delta = match kind {
                0 => { text.push_str(&piece); json!({ "content": piece }) }
                1 => { thought.push_str(&piece); json!({ "reasoning_content": piece }) }
                2 => json!({ "tool_calls": [{ "index": index, "id": "c", "function": { "name": piece } }] }),
                3 => json!({ "tool_calls": [{ "index": index, "function": { "arguments": piece } }] }),
                _ => json!({ "tool_calls": [1, {}], "content": 1 }),
            };
            json!({ "id": "x", "choices": [{ "delta": delta }] })
        }).collect();
        let message = folded(&events(&streamed(manner(), &chunks)));
        let joined = |kind: &str| -> String {
            let blocks = message["content"].as_array().expect("a list").iter();
            blocks.filter(|block| block["type"] == kind).filter_map(|block| block[kind].as_str()).collect()
        };
        prop_assert_eq!(joined("text"), text);
        prop_assert_eq!(joined("thinking"), thought);
    }

    /// Nothing that comes from outside makes it panic.
    #[test]
    fn bytes_that_are_no_chunk_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut stream = Stream::new(manner());
        let mut out = Vec::new();
        stream.chunk(&bytes, &mut out);
        stream.done(&mut out);
        folded(&events(std::str::from_utf8(&out).expect("UTF-8")));
        whole::message(&bytes, &manner());
    }
}
