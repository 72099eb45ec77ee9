use super::ask::{self, Manner};
use super::write::Writer;
use crate::json::{Options, Value, parse};

fn texts(asked: &ask::Asked) -> Vec<String> {
    let content = |chat: &crate::chat::ChatRequest<'_>| {
        let content = chat.body().pointer("/messages/1/content");
        content.and_then(Value::as_str).unwrap().into_owned()
    };
    asked.chats.iter().map(|one| content(&one.chat)).collect()
}

#[test]
fn each_prompt_is_a_chat_and_the_rest_goes_on() {
    let body = br#"{"model":"m","prompt":["a","b"],"n":2,"logprobs":3,"max_tokens":7,"top_k":1.0,"user":"u","best_of":2}"#;
    let asked = ask::read(body).unwrap();
    assert_eq!(texts(&asked), ["a", "b"]);
    assert_eq!(asked.manner.n, 2);
    let chat = String::from_utf8(asked.chats[1].chat.body().to_vec()).unwrap();
    for holds in [
        r#""logprobs":true"#,
        r#""top_logprobs":3"#,
        r#""top_k":1.0"#,
        r#""max_tokens":7"#,
        r#""n":2"#,
    ] {
        assert!(chat.contains(holds), "{holds} in {chat}");
    }
    for gone in ["prompt", "best_of", "suffix", "echo"] {
        assert!(asked.chats[1].chat.body().get(gone).is_none(), "{gone}");
    }
}

#[test]
fn a_gap_comes_as_a_suffix_or_as_marks() {
    for body in [
        r#"{"prompt":"x","suffix":"y"}"#,
        r#"{"prompt":"<|fim_prefix|>x<|fim_suffix|>y<|fim_middle|>"}"#,
    ] {
        let asked = ask::read(body.as_bytes()).unwrap();
        assert_eq!(
            texts(&asked),
            ["<before>x</before>\n<after>y</after>"],
            "{body}"
        );
        assert!(asked.manner.gap);
        assert_eq!(asked.chats[0].chat.max_output(), Some(256));
    }
    assert!(
        ask::read(br#"{"prompt":"","suffix":"y"}"#).is_ok(),
        "the file begins with the gap"
    );
    assert!(
        !ask::read(br#"{"prompt":"x","suffix":""}"#)
            .unwrap()
            .manner
            .gap
    );
}

#[test]
fn what_cannot_be_done_is_named() {
    for (body, param) in [
        (r#"{}"#, "prompt"),
        (r#"{"prompt":""}"#, "prompt"),
        (r#"{"prompt":[]}"#, "prompt"),
        (r#"{"prompt":[1,2]}"#, "prompt[0]"),
        (r#"{"prompt":[[1,2]]}"#, "prompt[0]"),
        (r#"{"prompt":["a",""]}"#, "prompt[1]"),
        (r#"{"prompt":{}}"#, "prompt"),
        (r#"{"prompt":"a","suffix":1}"#, "suffix"),
        (r#"{"prompt":"a","echo":"yes"}"#, "echo"),
        (r#"{"prompt":"a","n":0}"#, "n"),
        (r#"{"prompt":["a","b"],"n":100}"#, "n"),
        (r#"{"prompt":"a","best_of":3}"#, "best_of"),
        (r#"{"prompt":"a","logprobs":6}"#, "logprobs"),
        (r#"{"prompt":"a","logprobs":true}"#, "logprobs"),
        (r#"{"prompt":"a","logprobs":0,"echo":true}"#, "logprobs"),
        (r#"{"prompt":"a","max_tokens":0}"#, "max_tokens"),
    ] {
        let invalid = ask::read(body.as_bytes()).unwrap_err();
        assert_eq!(
            invalid.param.as_deref(),
            Some(param),
            "{body}: {}",
            invalid.message
        );
    }
    let many = format!("{{\"prompt\":[{}]}}", vec!["\"a\""; 21].join(","));
    assert!(ask::read(many.as_bytes()).is_err());
}

fn value(bytes: &[u8]) -> Value<'_> {
    parse(bytes, &Options::STRICT).unwrap()
}

#[test]
fn choices_are_numbered_over_all_prompts_and_usage_is_added_up() {
    let manner = Manner {
        n: 2,
        ..Manner::default()
    };
    let mut writer = Writer::new(&manner);
    let answer = br#"{"id":"chatcmpl-1","created":5,"model":"m","choices":[
        {"index":0,"message":{"role":"assistant","content":"a","reasoning_content":"hm"},"finish_reason":"stop"},
        {"index":1,"message":{"role":"assistant","content":"b"},"finish_reason":"length","logprobs":{"content":[
            {"token":"b","logprob":-0.5,"top_logprobs":[{"token":"b","logprob":-0.5},{"token":"c","logprob":-2}]}]}}],
        "usage":{"prompt_tokens":3,"completion_tokens":2}}"#;
    writer.prompt(0, "> ".to_owned());
    writer.whole(answer);
    writer.prompt(1, String::new());
    writer.whole(answer);
    let body = writer.into_answer();
    let body = value(&body);
    let text = |at: &str| {
        body.pointer(at)
            .and_then(Value::as_str)
            .unwrap()
            .into_owned()
    };
    assert_eq!(text("/id"), "cmpl-1");
    assert_eq!(text("/object"), "text_completion");
    assert_eq!(text("/choices/0/text"), "> a");
    assert_eq!(text("/choices/3/text"), "b");
    assert_eq!(text("/choices/1/finish_reason"), "length");
    assert_eq!(
        body.pointer("/choices/3/index").and_then(Value::as_u64),
        Some(3)
    );
    assert_eq!(
        body.pointer("/choices/1/logprobs/top_logprobs/0/c")
            .and_then(Value::as_f64),
        Some(-2.0)
    );
    assert_eq!(
        body.pointer("/usage/total_tokens").and_then(Value::as_u64),
        Some(10)
    );
}

#[test]
fn a_stream_says_what_a_whole_answer_says() {
    let manner = Manner {
        stream: true,
        gap: true,
        n: 1,
        ..Manner::default()
    };
    let mut writer = Writer::new(&manner);
    writer.prompt(0, "> ".to_owned());
    let mut said = String::new();
    let mut finish = None;
    for (delta, end) in [
        (r#"{"role":"assistant","content":""}"#, "null"),
        (r#"{"reasoning_content":"hm"}"#, "null"),
        (r#"{"content":"``"}"#, "null"),
        (r#"{"content":"`rs\na"}"#, "null"),
        (r#"{"content":" + b\n``"}"#, "null"),
        (r#"{"content":"`"}"#, "null"),
        ("{}", "\"stop\""),
    ] {
        let chunk = format!(
            r#"{{"id":"chatcmpl-1","created":5,"model":"m","choices":[{{"index":0,"delta":{delta},"finish_reason":{end}}}]}}"#
        );
        let Some(chunk) = writer.chunk(chunk.as_bytes()) else {
            continue;
        };
        let chunk = value(&chunk);
        said.push_str(
            &chunk
                .pointer("/choices/0/text")
                .and_then(Value::as_str)
                .unwrap(),
        );
        assert!(finish.is_none(), "something follows the end");
        let reason = chunk
            .pointer("/choices/0/finish_reason")
            .and_then(Value::as_str);
        finish = reason.map(std::borrow::Cow::into_owned);
    }
    assert_eq!(said, "> a + b");
    assert_eq!(finish.as_deref(), Some("stop"));
}
