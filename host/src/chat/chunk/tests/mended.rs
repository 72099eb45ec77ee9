//! What is broken is mended, in the way each upstream breaks it.

use super::{Data, frame, run, spelt, text};
use crate::chat::Usage;
use crate::json::Value;

/// A chunk of one choice with this delta.
fn delta(delta: &str) -> String {
    frame(&format!(
        r#"{{"index":0,"delta":{delta},"finish_reason":null}}"#
    ))
}

/// Index, id, name, arguments.
type Call = (u64, Option<String>, Option<String>, Option<String>);

/// The tool call deltas a client sees.
fn calls(seen: &[Value<'_>]) -> Vec<Call> {
    seen.iter()
        .filter_map(|chunk| chunk.pointer("/choices/0/delta/tool_calls")?.as_array())
        .flatten()
        .map(|call| {
            (
                call.get("index").and_then(Value::as_u64).unwrap(),
                text(call, "/id"),
                text(call, "/function/name"),
                text(call, "/function/arguments"),
            )
        })
        .collect()
}

/// Deltas of tool calls, and by which index each must go out.
#[test]
fn tool_calls_get_the_index_they_lack() {
    let table: [(&str, &[&str], &[u64]); 7] = [
        (
            "no index, new ids",
            &[
                r#"{"id":"a","function":{"name":"f","arguments":"{}"}}"#,
                r#"{"id":"b","function":{"name":"g","arguments":"{}"}}"#,
            ],
            &[0, 1],
        ),
        (
            "no index, no id: continues",
            &[
                r#"{"id":"a","function":{"name":"f","arguments":""}}"#,
                r#"{"function":{"arguments":"{}"}}"#,
            ],
            &[0, 0],
        ),
        (
            "no index, no id, whole calls",
            &[
                r#"{"function":{"name":"f","arguments":"{}"}}"#,
                r#"{"function":{"name":"f","arguments":"{}"}}"#,
            ],
            &[0, 1],
        ),
        (
            "0 for all, new ids and names",
            &[
                r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#,
                r#"{"index":0,"id":"b","function":{"name":"g","arguments":""}}"#,
                r#"{"index":0,"function":{"arguments":"{}"}}"#,
            ],
            &[0, 1, 1],
        ),
        (
            "begins at 1",
            &[
                r#"{"index":1,"id":"a","function":{"name":"f","arguments":""}}"#,
                r#"{"index":1,"function":{"arguments":"{}"}}"#,
                r#"{"index":2,"id":"b","function":{"name":"f","arguments":"{}"}}"#,
            ],
            &[0, 0, 1],
        ),
        (
            "interleaved",
            &[
                r#"{"index":0,"id":"a","function":{"name":"f","arguments":""}}"#,
                r#"{"index":1,"id":"b","function":{"name":"f","arguments":""}}"#,
                r#"{"index":0,"function":{"arguments":"{}"}}"#,
                r#"{"index":1,"function":{"arguments":"{}"}}"#,
            ],
            &[0, 1, 0, 1],
        ),
        (
            "arguments before the name",
            &[
                r#"{"id":"a","function":{"arguments":"{\"q\""}}"#,
                r#"{"id":"a","function":{"name":"f","arguments":":1}"}}"#,
            ],
            &[0, 0],
        ),
    ];
    for (what, deltas, indices) in table {
        let events: Vec<_> = deltas
            .iter()
            .map(|call| delta(&format!(r#"{{"tool_calls":[{call}]}}"#)))
            .collect();
        let (_, _, seen) = run(&events);
        let seen = calls(&seen);
        let got: Vec<_> = seen.iter().map(|call| call.0).collect();
        assert_eq!(got, indices, "{what}");
        // The first delta of each call has an id, and no other call's.
        let mut ids: Vec<_> = (0..=indices.iter().copied().max().unwrap_or(0))
            .map(|index| {
                seen.iter()
                    .find(|call| call.0 == index)
                    .unwrap()
                    .1
                    .clone()
                    .expect(what)
            })
            .collect();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{what}");
    }
}

#[test]
fn calls_in_one_chunk_get_their_own_indices() {
    let (_, _, seen) = run(&[delta(
        r#"{"tool_calls":[{"function":{"name":"f","arguments":{"a": 1}}},null,{"function":{"name":"g","arguments":null}}]}"#,
    )]);
    let calls = calls(&seen);
    assert_eq!(calls.len(), 2);
    assert_eq!((calls[0].0, calls[1].0), (0, 1));
    assert_eq!(calls[0].3.as_deref(), Some(r#"{"a":1}"#));
    assert_eq!(calls[1].3.as_deref(), Some(""));
    for id in [&calls[0].1, &calls[1].1] {
        let id = id.as_deref().unwrap();
        let tail = id.strip_prefix("call_").unwrap();
        assert!(
            tail.chars().all(|letter| letter.is_ascii_alphanumeric()),
            "{id}"
        );
    }
    assert_ne!(calls[0].1, calls[1].1);
    assert_eq!(
        text(&seen[0], "/choices/0/delta/tool_calls/0/type").as_deref(),
        Some("function")
    );
}

#[test]
fn a_call_keeps_the_id_it_began_with() {
    let (_, _, seen) = run(&[
        delta(
            r#"{"tool_calls":[{"index":0,"id":"first","type":"function","function":{"name":"f","arguments":""}}]}"#,
        ),
        delta(r#"{"tool_calls":[{"index":0,"id":"other","function":{"arguments":"{}"}}]}"#),
        delta(r#"{"tool_calls":[{"index":0,"id":"","function":{"arguments":" "}}]}"#),
    ]);
    let calls = calls(&seen);
    assert_eq!(calls[1].1.as_deref(), Some("first"));
    assert!(calls.iter().all(|call| call.0 == 0));
}

/// The upstream's word, whether tools were called, and the client's word.
#[test]
fn finish_reasons_come_from_the_closed_set() {
    for (word, called, want) in [
        (r#""end_turn""#, false, Some("stop")),
        (r#""STOP""#, false, Some("stop")),
        (r#""eos""#, false, Some("stop")),
        (r#""stop""#, true, Some("tool_calls")),
        (r#""length""#, true, Some("length")),
        (r#""MAX_TOKENS""#, false, Some("length")),
        (r#""model_length""#, false, Some("length")),
        (r#""tool_use""#, true, Some("tool_calls")),
        (r#""SAFETY""#, false, Some("content_filter")),
        (r#""never heard of""#, false, Some("stop")),
        (r#""""#, false, None),
        ("null", false, None),
    ] {
        let message = if called {
            r#"{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"#
        } else {
            r#"{"role":"assistant","content":"x"}"#
        };
        let event = frame(&format!(
            r#"{{"index":0,"delta":{message},"finish_reason":{word}}}"#
        ));
        let (normaliser, outs, seen) = run(&[event]);
        assert_eq!(
            text(&seen[0], "/choices/0/finish_reason").as_deref(),
            want,
            "{word}"
        );
        assert_eq!(outs[0].finish, want.is_some(), "{word}");
        assert_eq!(normaliser.finish().finished, want.is_some(), "{word}");
    }
}

#[test]
fn a_second_finish_reason_is_taken_back() {
    let stop = r#"{"index":0,"delta":{},"finish_reason":"stop"}"#;
    let (normaliser, outs, seen) = run(&[frame(stop), frame(stop)]);
    assert_eq!(
        outs.iter().map(|out| out.finish).collect::<Vec<_>>(),
        [true, false]
    );
    assert!(
        seen[1]
            .pointer("/choices/0/finish_reason")
            .unwrap()
            .is_null()
    );
    assert!(normaliser.finish().finished);
}

#[test]
fn missing_members_are_filled_in() {
    let (_, outs, seen) = run(&[
        r#"{"choices":[{"delta":{"content":"a"}}]}"#,
        r#"{"id":null,"object":"","created":"now","model":null,"choices":[{"index":0,"delta":{"content":"b"}}]}"#,
        r#"{"choices":[{"index":0,"message":{"content":"c"}}]}"#,
        r#"{"choices":[{"index":0,"finish_reason":"stop"}]}"#,
    ]);
    for (chunk, out) in seen.iter().zip(&outs) {
        assert!(matches!(out.data, Data::Rewritten(_)));
        assert_eq!(
            text(chunk, "/id").as_deref(),
            Some("chatcmpl-0123456789abcdef")
        );
        assert_eq!(
            text(chunk, "/object").as_deref(),
            Some("chat.completion.chunk")
        );
        assert_eq!(
            chunk.pointer("/created").unwrap().as_u64(),
            Some(1_700_000_000)
        );
        assert_eq!(text(chunk, "/model").as_deref(), Some("seed-model"));
        assert_eq!(chunk.pointer("/choices/0/index").unwrap().as_u64(), Some(0));
        assert!(
            chunk
                .pointer("/choices/0/delta")
                .unwrap()
                .as_object()
                .is_some()
        );
    }
    // The role is told once, at the beginning.
    assert_eq!(
        text(&seen[0], "/choices/0/delta/role").as_deref(),
        Some("assistant")
    );
    assert_eq!(text(&seen[1], "/choices/0/delta/role"), None);
    assert_eq!(
        text(&seen[2], "/choices/0/delta/content").as_deref(),
        Some("c")
    );
}

#[test]
fn content_is_one_string_and_reasoning_has_one_name() {
    for (message, content, reasoning) in [
        (
            r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"h"},{"type":"text","text":"m"}]}]}"#,
            None,
            Some("hm"),
        ),
        (
            r#"{"content":[{"type":"text","text":"4"},{"type":"text","text":"2"}]}"#,
            Some("42"),
            None,
        ),
        (
            r#"{"content":["4",{"type":"thinking","thinking":"x"},"2"]}"#,
            Some("42"),
            Some("x"),
        ),
        (
            r#"{"content":[{"type":"reasoning","text":"r"}]}"#,
            None,
            Some("r"),
        ),
        (r#"{"content":"","reasoning":"r"}"#, Some(""), Some("r")),
        (
            r#"{"content":null,"reasoning_content":"Let me"}"#,
            None,
            Some("Let me"),
        ),
        (
            r#"{"reasoning":"r","reasoning_content":"r"}"#,
            None,
            Some("r"),
        ),
    ] {
        let (_, outs, seen) = run(&[delta(message)]);
        assert_eq!(
            text(&seen[0], "/choices/0/delta/content").as_deref(),
            content,
            "{message}"
        );
        assert_eq!(
            text(&seen[0], "/choices/0/delta/reasoning_content").as_deref(),
            reasoning,
            "{message}"
        );
        assert!(outs[0].content, "{message}");
    }
}

#[test]
fn errors_are_flagged_and_nothing_of_them_passes() {
    for event in [
        r#"{"error":{"code":502,"message":"limit reached"},"choices":[]}"#,
        r#"{"error":"boom"}"#,
        r#"{"id":"g","error":{"message":"x"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"half"},"finish_reason":"error"}]}"#,
    ] {
        let (normaliser, outs, seen) = run(&[event]);
        assert!(outs[0].error && seen.is_empty(), "{event}");
        assert!(!normaliser.finish().finished, "{event}");
    }
    for event in [
        r#"{"error":null,"choices":[]}"#,
        r#"{"error":"","choices":[]}"#,
        r#"{"error":false}"#,
    ] {
        assert!(!run(&[event]).1[0].error, "{event}");
    }
    let (normaliser, outs, _) = run(&[frame(
        r#"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop","native_finish_reason":"network_error"}"#,
    )]);
    let end = normaliser.finish();
    assert!(end.native_error && end.finished && !end.content && !outs[0].error);
}

#[test]
fn usage_is_read_in_every_place_and_taken_out() {
    let choice = r#"{"index":0,"delta":{"role":"assistant","content":"x"},"finish_reason":null}"#;
    let told = r#"{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}"#;
    let want = Usage {
        input: Some(7),
        output: Some(3),
        ..Usage::default()
    };
    let own = frame(choice).replacen('{', &format!(r#"{{"usage":{told},"#), 1);
    let groq = frame(choice).replacen(
        '{',
        &format!(r#"{{"x_groq":{{"id":"r","usage":{told}}},"#),
        1,
    );
    let inside = frame(&choice.replacen('{', &format!(r#"{{"usage":{told},"#), 1));
    for event in [own, groq, inside] {
        let (normaliser, outs, seen) = run(&[&event]);
        assert!(outs[0].usage, "{event}");
        assert_eq!(normaliser.finish().usage, Some(want), "{event}");
        assert!(!spelt(&seen[0]).contains("prompt_tokens"), "{event}");
    }
    // A frame of usage alone says nothing to the client, whatever its choices are.
    for event in [
        r#"{"choices":[],"usage":{"prompt_tokens":1}}"#,
        r#"{"choices":null,"usage":{"prompt_tokens":1}}"#,
        r#"{"usage":{"prompt_tokens":1}}"#,
    ] {
        let (normaliser, outs, seen) = run(&[event]);
        assert!(
            seen.is_empty() && outs[0].usage && !outs[0].content,
            "{event}"
        );
        assert_eq!(
            normaliser.finish().usage.and_then(|usage| usage.input),
            Some(1)
        );
    }
    // A null usage is allowed and costs nothing.
    let null = frame(choice).replacen('{', r#"{"usage":null,"#, 1);
    assert_eq!(run(&[&null]).1[0].data, Data::Same);
}

#[test]
fn line_breaks_and_loose_json_become_one_strict_line() {
    let spread =
        frame(r#"{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null}"#)
            .replace(',', ",\n\t");
    let (_, outs, seen) = run(&[&spread]);
    assert!(matches!(outs[0].data, Data::Rewritten(_)));
    assert_eq!(
        text(&seen[0], "/choices/0/delta/content").as_deref(),
        Some("a")
    );
    let loose = frame(
        r#"{"index":0,"delta":{"role":"assistant","content":"a"},"logprobs":NaN,"finish_reason":null}"#,
    );
    let (_, outs, seen) = run(&[&loose]);
    assert!(matches!(outs[0].data, Data::Rewritten(_)));
    assert!(seen[0].pointer("/choices/0/logprobs").unwrap().is_null());
}
