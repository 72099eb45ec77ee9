//! Whole answers as upstreams send them.

use std::borrow::Cow;

use super::{Answer, normalise};
use crate::chat::{Broken, Seed, Usage};
use crate::json::{Options, Value, parse};

fn seed() -> Seed {
    Seed {
        id: "chatcmpl-0123456789abcdef".to_owned(),
        created: 1_700_000_000,
        model: "seed-model".to_owned(),
    }
}

/// An answer of one message, all else there.
fn whole(message: &str, finish: &str) -> String {
    format!(
        r#"{{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{message},"finish_reason":{finish}}}]}}"#
    )
}

fn ok(body: &str) -> Answer<'_> {
    normalise(body.as_bytes(), &seed()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

fn tree(answer: &Answer<'_>) -> Value<'static> {
    parse(&answer.bytes, &Options::STRICT).unwrap().into_owned()
}

/// The text at a pointer of the mended body.
fn text(answer: &Answer<'_>, pointer: &str) -> Option<String> {
    Some(tree(answer).pointer(pointer)?.as_str()?.into_owned())
}

#[test]
fn a_right_answer_passes_as_it_came() {
    for body in [
        whole(
            r#"{"role":"assistant","content":"Ge\u00fcbt"}"#,
            r#""stop""#,
        ),
        whole(
            r#"{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"#,
            r#""tool_calls""#,
        ),
        whole(
            r#"{"content":"","role":"assistant","reasoning_content":"hm","x":1.0}"#,
            r#""length""#,
        ),
        whole(r#"{"role":"assistant","content":"a"}"#, r#""stop""#).replacen(
            '{',
            r#"{"usage":{"prompt_tokens":1,"completion_tokens":2.0e0,"total_tokens":3},"x":[1e3],"#,
            1,
        ),
        whole(r#"{"role":"assistant","content":"a"}"#, r#""stop""#).replace(',', ",\n  "),
    ] {
        let padded = format!("\n   \n{body}\r\n");
        let answer = ok(&padded);
        assert!(matches!(answer.bytes, Cow::Borrowed(_)), "{body}");
        assert_eq!(&*answer.bytes, body.as_bytes());
        assert!(!answer.error && !answer.native_error);
    }
}

#[test]
fn content_and_calls_are_seen() {
    for (message, content, calls) in [
        (r#"{"content":"x"}"#, true, false),
        (r#"{"content":""}"#, false, false),
        (r#"{"content":null}"#, false, false),
        (r#"{"reasoning":"r"}"#, true, false),
        (r#"{"refusal":"no"}"#, true, false),
        (r#"{"audio":{"id":"a"}}"#, true, false),
        (r#"{"images":[]}"#, false, false),
        (r#"{"images":[{}]}"#, true, false),
        (r#"{"tool_calls":[]}"#, false, false),
        (r#"{"tool_calls":[{"function":{"name":"f"}}]}"#, true, true),
        (
            r#"{"function_call":{"name":"f","arguments":"{}"}}"#,
            true,
            true,
        ),
    ] {
        let body = whole(message, r#""stop""#);
        let answer = ok(&body);
        assert_eq!(
            (answer.has_content, answer.tool_calls),
            (content, calls),
            "{message}"
        );
        // Whatever came, a client finds a role and a content, though it be null.
        assert_eq!(
            text(&answer, "/choices/0/message/role").as_deref(),
            Some("assistant")
        );
        assert!(
            tree(&answer)
                .pointer("/choices/0/message/content")
                .is_some()
        );
    }
}

#[test]
fn missing_members_are_filled_in() {
    let answer =
        ok(r#"{"choices":[{"delta":{"content":"a"}},{"message":{"content":"b","role":null}}]}"#);
    for (pointer, want) in [
        ("/id", "chatcmpl-0123456789abcdef"),
        ("/object", "chat.completion"),
        ("/model", "seed-model"),
        ("/choices/0/message/content", "a"),
        ("/choices/0/finish_reason", "stop"),
        ("/choices/1/message/role", "assistant"),
    ] {
        assert_eq!(text(&answer, pointer).as_deref(), Some(want), "{pointer}");
    }
    let tree = tree(&answer);
    assert_eq!(
        tree.pointer("/created").and_then(Value::as_u64),
        Some(1_700_000_000)
    );
    assert_eq!(
        tree.pointer("/choices/1/index").and_then(Value::as_u64),
        Some(1)
    );
}

#[test]
fn whole_tool_calls_get_what_they_lack() {
    let body = whole(
        r#"{"role":"assistant","content":"","tool_calls":[{"function":{"name":"w","arguments":{"city":"Oslo"}}},null,{"id":"","function":{"name":"w"}},{"id":"k","type":"function","function":{"name":"w","arguments":null}}]}"#,
        "null",
    );
    let answer = ok(&body);
    let at = |pointer: &str| text(&answer, &format!("/choices/0/message/tool_calls{pointer}"));
    assert_eq!(
        at("/0/function/arguments").as_deref(),
        Some(r#"{"city":"Oslo"}"#)
    );
    assert_eq!(at("/1/function/arguments").as_deref(), Some("{}"));
    assert_eq!(at("/2/function/arguments").as_deref(), Some("{}"));
    assert_eq!(at("/0/type").as_deref(), Some("function"));
    assert_eq!(at("/2/id").as_deref(), Some("k"));
    assert_eq!(at("/3/id"), None);
    let (first, second) = (at("/0/id").unwrap(), at("/1/id").unwrap());
    assert!(first.starts_with("call_") && first != second);
    assert_eq!(
        text(&answer, "/choices/0/finish_reason").as_deref(),
        Some("tool_calls")
    );
    // The same answer gets the same ids: a client may ask for it twice.
    assert_eq!(ok(&body), answer);
}

#[test]
fn finish_reasons_come_from_the_closed_set() {
    for (word, want) in [
        (r#""""#, "stop"),
        ("7", "stop"),
        (r#""eos_token""#, "stop"),
        (r#""MAX_TOKENS""#, "length"),
        (r#""RECITATION""#, "content_filter"),
        (r#""tool_use""#, "tool_calls"),
    ] {
        let body = whole(r#"{"role":"assistant","content":"x"}"#, word);
        assert_eq!(
            text(&ok(&body), "/choices/0/finish_reason").as_deref(),
            Some(want),
            "{word}"
        );
    }
    let body = whole(
        r#"{"role":"assistant","content":""}"#,
        r#""stop","native_finish_reason":"network_error""#,
    );
    assert!(ok(&body).native_error);
}

#[test]
fn an_error_inside_a_200_is_flagged_and_left_as_it_came() {
    for body in [
        r#"{"error":{"message":"overloaded","code":502}}"#,
        r#"{"error":"x","choices":[]}"#,
        r#"{"error":{"code":1},"choices":[{"message":{}}]}"#,
    ] {
        let answer = ok(body);
        assert!(answer.error, "{body}");
        assert_eq!(&*answer.bytes, body.as_bytes());
    }
    let body = whole(r#"{"role":"assistant","content":"half"}"#, r#""error""#);
    let answer = ok(&body);
    assert!(answer.error);
    assert_eq!(&*answer.bytes, body.as_bytes());
    let null = whole(r#"{"role":"assistant","content":"x"}"#, r#""stop""#).replacen(
        '{',
        r#"{"error":null,"#,
        1,
    );
    assert!(!ok(&null).error);
}

#[test]
fn usage_is_read_in_every_shape_and_lands_in_one_place() {
    let body = |usage: &str| {
        whole(r#"{"role":"assistant","content":"x"}"#, r#""stop""#).replacen(
            '{',
            &format!("{{{usage},"),
            1,
        )
    };
    for (usage, want) in [
        (
            r#""usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}"#,
            (Some(1), Some(2), None, None),
        ),
        (
            r#""usage":{"input_tokens":1,"output_tokens":2}"#,
            (Some(1), Some(2), None, None),
        ),
        (
            r#""usage":{"prompt_tokens":1,"total_tokens":3}"#,
            (Some(1), Some(2), None, None),
        ),
        (
            r#""usage":{"prompt_tokens":5,"prompt_cache_hit_tokens":4}"#,
            (Some(5), None, Some(4), None),
        ),
        (
            r#""usage":{"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":4}}"#,
            (None, None, Some(3), Some(4)),
        ),
        (
            r#""x_groq":{"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
            (Some(1), Some(2), None, None),
        ),
    ] {
        let body = body(usage);
        let (input, output, cached, reasoning) = want;
        let answer = ok(&body);
        assert_eq!(
            answer.usage,
            Some(Usage {
                input,
                output,
                cached,
                reasoning
            }),
            "{usage}"
        );
        assert!(
            tree(&answer)
                .get("usage")
                .is_some_and(|usage| usage.as_object().is_some()),
            "{usage}"
        );
    }
    for none in [r#""usage":null"#, r#""usage":{}"#, r#""x":1"#] {
        let body = body(none);
        let mut answer = ok(&body);
        assert_eq!(answer.usage, None, "{none}");
        answer.set_usage(Usage {
            input: Some(4),
            output: Some(5),
            ..Usage::default()
        });
        let tree = tree(&answer);
        assert_eq!(
            tree.pointer("/usage/total_tokens").and_then(Value::as_u64),
            Some(9)
        );
        assert_eq!(
            tree.pointer("/choices/0/message/content")
                .unwrap()
                .as_str()
                .unwrap(),
            "x"
        );
    }
}

#[test]
fn what_is_no_answer_is_named() {
    let broken = |body: &str| normalise(body.as_bytes(), &seed()).unwrap_err();
    assert_eq!(broken(" \n"), Broken::Empty);
    assert_eq!(broken("\n<!doctype html><title>502</title>"), Broken::Html);
    assert_eq!(broken("data: {\"choices\":[]}\n\n"), Broken::Sse);
    assert_eq!(broken(": hello\n\ndata: {}\n\n"), Broken::Sse);
    assert_eq!(broken("{\"a\":1}\n{\"a\":2}\n"), Broken::Ndjson);
    let good = whole(r#"{"role":"assistant","content":"x"}"#, r#""stop""#);
    for cut in 1..good.len() {
        assert!(
            matches!(broken(&good[..cut]), Broken::NotJson(_)),
            "cut at {cut}"
        );
    }
    for body in [
        "[]",
        "null",
        r#""ok""#,
        "{}",
        r#"{"choices":null}"#,
        r#"{"choices":[]}"#,
        r#"{"choices":[1]}"#,
        r#"{"choices":[{}]}"#,
        r#"{"choices":[{"message":"x"}]}"#,
        r#"{"success":false,"errors":[]}"#,
    ] {
        assert!(matches!(broken(body), Broken::Shape(_)), "{body}");
    }
}

#[test]
fn loose_json_is_made_strict() {
    let body = whole(
        r#"{"role":"assistant","content":"x"}"#,
        r#""stop","logprobs":{"a":NaN,"b":-Infinity}"#,
    );
    let answer = ok(&body);
    assert!(
        tree(&answer)
            .pointer("/choices/0/logprobs/a")
            .unwrap()
            .is_null()
    );
    let twice = whole(
        r#"{"role":"assistant","content":"x","content":"y"}"#,
        r#""stop""#,
    );
    assert!(text(&ok(&twice), "/choices/0/message/content").is_some());
}

#[test]
fn what_an_answer_says_is_measured_without_what_is_around_it() {
    for (message, length) in [
        (r#"{"role":"assistant","content":"four"}"#, 4),
        (
            r#"{"role":"assistant","content":"four","reasoning_content":"five5"}"#,
            9,
        ),
        (
            r#"{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"#,
            3,
        ),
        (r#"{"role":"assistant","content":null}"#, 0),
    ] {
        assert_eq!(ok(&whole(message, "\"stop\"")).said(), length, "{message}");
    }
}
