//! Golden streams, one a case of `snapshots/`: what a client of this dialect is sent.

use serde_json::json;

use super::*;
use crate::chat::convert::Fold;

fn chunk(delta: Value, finish: Option<&str>) -> Value {
    json!({ "id": "chatcmpl-1a2b", "object": "chat.completion.chunk", "created": 1, "model": "up",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
}

fn usage() -> Value {
    json!({ "id": "chatcmpl-1a2b", "object": "chat.completion.chunk", "created": 1, "model": "up", "choices": [],
        "usage": { "prompt_tokens": 11, "completion_tokens": 6, "total_tokens": 17,
            "prompt_tokens_details": { "cached_tokens": 4 } } })
}

fn text(text: &str) -> Value {
    chunk(json!({ "content": text }), None)
}

fn thought(text: &str) -> Value {
    chunk(json!({ "reasoning_content": text }), None)
}

fn begin(at: u64, id: &str, name: &str) -> Value {
    chunk(
        json!({ "tool_calls": [{ "index": at, "id": id, "type": "function", "function": { "name": name, "arguments": "" } }] }),
        None,
    )
}

fn piece(at: u64, arguments: &str) -> Value {
    chunk(
        json!({ "tool_calls": [{ "index": at, "function": { "arguments": arguments } }] }),
        None,
    )
}

fn finish(reason: &str) -> Value {
    chunk(json!({}), Some(reason))
}

/// The events without what is the same in all, and the check that the whole answer says the same.
fn shown(chunks: &[Value]) -> String {
    shown_in(manner, chunks)
}

fn shown_in(manner: impl Fn() -> Manner, chunks: &[Value]) -> String {
    let mut all = vec![chunk(json!({ "role": "assistant", "content": "" }), None)];
    all.extend_from_slice(chunks);
    all.push(usage());
    let stream = streamed(manner(), &all);
    let message = folded(&events(&stream));
    let mut fold = Fold::new();
    for chunk in &all {
        fold.push(chunk.to_string().as_bytes()).expect("a chunk");
    }
    let cost = crate::chat::Usage::read(
        &crate::json::parse(
            usage()["usage"].to_string().as_bytes(),
            &crate::json::Options::STRICT,
        )
        .expect("JSON"),
    );
    let whole: Value =
        serde_json::from_slice(&whole::message(&fold.finish(cost), &manner())).expect("JSON");
    assert_eq!(whole, message, "{stream}");
    stream
}

#[test]
fn words() {
    insta::assert_snapshot!(shown(&[
        text("Gr\u{fc}"),
        text("ezi \"you\"\n"),
        finish("stop")
    ]));
}

#[test]
fn a_tool() {
    insta::assert_snapshot!(shown(&[
        begin(0, "call_1", "Bash"),
        piece(0, "{\"command\":"),
        piece(0, "\"ls\"}"),
        finish("tool_calls"),
    ]));
}

#[test]
fn tools_that_come_interleaved_go_out_one_after_the_other() {
    insta::assert_snapshot!(shown(&[
        text("Both."),
        begin(0, "a1", "w"),
        piece(0, "{\"c\":"),
        begin(1, "a2", "w"),
        piece(1, "{\"c\":\"Y"),
        piece(0, "\"X\"}"),
        piece(1, "\"}"),
        begin(2, "a3", "nothing"),
        finish("tool_calls"),
    ]));
}

#[test]
fn a_thought_then_words_then_a_tool() {
    insta::assert_snapshot!(shown(&[
        thought("Let me"),
        chunk(json!({ "content": "", "reasoning_content": " see" }), None),
        text("Yes"),
        begin(0, "c1", "w"),
        piece(0, "{}"),
        finish("tool_calls"),
    ]));
}

#[test]
fn a_name_in_two_pieces_behind_its_arguments() {
    let stream = shown(&[
        chunk(
            json!({ "tool_calls": [{ "index": 0, "id": "f1", "function": { "arguments": "{\"q\"" } }] }),
            None,
        ),
        chunk(
            json!({ "tool_calls": [{ "index": 0, "id": "f1", "function": { "name": "search", "arguments": ":1}" } }] }),
            None,
        ),
        finish("tool_calls"),
    ]);
    let message = folded(&events(&stream));
    assert_eq!(message["content"][0]["name"], "search");
    assert_eq!(message["content"][0]["input"], json!({ "q": 1 }));
    let stream = shown(&[
        begin(0, "f1", "sea"),
        begin(0, "f1", "rch"),
        piece(0, "{\"q\":1}"),
        finish("tool_calls"),
    ]);
    assert_eq!(folded(&events(&stream))["content"][0]["name"], "search");
}

#[test]
fn arguments_that_are_no_object() {
    for (arguments, input) in [
        ("", json!({})),
        ("\"{\\\"a\\\":1}\"", json!({ "a": 1 })),
        ("plain", json!({ "arguments": "plain" })),
        ("{\"a\":", json!({ "arguments": "{\"a\":" })),
    ] {
        let stream = shown(&[
            begin(0, "c", "f"),
            piece(0, arguments),
            finish("tool_calls"),
        ]);
        assert_eq!(
            folded(&events(&stream))["content"][0]["input"],
            input,
            "{arguments}"
        );
    }
}

#[test]
fn a_refusal() {
    insta::assert_snapshot!(shown(&[
        chunk(json!({ "refusal": "I can" }), None),
        chunk(json!({ "refusal": "not." }), None),
        finish("stop"),
    ]));
}

#[test]
fn a_filtered_answer() {
    let message = folded(&events(&shown(&[text("Sure, "), finish("content_filter")])));
    assert_eq!(message["stop_reason"], "refusal");
    let message = folded(&events(&shown(&[finish("content_filter")])));
    assert_eq!(
        (&message["stop_reason"], &message["content"]),
        (&json!("refusal"), &json!([]))
    );
}

#[test]
fn the_end_of_the_allowed_length() {
    insta::assert_snapshot!(shown(&[text("On and"), finish("length")]));
}

#[test]
fn an_answer_that_says_nothing() {
    insta::assert_snapshot!(shown(&[finish("stop")]));
}

#[test]
fn a_text_to_stop_at() {
    let asked = || Manner {
        stops: Stops {
            sent: vec!["END".to_owned()],
            kept: vec!["</x>".to_owned()],
        },
        ..manner()
    };
    // The provider tells which it was, or the host finds it.
    let mut told = finish("stop");
    told["choices"][0]["matched_stop"] = json!("END");
    let told = folded(&events(&shown_in(asked, &[text("a"), told])));
    assert_eq!(
        (&told["stop_reason"], &told["stop_sequence"]),
        (&json!("stop_sequence"), &json!("END"))
    );
    let found = [
        text("a <"),
        text("/x"),
        text("> b"),
        begin(0, "c", "f"),
        piece(0, "{}"),
        finish("tool_calls"),
    ];
    let found = folded(&events(&shown_in(asked, &found)));
    assert_eq!(
        (&found["stop_reason"], &found["stop_sequence"]),
        (&json!("stop_sequence"), &json!("</x>"))
    );
    assert_eq!(found["content"], json!([{ "type": "text", "text": "a " }]));
    let not = folded(&events(&shown_in(asked, &[text("a </"), finish("stop")])));
    assert_eq!(
        (&not["stop_reason"], &not["content"][0]["text"]),
        (&json!("end_turn"), &json!("a </"))
    );
}

#[test]
fn thoughts_are_not_shown_to_those_who_want_none() {
    let quiet = || Manner {
        thinking: false,
        ..manner()
    };
    let message = folded(&events(&shown_in(
        quiet,
        &[thought("hm"), text("Yes"), finish("stop")],
    )));
    assert_eq!(
        message["content"],
        json!([{ "type": "text", "text": "Yes" }])
    );
}

#[test]
fn only_the_first_choice_is_the_message() {
    let mut second = text("other");
    second["choices"][0]["index"] = json!(1);
    let stream = streamed(manner(), &[text("one"), second, finish("stop"), usage()]);
    assert_eq!(
        folded(&events(&stream))["content"],
        json!([{ "type": "text", "text": "one" }])
    );
}

#[test]
fn names_of_tools_are_the_clients() {
    let long = "x".repeat(80);
    let named = || {
        let mut manner = manner();
        manner.names.lower(&crate::json::Text::from_text(&long));
        manner
    };
    let sent = named()
        .names
        .lower(&crate::json::Text::from_text(&long))
        .text()
        .into_owned();
    assert_ne!(sent, long);
    let message = folded(&events(&shown_in(
        named,
        &[begin(0, "c", &sent), piece(0, "{}"), finish("tool_calls")],
    )));
    assert_eq!(message["content"][0]["name"], long.as_str());
}
