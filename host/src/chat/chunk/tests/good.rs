//! What is right passes as it came.

use proptest::prelude::*;

use super::{Data, broken, frame, run};
use crate::chat::chunk::usage_frame;
use crate::chat::{Broken, Usage};

#[test]
fn a_good_stream_passes_byte_for_byte() {
    let events = [
        frame(
            r#"{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}"#,
        ),
        frame(
            r#"{"index":0,"delta":{"content":"Ge\u00fcbt \ud83d\ude00"},"finish_reason":null,"x_new":1.50e2}"#,
        ),
        frame(r#"{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}"#),
        frame(
            r#"{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"w","arguments":""}}]},"finish_reason":null}"#,
        ),
        frame(
            r#"{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"finish_reason":null}"#,
        ),
        frame(r#"{"index":0,"delta":{},"finish_reason":"tool_calls"}"#),
        "[DONE]".to_owned(),
    ];
    let (normaliser, outs, seen) = run(&events);
    for (out, event) in outs.iter().zip(&events).take(6) {
        assert_eq!(out.data, Data::Same, "{event}");
    }
    let flags: Vec<_> = outs
        .iter()
        .map(|out| (out.content, out.tool_calls, out.finish, out.done))
        .collect();
    assert_eq!(
        flags,
        [
            (false, false, false, false),
            (true, false, false, false),
            (true, false, false, false),
            (true, true, false, false),
            (true, true, false, false),
            (false, false, true, false),
            (false, false, false, true),
        ]
    );
    assert_eq!(seen.len(), 6);
    let end = normaliser.finish();
    assert!(end.finished && end.content && end.tool_calls && end.done);
    assert!(!end.native_error);
    assert_eq!(end.usage, None);
}

#[test]
fn every_good_finish_reason_passes_once_for_each_choice() {
    for reason in [
        "stop",
        "length",
        "tool_calls",
        "content_filter",
        "function_call",
    ] {
        let events = [0, 1].map(|index| {
            frame(&format!(
                r#"{{"index":{index},"delta":{{"role":"assistant","content":"x"}},"finish_reason":"{reason}"}}"#
            ))
        });
        let (_, outs, _) = run(&events);
        assert!(
            outs.iter()
                .all(|out| out.data == Data::Same && out.finish && !out.error),
            "{reason}"
        );
    }
}

#[test]
fn what_is_no_chunk_breaks_the_stream() {
    let shape = |data| matches!(broken(data), Broken::Shape(_));
    assert!(shape("[]"));
    assert!(shape("7"));
    assert!(shape(r#"{"choices":{}}"#));
    assert!(shape(r#"{"choices":[1]}"#));
    assert!(shape(r#"{"choices":[{"delta":"text"}]}"#));
    assert_eq!(broken("  "), Broken::Empty);
    assert_eq!(broken("<html>"), Broken::Html);
    for cut in [r#"{"choices":[{"ind"#, "[DONE", "DONE"] {
        assert!(matches!(broken(cut), Broken::NotJson(_)), "{cut}");
    }
}

#[test]
fn the_usage_frame_passes_a_normaliser_only_as_usage() {
    let usage = Usage {
        input: Some(3),
        output: Some(4),
        cached: Some(1),
        reasoning: Some(2),
    };
    let bytes = usage_frame(&super::seed(), usage);
    let (normaliser, outs, seen) = run(&[String::from_utf8(bytes).unwrap()]);
    assert!(outs[0].usage && seen.is_empty());
    assert_eq!(normaliser.finish().usage, Some(usage));
}

proptest! {
    /// Any text, in any cut, comes out as the bytes that went in.
    #[test]
    fn any_pieces_pass_untouched(pieces in prop::collection::vec("\\PC{0,12}", 1..12)) {
        let mut events = vec![frame(r#"{"index":0,"delta":{"role":"assistant"},"finish_reason":null}"#)];
        events.extend(pieces.iter().map(|piece| {
            let piece = serde_json::to_string(piece).unwrap();
            frame(&format!(r#"{{"index":0,"delta":{{"content":{piece}}},"finish_reason":null}}"#))
        }));
        events.push(frame(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#));
        let (normaliser, outs, _) = run(&events);
        for out in &outs {
            prop_assert_eq!(&out.data, &Data::Same);
        }
        prop_assert_eq!(normaliser.finish().content, pieces.iter().any(|piece| !piece.is_empty()));
        prop_assert_eq!(outs.iter().filter(|out| out.finish).count(), 1);
    }
}
