//! Chat through a custom endpoint: what reaches the upstream, and what comes back.

use blackbox::{Endpoint, Request, Server, Setup, gzip};
use mock_upstream::{Answer, Mock, Settings, When};
use serde_json::{Value, json};

/// A server with one endpoint, `local`, at `mock`.
async fn server(mock: &Mock) -> Server {
    Setup::new()
        .endpoint(Endpoint::new("local", mock).key("sk-local"))
        .start()
        .await
}

fn ask(model: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": "Hi" }] })
}

#[tokio::test]
async fn whole_and_streamed_answers_say_the_same() {
    let words = ["Hello", " 🙂", " \"quoted\\\"", "\n\u{e4}", " end"];
    let mock = Mock::with(Settings::default().key("sk-local").words(words)).await;
    let server = server(&mock).await;
    let whole = server.chat(&ask("mock-model")).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    assert_eq!(whole.content(), Some(words.concat()));
    assert_eq!(whole.header("x-routed-via"), Some("local/mock-model"));
    assert_eq!(whole.header("x-fallback-attempts"), None);
    let body = whole.json();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    assert_eq!(body["usage"]["prompt_tokens"], 11);

    let streamed = server.client.chat_open(&ask("mock-model")).await;
    assert_eq!(streamed.status, 200);
    assert_eq!(streamed.header("x-routed-via"), Some("local/mock-model"));
    let kind = streamed.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("text/event-stream"), "{kind}");
    let events = streamed.rest().await;
    assert!(events.is_whole(), "{events:?}");
    assert_eq!(events.text(), words.concat());
    assert_eq!(events.finish().as_deref(), Some("stop"));
    let chunks = events.chunks();
    let objects = chunks.iter().map(|chunk| &chunk["object"]);
    assert!(
        objects
            .into_iter()
            .all(|object| object == "chat.completion.chunk")
    );
}

#[tokio::test]
async fn usage_comes_with_a_stream_only_when_asked() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    for wanted in [None, Some(false), Some(true)] {
        let mut body = ask("mock-model");
        if let Some(wanted) = wanted {
            body["stream_options"] = json!({ "include_usage": wanted });
        }
        let events = server.chat_stream(&body).await;
        assert!(events.is_whole(), "{events:?}");
        let chunks = events.chunks();
        let told: Vec<_> = chunks
            .iter()
            .filter(|chunk| chunk["usage"].is_object())
            .collect();
        if wanted == Some(true) {
            assert_eq!(told.len(), 1, "{chunks:?}");
            assert_eq!(told[0]["choices"], json!([]));
            assert_eq!(told[0]["usage"]["total_tokens"], 16);
            assert_eq!(chunks.last(), Some(told[0]), "it comes last");
        } else {
            assert!(told.is_empty(), "{wanted:?}: {told:?}");
            let empty = |chunk: &&Value| chunk["choices"] == json!([]);
            assert!(!chunks.iter().any(|chunk| empty(&chunk)), "{chunks:?}");
        }
    }
}

#[tokio::test]
async fn model_names_in_every_form() {
    let settings = Settings {
        only_listed: true,
        ..Settings::default().models(["Alpha-7B", "vendor/beta:free"])
    };
    let mock = Mock::with(settings).await;
    let server = server(&mock).await;
    // What the client asks for, and what the upstream is asked for; empty: any of its models.
    let rows = [
        ("Alpha-7B", "Alpha-7B"),
        ("alpha-7b", "Alpha-7B"),
        ("local/Alpha-7B", "Alpha-7B"),
        ("LOCAL/ALPHA-7B", "Alpha-7B"),
        ("vendor/beta:free", "vendor/beta:free"),
        ("local/vendor/beta:free", "vendor/beta:free"),
        ("auto", ""),
        ("AUTO", ""),
    ];
    for (asked, sent) in rows {
        mock.forget();
        let reply = server.chat(&ask(asked)).await;
        assert_eq!(reply.status, 200, "{asked}: {}", reply.text());
        let seen = mock.requests();
        assert_eq!(seen.len(), 1, "{asked} {seen:?}");
        let model = seen[0].json()["model"]
            .as_str()
            .expect("a model")
            .to_owned();
        assert!(sent.is_empty() || model == sent, "{asked} became {model}");
        let via = reply.header("x-routed-via").unwrap_or_default();
        assert_eq!(via, format!("local/{model}"), "{asked}");
    }
    mock.forget();
    for asked in ["gamma", "other/Alpha-7B", "local/gamma", "beta:free"] {
        let reply = server.chat(&ask(asked)).await;
        assert_eq!(reply.status, 404, "{asked}: {}", reply.text());
        assert_eq!(reply.code().as_deref(), Some("model_not_found"), "{asked}");
    }
    assert!(mock.requests().is_empty());
}

/// Members that no version of the API has, numbers whose spelling a float would change, and an order
/// that no map keeps by chance.
const ODD: &str = r#"{
  "zeta": {"b": 1, "a": [1.0, 1e2, 12345678901234567890123, -0.0]},
  "model": "mock-model", "temperature": 0.70, "x_unknown": null_or_not,
  "messages": [
    {"role": "system", "content": "Be \u0041."},
    {"content": [
      {"type": "text", "text": "What is this?", "cache_control": {"type": "ephemeral"}},
      {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}},
      {"type": "image_url", "image_url": {"url": "https://images.example/a.png?b=c&d"}},
      {"type": "x_part", "deep": {"y": "\ud83d\ude42"}}
    ], "name": "n", "role": "user"}
  ],
  "alpha": true, "metadata": {"k": "v"}, "stop": ["a", "b"]
}"#;

