use bytes::Bytes;

use super::encode::{Encoder, Shape};
use super::request::read;
use crate::api::answer::Encode;
use crate::clock::Clock;
use crate::json::{Options, Value, parse};

#[track_caller]
fn becomes(shape: Shape, body: &str, expected: &str) {
    let expected = parse(expected.as_bytes(), &Options::STRICT).unwrap();
    let read = read(body.as_bytes(), shape).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let chat = read.chat.expect("something is asked");
    let text = String::from_utf8(chat.body().to_vec()).unwrap();
    assert!(*chat.body() == expected, "{text}");
}

#[test]
fn a_conversation_with_tools_keeps_its_calls_together() {
    becomes(
        Shape::Chat,
        r#"{"model":"m:latest","stream":false,"keep_alive":"5m","think":"high","format":"json",
            "options":{"num_ctx":4096,"temperature":0.0,"num_predict":-1,"stop":["x"],"repeat_penalty":1.1},
            "messages":[{"role":"user","content":"Look","images":["/9j/AA"]},
              {"role":"assistant","content":"","thinking":"Hm","tool_calls":[
                {"function":{"name":"a","arguments":{"x":1}}},{"function":{"name":"b","arguments":{}}}]},
              {"role":"tool","tool_name":"b","content":"B"},{"role":"tool","content":"A"}]}"#,
        r#"{"model":"m","stream":false,"messages":[
            {"role":"user","content":[{"type":"text","text":"Look"},
              {"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j/AA"}}]},
            {"role":"assistant","content":"","reasoning_content":"Hm","tool_calls":[
              {"id":"call_00000000","type":"function","function":{"name":"a","arguments":"{\"x\":1}"}},
              {"id":"call_00000001","type":"function","function":{"name":"b","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"call_00000001","content":"B"},
            {"role":"tool","tool_call_id":"call_00000000","content":"A"}],
            "temperature":0.0,"stop":["x"],"repetition_penalty":1.1,
            "response_format":{"type":"json_object"},"reasoning_effort":"high"}"#,
    );
}

#[test]
fn a_prompt_is_a_conversation_and_streams_unless_told_not_to() {
    becomes(
        Shape::Generate,
        r#"{"model":"m","prompt":"Why?","system":"Be brief.","options":{"num_predict":9}}"#,
        r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[
            {"role":"system","content":"Be brief."},{"role":"user","content":"Why?"}],"max_tokens":9}"#,
    );
}

#[test]
fn what_asks_nothing_is_a_load_and_what_is_wrong_is_named() {
    assert!(
        read(br#"{"model":"m"}"#, Shape::Chat)
            .unwrap()
            .chat
            .is_none()
    );
    assert!(
        read(br#"{"model":"m","prompt":""}"#, Shape::Generate)
            .unwrap()
            .chat
            .is_none()
    );
    for (body, param) in [
        ("{", None),
        (r#"{"messages":[]}"#, Some("model")),
        (r#"{"model":"m","messages":{}}"#, Some("messages")),
        (r#"{"model":"m","messages":[{}]}"#, Some("messages[0].role")),
        (
            r#"{"model":"m","messages":[{"role":"tool","content":"x"}]}"#,
            Some("messages[0]"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","images":[1]}]}"#,
            Some("messages[0].images[0]"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user"}],"format":1}"#,
            Some("format"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user"}],"think":"much"}"#,
            Some("think"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user"}],"options":1}"#,
            Some("options"),
        ),
    ] {
        let wrong = read(body.as_bytes(), Shape::Chat)
            .err()
            .unwrap_or_else(|| panic!("{body}"));
        assert_eq!(wrong.param.as_deref(), param, "{body}");
    }
}

const CHUNKS: [&str; 5] = [
    r#"{"choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"Hm"}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"content":"Hi"}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]}}]}"#,
    r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}]}"#,
    r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7}}"#,
];

fn lines(shape: Shape, thoughts: bool) -> Vec<Value<'static>> {
    let clock = Clock::manual(1_785_067_200_000);
    let mut encoder = Encoder::new(shape, "m", thoughts, &clock);
    let mut out = Vec::new();
    for chunk in CHUNKS {
        encoder.chunk(chunk.as_bytes(), &mut out);
        clock.set(clock.now_ms() + 10);
    }
    encoder.done(&mut out);
    let text = String::from_utf8(out).unwrap();
    text.lines()
        .map(|line| {
            parse(line.as_bytes(), &Options::STRICT)
                .unwrap()
                .into_owned()
        })
        .collect()
}

#[test]
fn a_stream_is_lines_of_which_the_last_tells_what_it_took() {
    let lines = lines(Shape::Chat, true);
    let text: Vec<_> = lines
        .iter()
        .map(|line| String::from_utf8(line.get("message").unwrap().to_vec()).unwrap())
        .collect();
    assert_eq!(
        text,
        [
            r#"{"role":"assistant","content":"","thinking":"Hm"}"#,
            r#"{"role":"assistant","content":"Hi"}"#,
            r#"{"role":"assistant","content":"","tool_calls":[{"id":"a","function":{"index":0,"name":"f","arguments":{"x":1}}}]}"#,
            r#"{"role":"assistant","content":""}"#,
        ]
    );
    let done: Vec<_> = lines
        .iter()
        .map(|line| line.get("done").unwrap().as_bool().unwrap())
        .collect();
    assert_eq!(done, [false, false, false, true]);
    let last = lines.last().unwrap();
    for (name, value) in [
        ("prompt_eval_count", 9),
        ("eval_count", 7),
        ("total_duration", 50_000_000),
        ("eval_duration", 50_000_000),
        ("prompt_eval_duration", 0),
    ] {
        assert_eq!(last.get(name).unwrap().as_u64(), Some(value), "{name}");
    }
    assert_eq!(
        last.get("created_at").unwrap().as_str().unwrap(),
        "2026-07-26T12:00:00.050Z"
    );
}

#[test]
fn thoughts_are_left_out_unless_they_are_wanted() {
    assert!(
        lines(Shape::Generate, false)
            .iter()
            .all(|line| line.get("thinking").is_none())
    );
}

#[test]
fn a_whole_answer_is_the_last_line_with_all_in_it() {
    let answer = br#"{"id":"c","choices":[{"index":0,"finish_reason":"length","message":{"role":"assistant",
        "content":"Hello","reasoning_content":"Hm"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#;
    let mut encoder = Encoder::new(Shape::Generate, "m", true, &Clock::manual(0));
    let whole = encoder.whole(Bytes::from_static(answer));
    let whole = parse(&whole, &Options::STRICT).unwrap();
    for (name, said) in [
        ("response", "Hello"),
        ("thinking", "Hm"),
        ("done_reason", "length"),
    ] {
        assert_eq!(whole.get(name).unwrap().as_str().unwrap(), said);
    }
    assert_eq!(whole.get("eval_count").unwrap().as_u64(), Some(2));
}
