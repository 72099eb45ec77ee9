//! Streams: tools, thoughts, ends, and what breaks them.

use std::time::Duration;

use mock_upstream::{Answer, Gate, When};

use super::*;

/// A stream of chunks with these deltas, then this finish reason.
fn stream<'a>(deltas: impl IntoIterator<Item = &'a Value>, finish: &str) -> Answer {
    let chunk = |delta: &Value, finish: Value| {
        json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
        .to_string()
    };
    let mut answer = Answer::stream();
    for delta in deltas {
        answer = answer.event(&chunk(delta, Value::Null));
    }
    answer.event(&chunk(&json!({}), json!(finish))).done()
}

fn call(at: u64, id: &str, arguments: &str) -> Value {
    json!({ "tool_calls": [{ "index": at, "id": id, "type": "function", "function": { "name": "w", "arguments": arguments } }] })
}

fn more(at: u64, arguments: &str) -> Value {
    json!({ "tool_calls": [{ "index": at, "function": { "arguments": arguments } }] })
}

fn with_tools() -> Value {
    let mut body = ask("mock-model");
    body["tools"] = json!([{ "name": "w", "input_schema": { "type": "object" } }]);
    body
}

#[tokio::test]
async fn parallel_tools_are_blocks_one_after_the_other() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let deltas = [
        json!({ "role": "assistant", "content": "" }),
        call(0, "a1", "{\"c\":"),
        call(1, "a2", ""),
        more(1, "{\"c\":\"Y\"}"),
        more(0, "\"X\"}"),
    ];
    mock.on(When::path("/v1/chat"), stream(&deltas, "tool_calls"));
    let events = streamed(&server.client, &with_tools()).await;
    let starts: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "content_block_start")
        .collect();
    assert_eq!(starts.len(), 2, "{events:?}");
    for (at, (id, input)) in [("a1", "{\"c\":\"X\"}"), ("a2", "{\"c\":\"Y\"}")]
        .into_iter()
        .enumerate()
    {
        assert_eq!(starts[at]["index"], at);
        assert_eq!(
            starts[at]["content_block"],
            json!({ "type": "tool_use", "id": id, "name": "w", "input": {} })
        );
        let own: Vec<Value> = events
            .iter()
            .filter(|event| event["index"] == at)
            .cloned()
            .collect();
        assert_eq!(joined(&own, "input_json_delta", "partial_json"), input);
        assert_eq!(
            own.last().map(|last| last["type"].clone()),
            Some(json!("content_block_stop"))
        );
    }
    let end = events
        .iter()
        .find(|event| event["type"] == "message_delta")
        .expect("an end");
    assert_eq!(end["delta"]["stop_reason"], "tool_use");
}

#[tokio::test]
async fn a_thought_comes_before_the_text_and_no_empty_block_at_all() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let deltas = [
        json!({ "role": "assistant", "content": null, "reasoning_content": "Let me" }),
        json!({ "content": "", "reasoning_content": " see" }),
        json!({ "content": "Yes" }),
    ];
    mock.on(When::path("/v1/chat"), stream(&deltas, "stop"));
    let events = streamed(&server.client, &ask("mock-model")).await;
    let blocks: Vec<_> = events
        .iter()
        .map(|event| event["content_block"]["type"].clone())
        .filter(|kind| !kind.is_null())
        .collect();
    assert_eq!(blocks, ["thinking", "text"]);
    assert_eq!(joined(&events, "thinking_delta", "thinking"), "Let me see");
    assert_eq!(joined(&events, "text_delta", "text"), "Yes");
}