#[tokio::test]
async fn images_and_unknown_members_reach_the_upstream_in_order() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.forget();
    let odd = ODD.replace("null_or_not", "\"kept\"");
    for request in [
        Request::text("/v1/chat/completions", &odd),
        Request::text("/v1/chat/completions", "")
            .header("content-encoding", "gzip")
            .body(gzip(odd.as_bytes())),
    ] {
        let reply = server.client.send(request).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    for seen in mock.requests() {
        assert_eq!(seen.bearer(), Some("sk-local"));
        let text = String::from_utf8(seen.body.to_vec()).expect("JSON");
        let mut sent = seen.json();
        let mut wanted: Value = serde_json::from_str(&odd).expect("JSON");
        // Whether a stream is wanted may be said where the client was silent.
        let members = sent.as_object_mut().expect("an object");
        assert_ne!(members.remove("stream"), Some(json!(true)));
        // Compared by spelling below.
        members.remove("zeta");
        wanted.as_object_mut().expect("an object").remove("zeta");
        assert_eq!(sent, wanted);
        let spelled = text.replace(' ', "");
        let numbers = r#""zeta":{"b":1,"a":[1.0,1e2,12345678901234567890123,-0.0]}"#;
        assert!(spelled.contains(numbers), "{text}");
        assert!(spelled.contains(r#""temperature":0.70"#), "{text}");
        let order = [
            "\"zeta\"",
            "\"model\"",
            "\"temperature\"",
            "\"x_unknown\"",
            "\"messages\"",
            "\"cache_control\"",
            "data:image/png",
            "images.example",
            "x_part",
            "\"alpha\"",
            "\"metadata\"",
            "\"stop\"",
        ];
        let places: Vec<_> = order.iter().map(|member| text.find(member)).collect();
        assert!(places.iter().all(Option::is_some), "{text}");
        assert!(places.is_sorted(), "{text}");
    }
    assert_eq!(mock.requests().len(), 2);
}

#[tokio::test]
async fn the_upstream_learns_nothing_of_the_client() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.forget();
    let request = Request::post("/v1/chat/completions", &ask("mock-model"))
        .header("cookie", "session=canary")
        .header("x-forwarded-for", "203.0.113.9")
        .header("user-agent", "canary-client")
        .header("x-session-id", "canary-session")
        .header("openai-organization", "canary-org");
    assert_eq!(server.client.send(request).await.status, 200);
    let seen = format!("{:?}", mock.requests());
    assert!(
        !seen.contains("canary") && !seen.contains("203.0.113.9"),
        "{seen}"
    );
    assert!(!seen.contains(&server.client.key), "{seen}");
}

#[tokio::test]
async fn tools_make_the_round_trip() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let call = json!({ "id": "call_9", "type": "function",
        "function": { "name": "weather", "arguments": "{\"city\":\"Z\u{fc}rich\"}" } });
    let answer = json!({ "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "mock-model",
        "choices": [{ "index": 0, "finish_reason": "tool_calls",
            "message": { "role": "assistant", "content": null, "tool_calls": [call] } }] });
    mock.on(
        "mock-model",
        Answer::json(200, &answer).then(Answer::usual()),
    );
    let tool = json!({ "type": "function", "function": { "name": "weather", "strict": true,
        "parameters": { "type": "object", "properties": { "city": { "type": "string" } } } } });
    let mut body = ask("mock-model");
    body["tools"] = json!([tool]);
    body["tool_choice"] = json!({ "type": "function", "function": { "name": "weather" } });
    mock.forget();
    let first = server.chat(&body).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let choice = first.json()["choices"][0].take();
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["tool_calls"], json!([call]));

    let messages = body["messages"].as_array_mut().expect("a list");
    messages.push(choice["message"].clone());
    messages.push(json!({ "role": "tool", "tool_call_id": "call_9", "content": "12 degrees" }));
    let second = server.chat(&body).await;
    assert_eq!(second.content().as_deref(), Some("Hello from the mock."));
    let seen = mock.requests();
    assert_eq!(seen[0].json()["tools"], json!([tool]));
    assert_eq!(seen[0].json()["tool_choice"], body["tool_choice"]);
    assert_eq!(seen[1].json()["messages"], body["messages"]);
}

#[tokio::test]
async fn a_streamed_tool_call_arrives_in_its_pieces() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let chunk = |delta: Value, finish: Value| {
        json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "mock-model",
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
        .to_string()
    };
    let piece = |text: &str| {
        chunk(
            json!({ "tool_calls": [{ "index": 0, "function": { "arguments": text } }] }),
            Value::Null,
        )
    };
    let begin = json!({ "role": "assistant", "content": null, "tool_calls": [{ "index": 0, "id": "call_1",
        "type": "function", "function": { "name": "weather", "arguments": "" } }] });
    let events = [
        chunk(begin, Value::Null),
        piece("{\"city\":"),
        piece("\"Bern\"}"),
        chunk(json!({}), json!("tool_calls")),
    ];
    mock.on(When::any(), Answer::sse(events).done());
    let mut body = ask("mock-model");
    body["tools"] = json!([{ "type": "function", "function": { "name": "weather" } }]);
    let events = server.chat_stream(&body).await;
    assert!(events.is_whole(), "{events:?}");
    assert_eq!(events.finish().as_deref(), Some("tool_calls"));
    let chunks = events.chunks();
    let calls = chunks
        .iter()
        .map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0]);
    let calls: Vec<_> = calls.filter(|call| call.is_object()).collect();
    assert_eq!(calls[0]["id"], "call_1");
    assert_eq!(calls[0]["function"]["name"], "weather");
    let arguments = calls
        .iter()
        .filter_map(|call| call["function"]["arguments"].as_str());
    assert_eq!(arguments.collect::<String>(), r#"{"city":"Bern"}"#);
}
