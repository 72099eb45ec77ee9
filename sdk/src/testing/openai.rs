//! What holds for every provider that speaks OpenAI's dialect.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{answered, call, sent, streamed};
use crate::{Adapter, Call, End, Input, RawManifest};

/// Holds a plugin against what every compatible one must do: it says who it is; plain chats, tools and their results reach
/// `https://{base}/chat/completions` with the credential and without loss; models are listed and keys checked with a
/// `GET`; whole and streamed answers, with text and with tool calls, come through.
///
/// # Panics
/// If it does not.
#[track_caller]
pub fn speaks_openai<A: Adapter>(base: &str) {
    let manifest = A::manifest().build();
    presents_itself(&manifest);
    let canonical = manifest.canonical_replies.iter().any(|word| word == "chat");
    let mends = !A::dialect(&call("chat", "m")).mending().is_none();
    assert_eq!(A::MENDS, mends, "`MENDS` and what the dialect asks for");
    assert!(!(mends && canonical), "the manifest must say `decodes`");
    let mut chat = call("chat", "m");
    if manifest.powers.iter().any(|power| power == "tools") {
        chat.outline.traits = ["tools", "tool-results"].map(str::to_owned).to_vec();
    }
    asks::<A>(&manifest, base, &chat);
    assert_eq!(sent::<A>(&call("models", ""), &Json::Null).method, "GET");
    let input = Input {
        body: Vec::new(),
        files: Vec::new(),
        notes: Vec::new(),
        extra: Vec::new(),
    };
    // Planned within the reach, or said to be impossible.
    match A::encode(&call("key-check", ""), &input) {
        Ok(_) => drop(sent::<A>(&call("key-check", ""), &Json::Null)),
        Err(failure) => assert_eq!(failure.kind, "unsupported", "{failure:?}"),
    }
    let unknown = A::encode(&call("fortune-telling", "m"), &input);
    assert_eq!(
        unknown.err().map(|no| no.kind).as_deref(),
        Some("unsupported")
    );
    if !manifest.canonical_replies.iter().any(|word| word == "chat") {
        answers::<A>(&chat);
    }
}

fn presents_itself(manifest: &RawManifest) {
    assert!(manifest.homepage.starts_with("https://"), "its homepage");
    assert!(!manifest.terms_note.is_empty(), "its terms");
    if manifest.secrets.is_empty() {
        assert!(manifest.keyless, "neither key nor keyless");
    } else {
        assert!(manifest.key_page.starts_with("https://"), "its key page");
    }
    let mut ids = BTreeSet::new();
    for model in &manifest.models {
        assert!(ids.insert(&model.id), "{} comes twice", model.id);
        if model.operations.iter().any(|word| word == "chat") {
            assert!(model.rank.is_some(), "{} has no rank", model.id);
            assert!(model.context.is_some(), "{} has no context", model.id);
        }
    }
}

#[track_caller]
fn asks<A: Adapter>(manifest: &RawManifest, base: &str, chat: &Call) {
    let calls = json!([{"id": "abcdefghi", "type": "function", "function": {"name": "f", "arguments": "{}"}}]);
    let mut body = json!({
        "model": "m", "temperature": 0.5, "stream": false,
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "", "tool_calls": calls},
            {"role": "tool", "tool_call_id": "abcdefghi", "content": "r"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}],
        "tool_choice": "auto",
    });
    let sent = sent::<A>(chat, &body);
    assert_eq!(
        (sent.method.as_str(), sent.url),
        ("POST", format!("{base}/chat/completions"))
    );
    let key = sent
        .headers
        .iter()
        .any(|(name, value)| name == "authorization" && value == "Bearer {api-key}");
    assert_eq!(key, !manifest.secrets.is_empty(), "the credential");
    for (name, value) in body.as_object_mut().into_iter().flatten() {
        if name != "stream" {
            assert_eq!(&sent.body[name], value, "`{name}`");
        }
    }
    let mut streaming = chat.clone();
    streaming.streaming = true;
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let sent = super::sent::<A>(&streaming, &body);
    assert_eq!(sent.body["stream"], true);
}

/// Answers that want no mending come through as they are; invented bytes in OpenAI's documented shape.
#[track_caller]
fn answers<A: Adapter>(chat: &Call) {
    let call = json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    for (message, finish) in [
        (
            json!({"role": "assistant", "content": "Hello, <b>you</b>"}),
            "stop",
        ),
        (
            json!({"role": "assistant", "content": null, "tool_calls": [call]}),
            "tool_calls",
        ),
    ] {
        let whole = json!({"id": "c", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}]});
        assert_eq!(answered::<A>(chat, &whole.to_string()), whole);
        let chunk = |delta: &Json, finish: Json| {
            json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
        };
        let chunks = [
            chunk(&message, Json::Null),
            chunk(&json!({}), json!(finish)),
        ];
        let mut events = chunks.each_ref().map(Json::to_string).to_vec();
        events.push("[DONE]".to_owned());
        let (out, end) = streamed::<A>(chat, &events);
        assert!(matches!(end, Some(End::Complete)), "{end:?}");
        assert_eq!(out, chunks);
    }
}
