//! A provider of another dialect looks to clients as any other: Google's, natively.

use blackbox::{Server, Setup};
use mock_upstream::{Answer, Mock, Settings, When};
use serde_json::{Value, json};

use crate::providers::{GOOGLE, ask, gemini, gemini_parts};

async fn google(mock: &Mock) -> Server {
    Setup::bare()
        .official(GOOGLE.id)
        .map(GOOGLE.host, mock)
        .key(GOOGLE.key(&GOOGLE.secret(1)))
        .start()
        .await
}

fn healthy() -> Settings {
    let secret = GOOGLE.secret(1);
    Settings::default().key(&secret).models([GOOGLE.model])
}

#[tokio::test]
async fn whole_and_streamed_answers_say_the_same() {
    let mock = Mock::with(healthy().words(["Gr\u{fc}", "ezi", " \u{1f642}"])).await;
    let server = google(&mock).await;
    mock.forget();
    let mut body = ask(&GOOGLE.name());
    body["messages"] = json!([
        { "role": "system", "content": "Be brief." },
        { "role": "user", "content": [
            { "type": "text", "text": "What is this?" },
            { "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=" } },
        ] },
    ]);
    body["temperature"] = json!(0.5);
    let whole = server.chat(&body).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    assert_eq!(whole.content().as_deref(), Some("Gr\u{fc}ezi \u{1f642}"));
    assert_eq!(whole.header("x-routed-via"), Some(GOOGLE.name().as_str()));
    let answer = whole.json();
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer["usage"]["prompt_tokens"], 11);
    assert_eq!(answer["usage"]["total_tokens"], 14);

    body["stream_options"] = json!({ "include_usage": true });
    let events = server.chat_stream(&body).await;
    assert!(events.is_whole(), "{events:?}");
    assert_eq!(events.text(), "Gr\u{fc}ezi \u{1f642}");
    assert_eq!(events.finish().as_deref(), Some("stop"));
    let chunks = events.chunks();
    let last = chunks.last().expect("chunks");
    assert_eq!(last["usage"]["total_tokens"], 14, "{last}");

    let seen = mock.requests();
    let path = format!("/v1beta/models/{}", GOOGLE.model);
    assert_eq!(seen[0].path, format!("{path}:generateContent"));
    assert_eq!(seen[1].path, format!("{path}:streamGenerateContent"));
    assert_eq!(seen[1].query, "alt=sse");
    for request in &seen {
        assert_eq!(
            request.header("x-goog-api-key"),
            Some(GOOGLE.secret(1).as_str())
        );
        assert_eq!(request.header("authorization"), None);
        let sent = request.json();
        assert_eq!(sent["systemInstruction"]["parts"][0]["text"], "Be brief.");
        assert_eq!(sent["contents"][0]["role"], "user");
        assert_eq!(sent["contents"][0]["parts"][0]["text"], "What is this?");
        let image = &sent["contents"][0]["parts"][1]["inlineData"];
        assert_eq!(image["mimeType"], "image/png");
        assert_eq!(image["data"], "iVBORw0KGgo=");
        assert_eq!(sent["generationConfig"]["temperature"], 0.5);
        assert_eq!(sent["generationConfig"]["maxOutputTokens"], 16);
    }
}

/// A tool call with a signature, which must come back with its result.
fn call() -> Value {
    json!([{
        "functionCall": { "name": "weather", "args": { "city": "Bern" } },
        "thoughtSignature": "c2lnbmF0dXJlLW9mLWEtdGhvdWdodA==",
    }])
}

fn with_tools() -> Value {
    let mut body = ask(&GOOGLE.name());
    body["tools"] = json!([{ "type": "function", "function": { "name": "weather",
        "description": "Tells the weather.",
        "parameters": { "type": "object", "additionalProperties": false, "required": ["city"],
            "properties": { "city": { "type": "string" } } } } }]);
    body["tool_choice"] = json!("required");
    body
}

/// Sends the result of the one call in `message` and checks what the upstream is told.
async fn second_turn(server: &Server, mock: &Mock, message: &Value) {
    let id = message["tool_calls"][0]["id"].clone();
    assert!(id.as_str().is_some_and(|id| !id.is_empty()), "{message}");
    let function = &message["tool_calls"][0]["function"];
    assert_eq!(function["name"], "weather");
    let arguments = function["arguments"].as_str().expect("text");
    let arguments: Value = serde_json::from_str(arguments).expect("JSON");
    assert_eq!(arguments, json!({ "city": "Bern" }));

    let mut body = with_tools();
    body["tool_choice"] = json!("auto");
    let messages = body["messages"].as_array_mut().expect("a list");
    messages.push(message.clone());
    messages.push(json!({ "role": "tool", "tool_call_id": id, "content": "{\"degrees\":12}" }));
    mock.heal();
    mock.forget();
    let reply = server.chat(&body).await;
    assert_eq!(
        reply.content().as_deref(),
        Some("Hello from the mock."),
        "{}",
        reply.text()
    );
    let sent = mock.requests()[0].json();
    let contents = sent["contents"].as_array().expect("a list");
    let roles: Vec<_> = contents.iter().map(|turn| &turn["role"]).collect();
    assert_eq!(roles, ["user", "model", "user"]);
    // What was said before the call comes first.
    let parts = contents[1]["parts"].as_array().expect("a list");
    let part = parts.last().expect("a part");
    assert_eq!(
        part["functionCall"]["args"],
        json!({ "city": "Bern" }),
        "{contents:?}"
    );
    assert_eq!(
        part["thoughtSignature"],
        call()[0]["thoughtSignature"],
        "{part}"
    );
    let result = &contents[2]["parts"][0]["functionResponse"];
    assert_eq!(result["name"], "weather");
    // As text: JSON put in as it is could hold a `$ref`, which Gemini takes for its own.
    assert_eq!(result["response"], json!({ "output": "{\"degrees\":12}" }));
}

