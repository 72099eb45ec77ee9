use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::tools::memo;
use super::*;
use crate::testing::{answered, call, streamed};
use crate::{Adapter, End, Event, Manifest};

const BOTH: Mending = Mending {
    think: true,
    calls: true,
};

/// With both kinds of mending.
struct Both;

impl Adapter for Both {
    const MENDS: bool = true;

    fn manifest() -> Manifest {
        Manifest::new("both", "Both")
    }

    fn dialect(_: &Call) -> crate::openai::Dialect {
        crate::openai::Dialect::at("both.example", "/v1")
            .think_in_text()
            .calls_in_text()
    }
}

fn asked() -> Call {
    let mut call = call("chat", "m");
    let body = json!({"tools": [
        {"type": "function", "function": {"name": "read", "parameters": {"type": "object",
            "properties": {"path": {"type": "string"}, "lines": {"type": "integer"}}, "required": ["path"]}}},
        {"type": "function", "function": {"name": "now"}},
    ]});
    call.memo = memo(body.to_string().as_bytes());
    call
}

/// A stream of these texts, and a finish reason.
fn events(texts: &[&str]) -> Vec<String> {
    let chunk = |delta: Json, finish: Json| {
        json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
        .to_string()
    };
    let mut events = vec![chunk(
        json!({"role": "assistant", "content": ""}),
        Json::Null,
    )];
    events.extend(
        texts
            .iter()
            .map(|text| chunk(json!({"content": text}), Json::Null)),
    );
    events.push(chunk(json!({}), json!("stop")));
    events.push("[DONE]".to_owned());
    events
}

/// Reasoning, text, calls as name and arguments, and the finish reason of a stream.
type Heard = (String, String, Vec<(String, String)>, String);

fn heard(events: &[String]) -> Heard {
    let (chunks, end) = streamed::<Both>(&asked(), events);
    assert!(matches!(end, Some(End::Complete)), "{end:?}");
    let mut heard = Heard::default();
    for chunk in &chunks {
        let choice = &chunk["choices"][0];
        let text = |name: &str| choice["delta"][name].as_str().unwrap_or_default();
        heard.0 += text("reasoning_content");
        heard.1 += text("content");
        for call in choice["delta"]["tool_calls"]
            .as_array()
            .into_iter()
            .flatten()
        {
            assert_eq!(call["index"], heard.2.len());
            let function = &call["function"];
            let said = |name: &str| function[name].as_str().unwrap().to_owned();
            heard.2.push((said("name"), said("arguments")));
        }
        if let Some(word) = choice["finish_reason"].as_str() {
            word.clone_into(&mut heard.3);
        }
    }
    heard
}

/// What a whole answer of this text becomes, in the same words.
fn whole(text: &str) -> Heard {
    let body = json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]});
    let answer = answered::<Both>(&asked(), &body.to_string());
    let message = &answer["choices"][0]["message"];
    let calls = message["tool_calls"].as_array().into_iter().flatten();
    (
        message["reasoning_content"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        message["content"].as_str().unwrap_or_default().to_owned(),
        calls
            .map(|call| {
                let said = |name: &str| call["function"][name].as_str().unwrap().to_owned();
                (said("name"), said("arguments"))
            })
            .collect(),
        answer["choices"][0]["finish_reason"]
            .as_str()
            .unwrap()
            .to_owned(),
    )
}

fn calls(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(name, arguments)| ((*name).to_owned(), (*arguments).to_owned()))
        .collect()
}

