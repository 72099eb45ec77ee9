use proptest::prelude::*;

use super::*;

const CHUNKS: [&str; 7] = [
    r#"{"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"Let me"}}]}"#,
    r#"{"id":"c1","choices":[{"index":0,"delta":{"content":"Hel"}}]}"#,
    r#"{"id":"c1","choices":[{"index":0,"delta":{"content":"lo"}}]}"#,
    r#"{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}]}}]}"#,
    r#"{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":""}},{"index":0,"function":{"arguments":":1}"},"extra_content":{"google":{"thought_signature":"s"}}}]}}]}"#,
    r#"{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
    r#"{"id":"c1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7,"completion_tokens_details":{"reasoning_tokens":2}}}"#,
];

fn stream<const ARRAY: bool>(thoughts: bool) -> String
where
    Encoder<ARRAY>: Encode,
{
    let mut encoder = Encoder::<ARRAY>::new("m", thoughts);
    let mut out = Vec::new();
    encoder.keep_alive(&mut out);
    for chunk in CHUNKS {
        encoder.chunk(chunk.as_bytes(), &mut out);
        encoder.keep_alive(&mut out);
    }
    encoder.done(&mut out);
    String::from_utf8(out).unwrap()
}

fn events(stream: &str) -> Vec<Value<'static>> {
    stream
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "))
        .map(|data| {
            parse(data.as_bytes(), &Options::STRICT)
                .unwrap()
                .into_owned()
        })
        .collect()
}

/// Texts and calls in order, as one line.
fn parts(responses: &[Value<'_>]) -> String {
    let parts = responses
        .iter()
        .filter_map(|one| one.pointer("/candidates/0/content/parts")?.as_array())
        .flatten();
    parts
        .map(|part| String::from_utf8(part.to_vec()).unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_stream_shows_text_at_once_calls_when_whole_and_ends_with_the_usage() {
    let events = events(&stream::<false>(true));
    assert_eq!(
        parts(&events),
        r#"{"text":"Let me","thought":true}
{"text":"Hel"}
{"text":"lo"}
{"functionCall":{"id":"a","name":"f","args":{"x":1}},"thoughtSignature":"s"}
{"functionCall":{"id":"b","name":"g","args":{}}}"#
    );
    let last = events.last().unwrap();
    assert_eq!(
        last.pointer("/candidates/0/finishReason")
            .unwrap()
            .as_str()
            .unwrap(),
        "STOP"
    );
    for (name, count) in [
        ("promptTokenCount", 9),
        ("candidatesTokenCount", 5),
        ("thoughtsTokenCount", 2),
        ("totalTokenCount", 16),
    ] {
        assert_eq!(
            last.pointer(&format!("/usageMetadata/{name}"))
                .unwrap()
                .as_u64(),
            Some(count)
        );
    }
    let finishes = events
        .iter()
        .filter(|one| one.pointer("/candidates/0/finishReason").is_some());
    assert_eq!(finishes.count(), 1);
}

#[test]
fn thoughts_are_left_out_unless_they_are_wanted() {
    assert!(!stream::<false>(false).contains("Let me"));
}

#[test]
fn the_array_is_one_json_value_that_says_the_same() {
    let text = stream::<true>(true);
    let Value::Array(list) = parse(text.as_bytes(), &Options::STRICT)
        .unwrap()
        .into_owned()
    else {
        panic!("{text}");
    };
    assert_eq!(parts(&list), parts(&events(&stream::<false>(true))));
}

#[test]
fn an_error_in_the_middle_ends_the_array_too() {
    let problem = Problem::invalid("no");
    let mut encoder = Encoder::<true>::new("m", false);
    let mut out = Vec::new();
    encoder.chunk(CHUNKS[1].as_bytes(), &mut out);
    encoder.failed(&problem, &mut out);
    let read = parse(&out, &Options::STRICT).unwrap();
    assert_eq!(
        read.pointer("/1/error/status").unwrap().as_str().unwrap(),
        "INVALID_ARGUMENT"
    );
}

#[test]
fn a_whole_answer_says_what_its_stream_says() {
    let answer = r#"{"id":"c1","choices":[{"index":0,"finish_reason":"length","message":{"role":"assistant",
        "reasoning_content":"Let me","content":"Hello","tool_calls":[
        {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]}}],
        "usage":{"prompt_tokens":1,"completion_tokens":2}}"#;
    let whole = Encoder::<false>::new("m", true).whole(Bytes::from_static(answer.as_bytes()));
    let whole = parse(&whole, &Options::STRICT).unwrap();
    assert_eq!(
        parts(std::slice::from_ref(&whole)),
        r#"{"text":"Let me","thought":true}
{"text":"Hello"}
{"functionCall":{"id":"a","name":"f","args":{"x":1}}}"#
    );
    assert_eq!(
        whole
            .pointer("/candidates/0/finishReason")
            .unwrap()
            .as_str()
            .unwrap(),
        "MAX_TOKENS"
    );
    assert_eq!(
        whole
            .pointer("/usageMetadata/totalTokenCount")
            .unwrap()
            .as_u64(),
        Some(3)
    );
}

proptest! {
    #[test]
    fn text_split_anyhow_is_the_same_text(pieces in prop::collection::vec("[a-zé\"\\\\ ]{0,6}", 0..12)) {
        let mut encoder = Encoder::<false>::new("m", false);
        let mut out = Vec::new();
        for piece in &pieces {
            let content = String::from_utf8(Value::from(piece.clone()).to_vec()).unwrap();
            let chunk = format!(r#"{{"choices":[{{"index":0,"delta":{{"content":{content}}}}}]}}"#);
            encoder.chunk(chunk.as_bytes(), &mut out);
        }
        encoder.done(&mut out);
        let events = events(std::str::from_utf8(&out).unwrap());
        let said: String = events
            .iter()
            .filter_map(|one| one.pointer("/candidates/0/content/parts")?.as_array())
            .flatten()
            .filter_map(|part| Some(part.get("text")?.as_str()?.into_owned()))
            .collect();
        prop_assert_eq!(said, pieces.concat());
    }
}
