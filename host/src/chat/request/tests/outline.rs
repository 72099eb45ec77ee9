//! What the router and plugins are told of a request.

use super::{ChatRequest, with};
use crate::chat::Outline;
use crate::chat::request::ATTACHMENT_TOKENS;

fn outline(body: &str) -> Outline {
    ChatRequest::parse(body.as_bytes()).unwrap().outline()
}

#[test]
fn each_trait_is_seen_and_no_other() {
    let message = |message: &str| format!(r#"{{"messages":[{message}]}}"#);
    for (body, traits) in [
        (with(""), &[][..]),
        (
            with(r#""tools":[{"type":"function","function":{"name":"f"}}]"#),
            &["tools"],
        ),
        (with(r#""tools":[]"#), &[]),
        (with(r#""parallel_tool_calls":true"#), &["parallel-tools"]),
        (with(r#""parallel_tool_calls":false"#), &[]),
        (
            message(r#"{"role":"tool","tool_call_id":"a","content":"x"}"#),
            &["tool-results"],
        ),
        (message(r#"{"role":"system","content":"x"}"#), &["system"]),
        (
            message(r#"{"role":"developer","content":"x"}"#),
            &["developer"],
        ),
        (
            message(r#"{"role":"user","content":[{"type":"text","text":"x"}]}"#),
            &["content-parts"],
        ),
        (
            message(r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}}]}"#),
            &["images", "content-parts"],
        ),
        (
            message(
                r#"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":""}}]}"#,
            ),
            &["audio", "content-parts"],
        ),
        (
            message(r#"{"role":"user","content":[{"type":"file","file":{}}]}"#),
            &["documents", "content-parts"],
        ),
        (with(r#""modalities":["text","audio"]"#), &["audio"]),
        (with(r#""modalities":["text"]"#), &[]),
        (
            with(r#""response_format":{"type":"json_object"}"#),
            &["json-object"],
        ),
        (
            with(r#""response_format":{"type":"json_schema","json_schema":{"name":"n"}}"#),
            &["json-schema"],
        ),
        (with(r#""response_format":{"type":"text"}"#), &[]),
        (with(r#""reasoning_effort":"low""#), &["reasoning"]),
        (with(r#""reasoning_effort":"none""#), &[]),
        (with(r#""reasoning":{"max_tokens":1}"#), &["reasoning"]),
        (with(r#""logprobs":true"#), &["logprobs"]),
        (with(r#""n":2"#), &["many"]),
        (with(r#""n":1"#), &[]),
        (
            with(r#""stream_options":{"include_usage":true}"#),
            &["stream-usage"],
        ),
    ] {
        let outline = outline(&body);
        assert_eq!(outline.traits, traits, "{body}");
        assert!(traits.iter().all(|word| outline.has(word)), "{body}");
        assert!(!outline.has("nothing"));
    }
}

#[test]
fn sizes_are_of_the_canonical_body() {
    let body = r#"{"model": "m", "top_p": null, "max_tokens": 7, "messages": [{"role":"user","content":"12345678"},{"role":"user","content":"é\u00e9\ud83d\ude00!"}]}"#;
    let request = ChatRequest::parse(body.as_bytes()).unwrap();
    let outline = request.outline();
    // Counted without writing it: a byte too many for each list and object, so never too short.
    let exact = request.body().to_vec().len() as u64;
    assert!((exact..=exact + 4).contains(&outline.body_bytes));
    assert!(outline.body_bytes < body.len() as u64);
    assert_eq!((outline.items, outline.max_output), (2, Some(7)));
    // Eight characters and four: by characters and not by bytes, however they are escaped.
    assert_eq!(outline.input_tokens, 3);
}

#[test]
fn a_picture_counts_by_itself_and_not_by_its_bytes() {
    let data = "A".repeat(100_000);
    let body = format!(
        r#"{{"messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{data}"}}}},{{"type":"text","text":"four"}}]}}]}}"#
    );
    assert_eq!(outline(&body).input_tokens, ATTACHMENT_TOKENS + 1);
}