/// The reported fault: a tag that is cut anywhere (invented bytes).
#[test]
fn reasoning_between_tags_is_told_apart_wherever_it_is_cut() {
    for (text, thought, answer) in [
        ("<think>plan a</think>\n\nHello", "plan a", "Hello"),
        ("\n<think>\nplan a</think>Hello", "plan a", "Hello"),
        (
            "<thinking>plan ä < b</thinking> Hello",
            "plan ä < b",
            "Hello",
        ),
        ("<think></think>Hello", "", "Hello"),
        ("<think>never closed", "never closed", ""),
        (
            "Use <think> in HTML like `<think>`</think>",
            "",
            "Use <think> in HTML like `<think>`</think>",
        ),
        ("<thin", "", "<thin"),
        ("1 < 2", "", "1 < 2"),
        ("<thanks>", "", "<thanks>"),
        ("", "", ""),
    ] {
        let cuts: Vec<usize> = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        for one in &cuts {
            for two in cuts.iter().filter(|two| *two >= one) {
                let pieces = [&text[..*one], &text[*one..*two], &text[*two..]];
                let heard = heard(&events(&pieces));
                assert_eq!(
                    (heard.0.as_str(), heard.1.as_str()),
                    (thought, answer),
                    "{pieces:?}"
                );
                assert_eq!(heard.3, "stop");
            }
        }
        let whole = whole(text);
        assert_eq!(
            (whole.0.as_str(), whole.1.as_str()),
            (thought, answer),
            "{text}"
        );
    }
}

#[test]
fn a_closing_tag_alone_counts_in_a_whole_answer() {
    assert_eq!(whole("plan a</think>Hello").0, "plan a");
    assert_eq!(whole("plan a</think>Hello").1, "Hello");
    for literal in [
        "a `</think>` closes",
        "a</think>b</think>c",
        "so it ends with </think>",
    ] {
        assert_eq!(whole(literal).1, literal);
    }
}

#[test]
fn no_tag_is_looked_for_where_the_provider_tells_reasoning_apart() {
    let mut events = events(&["<think>x</think>y"]);
    events.insert(
        1,
        json!({"choices": [{"index": 0, "delta": {"reasoning": "r"}}]}).to_string(),
    );
    assert_eq!(heard(&events).1, "<think>x</think>y");
}

#[test]
fn text_is_not_held_longer_than_a_tag_may_last() {
    let mut mender = mender(BOTH, &asked());
    let mut push = |text: &str| {
        let data = json!({"choices": [{"index": 0, "delta": {"content": text}}]})
            .to_string()
            .into_bytes();
        mender
            .push(&[Event {
                name: String::new(),
                data,
            }])
            .pieces
            .len()
    };
    assert_eq!(push("Hello "), 1);
    assert_eq!(push("1 <"), 1);
    assert_eq!(push(" 2"), 1);
}