#[tokio::test]
async fn ends() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let said = [json!({ "role": "assistant", "content": "a" })];
    for (finish, reason) in [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("content_filter", "refusal"),
    ] {
        mock.heal();
        mock.on(When::path("/v1/chat"), stream(&said, finish));
        let events = streamed(&server.client, &ask("mock-model")).await;
        let end = &events[events.len() - 2];
        assert_eq!(end["delta"]["stop_reason"], reason);
        assert_eq!(kinds(&events).last(), Some(&"message_stop"));
    }
    mock.heal();
    let chunk = json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{ "index": 0, "delta": { "content": "a" }, "finish_reason": "stop", "matched_stop": "END" }] });
    mock.on(
        When::path("/v1/chat"),
        Answer::sse([chunk.to_string()]).done(),
    );
    let mut body = ask("mock-model");
    body["stop_sequences"] = json!(["END", "</x>"]);
    let events = streamed(&server.client, &body).await;
    let end = &events[events.len() - 2]["delta"];
    assert_eq!(
        (&end["stop_reason"], &end["stop_sequence"]),
        (&json!("stop_sequence"), &json!("END"))
    );
}

#[tokio::test]
async fn six_texts_to_stop_at_are_honoured() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.forget();
    let said = [
        json!({ "content": "one si" }),
        json!({ "content": "x two" }),
    ];
    mock.on(When::path("/v1/chat"), stream(&said, "stop"));
    let mut body = ask("mock-model");
    body["stop_sequences"] = json!(["s1", "s2", "s3", "s4", "s5", "six"]);
    let events = streamed(&server.client, &body).await;
    assert_eq!(joined(&events, "text_delta", "text"), "one ");
    let end = &events[events.len() - 2]["delta"];
    assert_eq!(
        (&end["stop_reason"], &end["stop_sequence"]),
        (&json!("stop_sequence"), &json!("six"))
    );
    assert_eq!(
        mock.requests()[0].json()["stop"],
        json!(["s1", "s2", "s3", "s4"])
    );
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_in_an_error_event() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.on(
        When::path("/v1/chat"),
        mock_upstream::fault("cut-stream").expect("it is there"),
    );
    let mut body = ask("mock-model");
    body["stream"] = json!(true);
    let reply = messages(&server.client, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let events = events(&reply.text());
    let last = events.last().expect("events");
    assert_eq!(last["type"], "error", "{events:?}");
    assert_eq!(last["error"]["type"], "api_error");
    assert!(!kinds(&events).contains(&"message_stop"));
}

#[tokio::test]
async fn a_client_that_waits_is_sent_pings() {
    let mock = Mock::start().await;
    let server = setup(&mock)
        .env("FREELLMAPI_KEEPALIVE_MS", 50)
        .start()
        .await;
    let gate = Gate::new();
    mock.on(
        When::path("/v1/chat"),
        stream(&[json!({ "content": "a" })], "stop").hold(&gate),
    );
    let mut body = ask("mock-model");
    body["stream"] = json!(true);
    let open = async {
        gate.arrived(1).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        gate.open();
    };
    let (reply, ()) = tokio::join!(messages(&server.client, &body), open);
    let events = events(&reply.text());
    let pings = events
        .iter()
        .take_while(|event| event["type"] == "ping")
        .count();
    assert!(pings >= 2, "{events:?}");
    assert_eq!(kinds(&events).last(), Some(&"message_stop"));
}

#[tokio::test]
async fn the_next_turn_brings_the_result_home() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.on(
        When::path("/v1/chat"),
        stream(&[call(0, "call_1", "{\"c\":1}")], "tool_calls"),
    );
    let events = streamed(&server.client, &with_tools()).await;
    let start = events
        .iter()
        .find(|event| event["type"] == "content_block_start")
        .expect("a block");
    let id = start["content_block"]["id"].clone();
    let mut body = with_tools();
    let list = body["messages"].as_array_mut().expect("a list");
    list.push(json!({ "role": "assistant", "content": [{ "type": "tool_use", "id": id, "name": "w", "input": { "c": 1 } }] }));
    list.push(json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": id, "content": "sunny" }] }));
    mock.heal();
    mock.forget();
    assert_eq!(messages(&server.client, &body).await.status, 200);
    let sent = mock.requests()[0].json()["messages"].take();
    assert_eq!(sent[1]["tool_calls"][0]["id"], "call_1");
    assert_eq!(
        sent[2],
        json!({ "role": "tool", "tool_call_id": "call_1", "content": "sunny" })
    );
}
