//! An answer as a stream and back is the same answer.

use proptest::prelude::*;

use super::{Fold, chunks};
use crate::chat::answer::normalise;
use crate::chat::{Broken, ChunkNormaliser, Data, Seed, Usage};
use crate::json::{Options, Value, parse};

fn seed() -> Seed {
    Seed {
        id: "chatcmpl-seed".to_owned(),
        created: 1_700_000_000,
        model: "seed-model".to_owned(),
    }
}

fn tree(bytes: &[u8]) -> Value<'static> {
    parse(bytes, &Options::STRICT).unwrap().into_owned()
}

fn fold(chunks: &[Vec<u8>], usage: Option<Usage>) -> Vec<u8> {
    let mut fold = Fold::new();
    for chunk in chunks {
        fold.push(chunk).unwrap();
    }
    fold.finish(usage)
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn tool_call() -> impl Strategy<Value = String> {
    ("[a-zA-Z0-9]{9}", "[a-z_]{1,8}", "\\PC{0,12}").prop_map(|(id, name, arguments)| {
        let arguments = quoted(&quoted(&arguments));
        format!(r#"{{"id":"{id}","type":"function","function":{{"name":"{name}","arguments":{arguments}}}}}"#)
    })
}

/// A message and what else its choice holds.
fn choice() -> impl Strategy<Value = String> {
    (
        prop::option::of("\\PC{0,20}"),
        prop::option::of("\\PC{1,20}"),
        prop::collection::vec(tool_call(), 0..4),
        prop::option::of("\\PC{1,8}"),
        any::<bool>(),
    )
        .prop_map(|(content, reasoning, calls, refusal, logprobs)| {
            let content = content.map_or("null".to_owned(), |text| quoted(&text));
            let mut message = format!(r#""role":"assistant","content":{content}"#);
            if let Some(text) = reasoning {
                message += &format!(r#","reasoning_content":{}"#, quoted(&text));
            }
            if let Some(text) = refusal {
                message += &format!(r#","refusal":{}"#, quoted(&text));
            }
            let finish = if calls.is_empty() {
                "stop"
            } else {
                "tool_calls"
            };
            if !calls.is_empty() {
                message += &format!(r#","tool_calls":[{}]"#, calls.join(","));
            }
            let more = if logprobs {
                r#","logprobs":{"content":[{"token":"a","logprob":-0.10}]}"#
            } else {
                ""
            };
            format!(r#""message":{{{message}}},"finish_reason":"{finish}"{more}"#)
        })
}

fn answer() -> impl Strategy<Value = String> {
    prop::collection::vec(choice(), 1..4).prop_map(|choices| {
        let choices: Vec<_> = choices
            .iter()
            .enumerate()
            .map(|(at, choice)| format!(r#"{{"index":{at},{choice}}}"#))
            .collect();
        format!(
            r#"{{"id":"c","object":"chat.completion","created":1,"model":"m","system_fingerprint":"fp","choices":[{}]}}"#,
            choices.join(",")
        )
    })
}

proptest! {
    #[test]
    fn a_stream_of_an_answer_folds_to_the_answer(body in answer(), told in any::<bool>()) {
        let mut answer = normalise(body.as_bytes(), &seed()).unwrap();
        if told {
            answer.set_usage(Usage { input: Some(3), output: Some(4), ..Usage::default() });
        }
        let chunks = chunks(&answer.bytes).unwrap();
        prop_assert_eq!(tree(&fold(&chunks, answer.usage)), tree(&answer.bytes));
    }

    /// The chunks are what a good upstream would have sent: nothing is left to mend in them.
    #[test]
    fn its_chunks_need_no_mending(body in answer()) {
        let answer = normalise(body.as_bytes(), &seed()).unwrap();
        let mut normaliser = ChunkNormaliser::new(seed());
        let mut finishes = 0;
        for chunk in chunks(&answer.bytes).unwrap() {
            let out = normaliser.push(&chunk).unwrap();
            prop_assert_eq!(&out.data, &Data::Same);
            prop_assert!(!out.usage && !out.error);
            finishes += usize::from(out.finish);
        }
        let choices = tree(&answer.bytes).get("choices").unwrap().as_array().unwrap().len();
        prop_assert_eq!(finishes, choices);
        let end = normaliser.finish();
        prop_assert_eq!((end.content, end.tool_calls), (answer.has_content, answer.tool_calls));
    }
}

#[test]
fn pieces_are_joined() {
    let chunk = |delta: &str, finish: &str| {
        format!(r#"{{"id":"c","created":1,"model":"m","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#).into_bytes()
    };
    let whole = fold(
        &[
            chunk(
                r#"{"role":"assistant","content":null,"reasoning_content":"h"}"#,
                "null",
            ),
            chunk(r#"{"reasoning_content":"m"}"#, "null"),
            chunk(r#"{"content":"4"}"#, "null"),
            chunk(r#"{"content":"2"}"#, "null"),
            chunk(
                r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}}]}"#,
                "null",
            ),
            chunk(
                r#"{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"[]"}}]}"#,
                "null",
            ),
            chunk(
                r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}]}"#,
                r#""tool_calls""#,
            ),
            chunk("{}", "null"),
        ],
        None,
    );
    let want = r#"{"id":"c","created":1,"model":"m","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"42","reasoning_content":"hm","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"[]"}}]},"finish_reason":"tool_calls"}]}"#;
    assert_eq!(tree(&whole), tree(want.as_bytes()));
}

#[test]
fn what_is_no_answer_makes_no_stream() {
    for body in ["[]", "{}", r#"{"choices":[1]}"#] {
        assert!(
            matches!(chunks(body.as_bytes()), Err(Broken::Shape(_))),
            "{body}"
        );
    }
    assert_eq!(chunks(b" "), Err(Broken::Empty));
    for chunk in ["[]", r#"{"choices":[1]}"#] {
        assert!(
            matches!(Fold::new().push(chunk.as_bytes()), Err(Broken::Shape(_))),
            "{chunk}"
        );
    }
}