/// Forms as the chat templates of Qwen, Hermes, Llama and Mistral models have them; invented bytes.
#[test]
fn calls_written_as_text_become_calls() {
    let read = [("read", r#"{"path":"a.txt"}"#)];
    for (text, before, expected) in [
        (
            r#"<tool_call>{"name": "read", "arguments": {"path": "a.txt"}}</tool_call>"#,
            "",
            &read[..],
        ),
        (
            r#"Let me look. <tool_call>{"name": "read", "arguments": "{\"path\":\"a.txt\"}"}"#,
            "Let me look.",
            &read,
        ),
        (
            "<tool_call>\n<function=read>\n<parameter=path>\na.txt\n</parameter>\n<parameter=lines>3</parameter>\n</function>\n</tool_call>",
            "",
            &[("read", r#"{"path":"a.txt","lines":3}"#)],
        ),
        (r#"<function=read={"path": "a.txt"}</function>"#, "", &read),
        (r#"<function=read>{"path": "a.txt"}</function>"#, "", &read),
        (r#"<function=read({"path": "a.txt"})</function>"#, "", &read),
        (
            r#"[TOOL_CALLS][{"name": "now", "arguments": {}}, {"name": "read", "arguments": {"path": "a.txt"}}]"#,
            "",
            &[("now", "{}"), read[0]],
        ),
        (r#"[TOOL_CALLS]read[ARGS]{"path": "a.txt"}</s>"#, "", &read),
        (
            r#"<|python_tag|>{"name": "read", "parameters": {"path": "a.txt"}}<|eom_id|>"#,
            "",
            &read,
        ),
        (
            "<tool_call>{\"name\":\"now\"}</tool_call>\n<tool_call>{\"name\":\"read\",\"arguments\":{\"path\":\"a.txt\"}}</tool_call>",
            "",
            &[("now", "{}"), read[0]],
        ),
    ] {
        let expected = (
            String::new(),
            before.to_owned(),
            calls(expected),
            "tool_calls".to_owned(),
        );
        assert_eq!(whole(text), expected, "{text}");
        for at in text.char_indices().map(|(at, _)| at) {
            let mut heard = heard(&events(&[&text[..at], &text[at..]]));
            heard.1.truncate(heard.1.trim_end().len());
            assert_eq!(heard, expected, "{text} cut at {at}");
        }
    }
}

#[test]
fn what_is_no_call_of_a_declared_tool_stays_text() {
    for text in [
        r#"<tool_call>{"name": "delete", "arguments": {}}</tool_call>"#,
        r#"<tool_call>{"name": "read", "arguments": {}}</tool_call>"#,
        r#"<tool_call>{"name": "read", "arguments": {"path": 5}}</tool_call>"#,
        "Write `<tool_call>` around it.",
        "<function=read>",
        "[TOOL_CALLS]",
        "<|python_tag|>print(1)",
    ] {
        assert_eq!(whole(text).1, text);
        for at in 0..text.len() {
            let heard = heard(&events(&[&text[..at], &text[at..]]));
            assert_eq!(
                (heard.1.as_str(), heard.2.len(), heard.3.as_str()),
                (text, 0, "stop")
            );
        }
    }
    // Nothing was declared, so nothing is looked for.
    let body =
        json!({"choices": [{"message": {"content": "<tool_call>{\"name\":\"now\"}</tool_call>"}}]})
            .to_string();
    assert_eq!(
        answered::<Both>(&call("chat", "m"), &body),
        serde_json::from_str::<Json>(&body).unwrap()
    );
}

#[test]
fn a_stream_without_done_is_whole_once_it_has_a_finish_reason() {
    let mut events = events(&["<think>a"]);
    events.pop();
    assert_eq!(heard(&events).0, "a");
    events.pop();
    let (chunks, end) = streamed::<Both>(&asked(), &events);
    assert!(end.is_none());
    assert_eq!(
        chunks.last().unwrap()["choices"][0]["delta"]["reasoning_content"],
        "a"
    );
}

#[test]
fn tools_beyond_what_a_memo_carries_lose_their_shapes_first() {
    let long = "a".repeat(300);
    let body = |names: &[String]| {
        let tools: Vec<Json> = names
            .iter()
            .map(|name| json!({"function": {"name": name, "parameters": {"required": [long]}}}))
            .collect();
        json!({ "tools": tools }).to_string().into_bytes()
    };
    let few: Vec<String> = (0..10).map(|n| format!("f{n}")).collect();
    assert!(memo(&body(&few)).contains(&long));
    let many: Vec<String> = (0..300).map(|n| format!("f{n}")).collect();
    let memo_of_many = memo(&body(&many));
    assert!(memo_of_many.len() < 64_000 && memo_of_many.contains("f299"));
    assert!(!memo_of_many.contains(&long));
    let huge: Vec<String> = (0..300).map(|n| format!("{long}{n}")).collect();
    assert_eq!(memo(&body(&huge)), "");
    assert_eq!(memo(b"no JSON"), "");
}

proptest! {
    /// Whatever comes, in whatever pieces: nothing panics, and nothing of a text without marks is lost.
    #[test]
    fn any_stream_is_survived(pieces in proptest::collection::vec("[a-z<>/\\[\\]{}\":= ]{0,12}|<think>|</think>|<tool_call>|</tool_call>|<function=read>|\\[TOOL_CALLS\\]|\\{\"name\":\"read\",\"arguments\":\\{\"path\":\"x\"\\}\\}", 0..12)) {
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let text = pieces.concat();
        let heard = heard(&events(&pieces));
        if first_mark_free(&text) {
            prop_assert_eq!(heard.1, text);
        }
    }

    #[test]
    fn any_body_is_survived(body in ".{0,80}|\\{\"choices\":(\\[\\]|5|\\[5\\]|\\[\\{\\}\\]|\\[\\{\"message\":5\\}\\]|\\[\\{\"message\":\\{\"content\":\\[\\]\\}\\}\\])\\}") {
        let _ = mended(BOTH, &asked(), body.as_bytes());
        let _ = streamed::<Both>(&asked(), &[body]);
    }
}

fn first_mark_free(text: &str) -> bool {
    ["<think", "<tool_call>", "<function=", "[TOOL_CALLS]"]
        .iter()
        .all(|mark| !text.contains(mark))
}