#[tokio::test]
async fn tools_make_the_round_trip() {
    let mock = Mock::with(healthy()).await;
    let server = google(&mock).await;
    mock.on(
        GOOGLE.model,
        Answer::json(200, &gemini_parts(&call(), Some("STOP"))),
    );
    mock.forget();
    let reply = server.chat(&with_tools()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let choice = reply.json()["choices"][0].take();
    assert_eq!(choice["finish_reason"], "tool_calls");
    let sent = mock.requests()[0].json();
    let declared = &sent["tools"][0]["functionDeclarations"][0];
    assert_eq!(declared["name"], "weather", "{sent}");
    assert_eq!(
        sent["toolConfig"]["functionCallingConfig"]["mode"], "ANY",
        "{sent}"
    );
    second_turn(&server, &mock, &choice["message"]).await;
}

#[tokio::test]
async fn a_streamed_tool_call_makes_the_round_trip_too() {
    let mock = Mock::with(healthy()).await;
    let server = google(&mock).await;
    let events = [
        gemini("Let me look.", None),
        gemini_parts(&call(), Some("STOP")),
    ];
    let stream = Answer::sse(events.map(|event| event.to_string())).crlf();
    mock.on(When::any(), stream);
    let events = server.chat_stream(&with_tools()).await;
    assert!(events.is_whole(), "{events:?}");
    assert_eq!(events.text(), "Let me look.");
    assert_eq!(events.finish().as_deref(), Some("tool_calls"));
    let mut whole = json!({ "role": "assistant", "content": "Let me look.", "tool_calls": [
        { "id": null, "type": "function", "function": { "name": null, "arguments": "" } }] });
    let mut arguments = String::new();
    for chunk in events.chunks() {
        let call = &chunk["choices"][0]["delta"]["tool_calls"][0];
        if let Some(id) = call["id"].as_str() {
            whole["tool_calls"][0]["id"] = json!(id);
        }
        if let Some(name) = call["function"]["name"].as_str() {
            whole["tool_calls"][0]["function"]["name"] = json!(name);
        }
        arguments += call["function"]["arguments"].as_str().unwrap_or_default();
    }
    whole["tool_calls"][0]["function"]["arguments"] = json!(arguments);
    second_turn(&server, &mock, &whole).await;
}

#[tokio::test]
async fn errors_are_told_in_the_clients_dialect() {
    let mock = Mock::with(healthy()).await;
    let server = google(&mock).await;
    // A refused prompt is an answer, no failure of the key: one choice that says so, and nobody else is asked.
    let blocked = json!({ "promptFeedback": { "blockReason": "SAFETY" }, "usageMetadata": { "promptTokenCount": 1 } });
    mock.on(When::any(), Answer::json(200, &blocked));
    let reply = server.chat(&ask(&GOOGLE.name())).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        reply.json()["choices"][0]["finish_reason"],
        "content_filter"
    );
    let rows = [
        (
            GOOGLE.error(400, "Unknown name \"foo\"."),
            422,
            "invalid_request_error",
        ),
        (
            GOOGLE.error(500, "An internal error."),
            502,
            "upstream_failed",
        ),
    ];
    for (answer, status, word) in rows {
        mock.heal();
        mock.on(When::any(), answer);
        let reply = server.chat(&ask(&GOOGLE.name())).await;
        let error = reply.json()["error"].take();
        assert_eq!(reply.status, status, "{word}: {error}");
        let named = error["type"] == word || error["code"] == word;
        assert!(named && error["message"].is_string(), "{word}: {error}");
    }
}

#[tokio::test]
async fn a_limit_is_told_with_its_wait() {
    let mock = Mock::with(healthy()).await;
    let server = google(&mock).await;
    mock.on(
        When::any(),
        mock_upstream::fault("retry-info").expect("it is there"),
    );
    let reply = server.chat(&ask(&GOOGLE.name())).await;
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert_eq!(reply.code().as_deref(), Some("all_keys_exhausted"));
    let wait: u64 = reply
        .header("retry-after")
        .and_then(|wait| wait.parse().ok())
        .expect("a wait");
    assert!((1..=3).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_no_answer() {
    let mock = Mock::with(healthy()).await;
    let server = google(&mock).await;
    let events = ["One", " two", " three"].map(|word| gemini(word, None).to_string());
    mock.on(When::any(), Answer::sse(events).crlf());
    let events = server.chat_stream(&ask(&GOOGLE.name())).await;
    assert_eq!(events.text(), "One two three");
    assert!(events.error().is_some(), "{events:?}");
    assert!(!events.data().contains(&"[DONE]"), "{events:?}");
}
