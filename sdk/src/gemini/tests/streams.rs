//! Streams, event by event.

use serde_json::{Value as Json, json};

use super::{call, head};
use crate::gemini::decoder;
use crate::{Call, Delta, End, Event, Note, Piece, Usage};

/// All that a stream came to.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Heard {
    pub(super) chunks: Vec<Json>,
    pub(super) notes: Vec<Note>,
    pub(super) usage: Option<Usage>,
    pub(super) end: Option<End>,
}

impl Heard {
    fn take(&mut self, delta: Delta) {
        for piece in delta.pieces {
            match piece {
                Piece::Chunk(bytes) => self
                    .chunks
                    .push(serde_json::from_slice(&bytes).expect("JSON")),
                Piece::Keep(at) => panic!("keeps {at}"),
            }
        }
        self.notes.extend(delta.notes);
        self.usage = delta.usage.or(self.usage.take());
        self.end = delta.end;
    }

    /// The texts under this name in the deltas, joined.
    pub(super) fn text(&self, name: &str) -> String {
        let deltas = self
            .chunks
            .iter()
            .map(|chunk| &chunk["choices"][0]["delta"][name]);
        deltas.filter_map(Json::as_str).collect()
    }

    pub(super) fn calls(&self) -> Vec<Json> {
        let deltas = self
            .chunks
            .iter()
            .map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"]);
        deltas
            .filter_map(Json::as_array)
            .flatten()
            .cloned()
            .collect()
    }

    pub(super) fn finish(&self) -> Vec<&str> {
        let words = self
            .chunks
            .iter()
            .map(|chunk| &chunk["choices"][0]["finish_reason"]);
        words.filter_map(Json::as_str).collect()
    }
}

/// Hears a stream in batches of `batch` events.
pub(super) fn hear(events: &[&str], batch: usize) -> Heard {
    let call = Call {
        streaming: true,
        ..call("m")
    };
    let mut decoder = decoder(&call, &head(200));
    let mut heard = Heard::default();
    for events in events.chunks(batch) {
        let events: Vec<_> = events
            .iter()
            .map(|data| Event {
                name: String::new(),
                data: data.as_bytes().to_vec(),
            })
            .collect();
        heard.take(decoder.push(&events));
        if heard.end.is_some() {
            return heard;
        }
    }
    heard.take(decoder.finish());
    heard
}

#[test]
fn calls_without_ids_get_stable_ones() {
    let event = r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"w","args":{"c":"X"}},
        "thoughtSignature":"U0lH"},{"functionCall":{"name":"w"}}]},"finishReason":"STOP","index":0}]}"#;
    let heard = hear(&[event], 1);
    let calls = heard.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(
        (&calls[0]["index"], &calls[1]["index"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(calls[0]["id"], "call_0123456789abcdef_0");
    assert_eq!(calls[1]["id"], "call_0123456789abcdef_1");
    assert_eq!(calls[1]["function"]["arguments"], "{}");
    assert_eq!(heard.finish(), ["tool_calls"]);
    assert_eq!(heard.notes.len(), 1);
    assert_eq!(heard.notes[0].id, "call_0123456789abcdef_0");
    assert_eq!(heard.chunks[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(heard.end, Some(End::Complete));
}

#[test]
fn a_stream_that_declines_ends_filtered() {
    let heard = hear(
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"Sure, "}],"role":"model"},"index":0}]}"#,
            r#"{"candidates":[{"finishReason":"PROHIBITED_CONTENT","index":0}]}"#,
        ],
        1,
    );
    assert_eq!(heard.text("content"), "Sure, ");
    assert_eq!(heard.finish(), ["content_filter"]);

    let heard = hear(
        &[r#"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}"#],
        1,
    );
    assert_eq!(heard.finish(), ["content_filter"]);
    assert_eq!(heard.usage.and_then(|usage| usage.input), Some(3));
    assert_eq!(heard.end, Some(End::Complete));
}

