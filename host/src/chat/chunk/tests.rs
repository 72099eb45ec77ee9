//! Streams as upstreams send them, and what a client gets of them.

mod good;
mod mended;

use crate::json::{Options, Value, parse};

use super::{Broken, ChunkNormaliser, Data, Out};
use crate::chat::Seed;

/// What fills in.
fn seed() -> Seed {
    Seed {
        id: "chatcmpl-0123456789abcdef".to_owned(),
        created: 1_700_000_000,
        model: "seed-model".to_owned(),
    }
}

/// The frame around a choice, all members there.
fn frame(choice: &str) -> String {
    format!(
        r#"{{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{choice}]}}"#
    )
}

/// A whole stream through one normaliser: what each event came to, and the chunks a client sees.
fn run<S: AsRef<str>>(events: &[S]) -> (ChunkNormaliser, Vec<Out>, Vec<Value<'static>>) {
    let mut normaliser = ChunkNormaliser::new(seed());
    let (mut outs, mut seen) = (Vec::new(), Vec::new());
    for event in events {
        let out = normaliser.push(event.as_ref().as_bytes()).unwrap();
        let bytes = match &out.data {
            Data::Nothing => None,
            Data::Same => Some(event.as_ref().as_bytes()),
            Data::Rewritten(bytes) => Some(&bytes[..]),
        };
        if let Some(bytes) = bytes {
            assert!(!bytes.contains(&b'\n') && !bytes.contains(&b'\r'));
            seen.push(parse(bytes, &Options::STRICT).unwrap().into_owned());
        }
        outs.push(out);
    }
    (normaliser, outs, seen)
}

/// The text at a pointer.
fn text(value: &Value<'_>, pointer: &str) -> Option<String> {
    Some(value.pointer(pointer)?.as_str()?.into_owned())
}

/// A value in its compact spelling.
fn spelt(value: &Value<'_>) -> String {
    String::from_utf8(value.to_vec()).unwrap()
}

fn broken(data: &str) -> Broken {
    ChunkNormaliser::new(seed())
        .push(data.as_bytes())
        .unwrap_err()
}

#[test]
fn a_stream_that_never_tells_how_it_ended_is_told_for() {
    let say = |delta: &str| {
        frame(&format!(
            r#"{{"index":0,"delta":{delta},"finish_reason":null}}"#
        ))
    };
    let call = r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"#;
    for (delta, word) in [(r#"{"content":"hi"}"#, "stop"), (call, "tool_calls")] {
        let (mut normaliser, ..) = run(&[say(delta), "[DONE]".to_owned()]);
        assert!(!normaliser.finish().finished);
        let last = normaliser.closing().expect("a chunk");
        let last = parse(&last, &Options::STRICT).unwrap();
        assert_eq!(
            text(&last, "/choices/0/finish_reason").as_deref(),
            Some(word)
        );
        assert_eq!(
            text(&last, "/object").as_deref(),
            Some("chat.completion.chunk")
        );
        assert!(normaliser.finish().finished);
        assert_eq!(normaliser.closing(), None, "told once");
    }
    let (mut whole, ..) = run(&[frame(
        r#"{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}"#,
    )]);
    assert_eq!(whole.closing(), None);
    assert_eq!(
        ChunkNormaliser::new(seed()).closing(),
        None,
        "nothing began"
    );
}
