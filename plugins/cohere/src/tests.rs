//! What is the dialect's own is tested with the SDK; here, that the plugin is put together.

use freellmapi_sdk::testing::{answered, call, listed, refusals, sent, streamed};
use freellmapi_sdk::{End, json};

use super::*;

#[test]
fn chats_lists_and_checks_go_where_the_manifest_says() {
    let body = json!({"messages": [{"role": "user", "content": "Count from 1 to 3"}]});
    let mut chat = call("chat", "command-a-03-2025");
    chat.streaming = true;
    let request = sent::<Cohere>(&chat, &body);
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("POST", "api.cohere.com/v2/chat")
    );
    assert_eq!(
        request.headers,
        [("authorization".into(), "Bearer {api-key}".into())]
    );
    assert_eq!(
        request.body,
        json!({"model": "command-a-03-2025", "stream": true, "messages": [{"role": "user", "content": "Count from 1 to 3"}]})
    );
    for errand in ["models", "key-check"] {
        assert_eq!(
            sent::<Cohere>(&call(errand, ""), &json!(null)).url,
            "api.cohere.com/v1/models"
        );
    }
}

/// As recorded: crmne/ruby_llm, cassettes of command-a-03-2025; the stream is shortened.
#[test]
fn recorded_answers_come_through() {
    let whole = r#"{"id":"816428ae","message":{"role":"assistant","content":[{"type":"text","text":"{\"name\":\"Bob\",\"age\":30}"}]},"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":607,"output_tokens":13},"cached_tokens":480}}"#;
    let answer = answered::<Cohere>(&call("chat", "m"), whole);
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        r#"{"name":"Bob","age":30}"#
    );
    let events = [
        r#"{"id":"7b4baae1","type":"message-start","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}"#,
        r#"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}"#,
        r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Sure"}}}}"#,
        r#"{"type":"content-end","index":0}"#,
        r#"{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":7,"output_tokens":21},"tokens":{"input_tokens":502,"output_tokens":24},"cached_tokens":448}}}"#,
        "[DONE]",
    ];
    let (chunks, end) = streamed::<Cohere>(&call("chat", "m"), &events);
    assert!(matches!(end, Some(End::Complete)));
    assert_eq!(chunks.len(), 3);
    assert_eq!(chunks[1]["choices"][0]["delta"]["content"], "Sure");
}

#[test]
fn refusals_and_lists_are_read() {
    refusals::<Cohere>(&[(
        429,
        &[],
        r#"{"message":"You are using a Trial key, which is limited to 20 API calls / minute."}"#,
        "rate-limited",
        None,
    )]);
    assert_eq!(
        listed::<Cohere>(r#"{"models":[{"name":"command-a-03-2025","endpoints":["chat"]}]}"#).len(),
        1
    );
}

#[test]
fn the_account_has_a_minute_and_a_month() {
    let manifest = Cohere::manifest().build();
    let told: Vec<_> = manifest
        .quotas
        .iter()
        .map(|q| (q.scope.as_str(), q.window_s, q.limit))
        .collect();
    assert_eq!(
        told,
        [
            ("account", 60, Some(20)),
            ("account", 2_592_000, Some(1000))
        ]
    );
    assert!(!manifest.canonical_replies.contains(&"chat".to_owned()));
}