#[test]
fn a_finish_in_every_event_is_told_once() {
    let event = r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"#;
    let heard = hear(&[event, event, "[DONE]"], 2);
    assert_eq!(heard.text("content"), "aa");
    assert_eq!(heard.finish(), ["stop"]);
}

#[test]
fn two_candidates_stay_two() {
    let event = r#"{"candidates":[{"index":0,"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"},
        {"index":1,"content":{"parts":[{"functionCall":{"name":"w"}}]},"finishReason":"STOP"}]}"#;
    let heard = hear(&[event], 1);
    let ends: Vec<_> = heard
        .chunks
        .iter()
        .map(|chunk| {
            (
                &chunk["choices"][0]["index"],
                &chunk["choices"][0]["finish_reason"],
            )
        })
        .filter(|(_, word)| word.is_string())
        .collect();
    assert_eq!(
        ends,
        [
            (&json!(0), &json!("stop")),
            (&json!(1), &json!("tool_calls"))
        ]
    );
    assert_eq!(heard.calls()[0]["id"], "call_0123456789abcdef_1_0");
}

#[test]
fn what_breaks_off_does_not_end() {
    assert_eq!(hear(&[], 1).end, None);
    let heard = hear(
        &[r#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#],
        1,
    );
    assert_eq!(
        (heard.end.as_ref(), heard.text("content").as_str()),
        (None, "a")
    );
    assert!(heard.finish().is_empty());
}

#[test]
fn what_fails_says_so_after_what_came() {
    let text = r#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#;
    for (event, kind) in [
        (
            r#"{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}"#,
            "overloaded",
        ),
        (
            r#"{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED"}}"#,
            "rate-limited",
        ),
        ("{broken", "malformed-reply"),
        ("[1]", "malformed-reply"),
    ] {
        let heard = hear(&[text, event, text], 3);
        assert_eq!(heard.text("content"), "a", "{event}");
        assert!(
            matches!(&heard.end, Some(End::Failed(failure)) if failure.kind == kind),
            "{event}: {heard:?}"
        );
    }
    let fault = r#"{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}"#;
    assert!(
        matches!(hear(&[fault], 1).end, Some(End::Failed(failure)) if failure.kind == "malformed-reply")
    );
    assert_eq!(hear(&[text, fault], 1).finish(), ["stop"]);
}

#[test]
fn arguments_may_come_in_pieces() {
    let part = |part: &str| {
        format!(r#"{{"candidates":[{{"content":{{"parts":[{{"functionCall":{part}}}]}}}}]}}"#)
    };
    let events = [
        part(r#"{"name":"w","willContinue":true}"#),
        part(
            r#"{"partialArgs":[{"jsonPath":"$.a[1].b","stringValue":"x","willContinue":true}],"willContinue":true}"#,
        ),
        part(r#"{"partialArgs":[{"jsonPath":"$.a[1].b","stringValue":"y"}],"willContinue":true}"#),
        part(
            r#"{"partialArgs":[{"jsonPath":"$['c d']","boolValue":true},{"jsonPath":"$.n","numberValue":1.50},
            {"jsonPath":"$.z","nullValue":"NULL_VALUE"},{"jsonPath":"$.h[99999999]","stringValue":"no"},
            {"jsonPath":"$.[","stringValue":"no"}],"willContinue":true}"#,
        ),
        part("{}"),
        part(
            r#"{"name":"v","partialArgs":[{"jsonPath":"$.a","stringValue":"1"}],"willContinue":true}"#,
        ),
        r#"{"candidates":[{"finishReason":"STOP"}]}"#.to_owned(),
    ];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let heard = hear(&events, 1);
    let calls = heard.calls();
    assert_eq!(calls.len(), 2);
    let arguments: Json =
        serde_json::from_str(calls[0]["function"]["arguments"].as_str().expect("text"))
            .expect("JSON");
    assert_eq!(
        arguments,
        json!({"a": [null, {"b": "xy"}], "c d": true, "n": 1.5, "z": null, "h": []})
    );
    assert_eq!(calls[1]["function"]["arguments"], r#"{"a":"1"}"#);
    assert_eq!(heard.finish(), ["tool_calls"]);
}
