//! `/v1/responses`: whole, streamed, kept and gone on from.

use blackbox::{Client, Endpoint, Reply, Request, Server, Setup};
use mock_upstream::{Answer, Gate, Mock, Settings, When};
use serde_json::{Value, json};

use crate::providers::{GOOGLE, gemini_parts};

async fn server(mock: &Mock) -> Server {
    Setup::new()
        .endpoint(Endpoint::new("local", mock).key("sk-local"))
        .start()
        .await
}

fn ask(input: Value) -> Value {
    json!({ "model": "mock-model", "input": input })
}

async fn create(client: &Client, body: &Value) -> Reply {
    client.send(Request::post("/v1/responses", body)).await
}

/// The response object of a good answer.
async fn created(client: &Client, body: &Value) -> Value {
    let reply = create(client, body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// The events of a stream, numbered from 0 on.
async fn streamed(client: &Client, body: &Value) -> Vec<Value> {
    let mut body = body.clone();
    body["stream"] = json!(true);
    let reply = create(client, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let kind = reply.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("text/event-stream"), "{kind}");
    let text = reply.text();
    let events: Vec<Value> = text
        .split_terminator("\n\n")
        .filter(|block| !block.starts_with(':'))
        .map(|block| {
            let (name, data) = block.split_once("\ndata: ").expect("a name and data");
            let data: Value = serde_json::from_str(data).expect("JSON");
            assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
            data
        })
        .collect();
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number, "{event}");
    }
    events
}

fn text_of(response: &Value) -> &str {
    response["output"][0]["content"][0]["text"]
        .as_str()
        .unwrap_or_default()
}

/// An answer that calls the tool `weather`.
fn calling() -> Answer {
    let call = json!({ "id": "call_1", "type": "function",
        "function": { "name": "weather", "arguments": "{\"city\":\"Bern\"}" } });
    Answer::json(
        200,
        &json!({ "id": "c", "object": "chat.completion", "created": 1, "model": "mock-model",
            "choices": [{ "index": 0, "finish_reason": "tool_calls",
                "message": { "role": "assistant", "content": null, "tool_calls": [call] } }],
            "usage": { "prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8 } }),
    )
}

#[tokio::test]
async fn whole_and_streamed_answers_say_the_same() {
    let words = ["Hello", " \u{1f642}", " \"quoted\\\"", "\n\u{e4}", " end"];
    let mock = Mock::with(Settings::default().key("sk-local").words(words)).await;
    let server = server(&mock).await;
    let whole = create(&server.client, &ask(json!("Hi"))).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    assert_eq!(whole.header("x-routed-via"), Some("local/mock-model"));
    let whole = whole.json();
    assert_eq!(whole["object"], "response");
    assert_eq!(whole["status"], "completed");
    assert_eq!(text_of(&whole), words.concat());
    assert_eq!(whole["usage"]["input_tokens"], 11);
    assert_eq!(
        whole["usage"]["output_tokens_details"]["reasoning_tokens"],
        0
    );

    let events = streamed(&server.client, &ask(json!("Hi"))).await;
    assert_eq!(events[0]["type"], "response.created");
    let deltas: String = events
        .iter()
        .filter_map(|event| event["delta"].as_str())
        .collect();
    assert_eq!(deltas, words.concat());
    let last = events.last().expect("events");
    assert_eq!(last["type"], "response.completed");
    let mut streamed = last["response"].clone();
    for own in ["id", "created_at", "completed_at", "output"] {
        assert!(!streamed[own].is_null(), "{own}");
        streamed[own] = whole[own].clone();
    }
    assert_eq!(streamed, whole);
}

#[tokio::test]
async fn tools_go_round() {
    let mock = Mock::with(Settings::default().key("sk-local")).await;
    let server = server(&mock).await;
    let tools =
        json!([{ "type": "function", "name": "weather", "parameters": { "type": "object" } }]);
    let mut body = ask(json!("Weather?"));
    body["tools"] = tools.clone();
    mock.on(When::path("/v1/chat"), calling());
    let first = created(&server.client, &body).await;
    let call = &first["output"][0];
    assert_eq!(call["type"], "function_call");
    assert_eq!(call["call_id"], "call_1");
    assert_eq!(call["arguments"], "{\"city\":\"Bern\"}");
    assert_ne!(call["id"], call["call_id"]);

    // As a client without a state, and as one that goes on from what is kept here.
    let output = json!({ "type": "function_call_output", "call_id": "call_1", "output": "sunny" });
    let mut alone = ask(json!([{ "role": "user", "content": "Weather?" }, call, output]));
    alone["store"] = json!(false);
    let mut kept = ask(json!([output]));
    kept["previous_response_id"] = first["id"].clone();
    mock.heal();
    for (mut body, stores) in [(alone, false), (kept, true)] {
        body["tools"] = tools.clone();
        mock.forget();
        let second = created(&server.client, &body).await;
        assert_eq!(second["store"], stores);
        let seen = mock.requests();
        let messages = seen[0].json()["messages"].clone();
        let roles: Vec<_> = messages
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["role"].clone())
            .collect();
        assert_eq!(roles, ["user", "assistant", "tool"], "{messages}");
        assert_eq!(messages[1]["tool_calls"][0]["id"], "call_1");
        assert_eq!(messages[2]["content"], "sunny");
        let again = server
            .get(&format!(
                "/v1/responses/{}",
                second["id"].as_str().expect("an id")
            ))
            .await;
        assert_eq!(again.status, if stores { 200 } else { 404 });
    }
}

#[tokio::test]
async fn answers_are_kept_over_a_restart_and_deleted_on_demand() {
    let mock = Mock::with(Settings::default().key("sk-local").words(["one"])).await;
    let mut server = server(&mock).await;
    let events = streamed(&server.client, &ask(json!("first-secret-text"))).await;
    let first = events.last().expect("events")["response"].clone();
    let id = first["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/responses/{id}");
    assert_eq!(server.get(&path).await.json(), first);

    server.stop().await;
    server.restart().await;
    assert_eq!(server.get(&path).await.json(), first);
    let items = server.get(&format!("{path}/input_items")).await.json();
    assert_eq!(items["object"], "list");
    assert_eq!(items["has_more"], false);
    assert_eq!(items["data"][0]["role"], "user");
    assert_eq!(items["data"][0]["content"][0]["text"], "first-secret-text");

    let mut body = ask(json!("And?"));
    body["previous_response_id"] = json!(id);
    body["instructions"] = json!("Be brief.");
    mock.forget();
    let second = created(&server.client, &body).await;
    assert_eq!(second["previous_response_id"], id);
    let said: Vec<_> = mock.requests()[0].json()["messages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["content"].clone())
        .collect();
    assert_eq!(said, ["Be brief.", "first-secret-text", "one", "And?"]);

    // Sealed: neither the database nor the log holds it in the clear.
    for entry in std::fs::read_dir(server.data())
        .expect("a folder")
        .flatten()
    {
        if entry.path().is_file() {
            let bytes = std::fs::read(entry.path()).expect("a file");
            assert!(
                memchr::memmem::find(&bytes, b"first-secret-text").is_none(),
                "{entry:?}"
            );
        }
    }
    assert!(!server.log().contains("first-secret-text"));

    let gone = server.client.send(Request::new("DELETE", &path)).await;
    assert_eq!(
        gone.json(),
        json!({ "id": id, "object": "response", "deleted": true })
    );
    for (target, method) in [
        (path.clone(), "GET"),
        (path.clone(), "DELETE"),
        (format!("{path}/input_items"), "GET"),
    ] {
        let reply = server.client.send(Request::new(method, &target)).await;
        assert_eq!(reply.status, 404, "{method} {target}");
        assert_eq!(reply.code().as_deref(), Some("not_found"));
    }
    let reply = create(&server.client, &body).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.code().as_deref(), Some("previous_response_not_found"));
    assert_eq!(reply.json()["error"]["param"], "previous_response_id");
    // What went on from it can still be read, but not gone on from.
    let second = second["id"].as_str().expect("an id");
    assert_eq!(
        server.get(&format!("/v1/responses/{second}")).await.status,
        200
    );
    body["previous_response_id"] = json!(second);
    assert_eq!(create(&server.client, &body).await.status, 400);
}

#[tokio::test]
async fn input_items_come_in_pages() {
    let mock = Mock::with(Settings::default().key("sk-local")).await;
    let server = server(&mock).await;
    let said = |n: usize| json!({ "role": "user", "content": format!("say {n}") });
    let response = created(
        &server.client,
        &ask(json!((0..25).map(said).collect::<Vec<_>>())),
    )
    .await;
    let path = format!(
        "/v1/responses/{}/input_items",
        response["id"].as_str().expect("an id")
    );
    let texts = |page: &Value| -> Vec<String> {
        let items = page["data"].as_array().expect("a list").iter();
        items
            .map(|item| {
                item["content"][0]["text"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    };
    let first = server.get(&path).await.json();
    assert_eq!(first["has_more"], true);
    assert_eq!(texts(&first).len(), 20);
    assert_eq!(texts(&first)[0], "say 24");
    let after = first["last_id"].as_str().expect("an id");
    let second = server.get(&format!("{path}?after={after}")).await.json();
    assert_eq!(second["has_more"], false);
    assert_eq!(texts(&second).last().map(String::as_str), Some("say 0"));
    let page = server
        .get(&format!("{path}?order=asc&limit=2"))
        .await
        .json();
    assert_eq!(texts(&page), ["say 0", "say 1"]);
    for wrong in ["order=up", "limit=0", "limit=x", "after=msg_none"] {
        let reply = server.get(&format!("{path}?{wrong}")).await;
        assert_eq!(reply.status, 400, "{wrong}");
        assert_eq!(reply.code().as_deref(), Some("invalid_request"), "{wrong}");
    }
}

#[tokio::test]
async fn errors_are_openais() {
    let mock = Mock::with(Settings::default().key("sk-local")).await;
    let server = server(&mock).await;
    let rows = [
        (
            json!({ "model": "mock-model" }),
            400,
            "invalid_request",
            json!("input"),
        ),
        (
            json!({ "model": "nobody", "input": "Hi" }),
            404,
            "model_not_found",
            json!("model"),
        ),
        (
            json!({ "model": "mock-model", "input": "Hi", "background": true }),
            400,
            "invalid_request",
            json!("background"),
        ),
        (
            json!({ "model": "mock-model", "input": "Hi", "previous_response_id": "resp_x", "stream": true }),
            400,
            "previous_response_not_found",
            json!("previous_response_id"),
        ),
    ];
    for (body, status, code, param) in rows {
        let reply = create(&server.client, &body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.text());
        assert_eq!(reply.code().as_deref(), Some(code), "{body}");
        assert_eq!(reply.json()["error"]["param"], param, "{body}");
    }
    for broken in [
        "{",
        "[]",
        "{\"input\":\"a\",\"input\":\"b\"}",
        "{\"input\":NaN}",
    ] {
        let reply = server
            .client
            .send(Request::text("/v1/responses", broken))
            .await;
        assert_eq!(reply.status, 400, "{broken}");
        assert_eq!(reply.code().as_deref(), Some("invalid_request"), "{broken}");
    }
    let reply = server
        .client
        .send(Request::post("/v1/responses", &ask(json!("Hi"))).anonymous())
        .await;
    assert_eq!(reply.status, 401);
    // Not one of these reached the upstream.
    assert!(
        mock.requests()
            .iter()
            .all(|seen| !seen.path.ends_with("/chat/completions"))
    );
}

#[tokio::test]
async fn a_stream_that_breaks_off_fails_and_is_not_kept() {
    let mock = Mock::with(Settings::default().key("sk-local")).await;
    let server = server(&mock).await;
    let half = mock_upstream::openai::stream("mock-model", &["Hel", "lo"], false);
    let cut = Answer::stream()
        .event(&half[0])
        .event(&half[1])
        .end(mock_upstream::End::Cut);
    mock.on(When::path("/v1/chat"), cut);
    let events = streamed(&server.client, &ask(json!("Hi"))).await;
    let last = events.last().expect("events");
    assert_eq!(last["type"], "response.failed", "{events:?}");
    assert_eq!(last["response"]["status"], "failed");
    assert_eq!(last["response"]["error"]["code"], "server_error");
    assert!(events.iter().any(|event| event["delta"] == "Hel"));
    let id = last["response"]["id"].as_str().expect("an id");
    assert_eq!(server.get(&format!("/v1/responses/{id}")).await.status, 404);
}

#[tokio::test]
async fn nothing_is_kept_where_the_settings_say_so() {
    let mock = Mock::with(Settings::default().key("sk-local")).await;
    let server = Setup::new()
        .endpoint(Endpoint::new("local", &mock).key("sk-local"))
        .env("FREELLMAPI_RESPONSES_DAYS", 0)
        .start()
        .await;
    let response = created(&server.client, &ask(json!("Hi"))).await;
    assert_eq!(response["store"], false);
    let id = response["id"].as_str().expect("an id");
    assert_eq!(server.get(&format!("/v1/responses/{id}")).await.status, 404);
}

#[tokio::test]
async fn an_error_after_a_long_wait_is_an_event() {
    let mock = Mock::with(Settings::default().key("sk-local")).await;
    let server = Setup::new()
        .endpoint(Endpoint::new("local", &mock).key("sk-local"))
        .env("FREELLMAPI_KEEPALIVE_MS", 100)
        .start()
        .await;
    let gate = Gate::new();
    mock.on(
        When::path("/v1/chat"),
        Answer::error(500, "broken", "It broke.").hold(&gate),
    );
    let mut body = ask(json!("Hi"));
    body["stream"] = json!(true);
    // The head comes when the wait has been too long.
    let streamed = server
        .client
        .open(Request::post("/v1/responses", &body))
        .await;
    assert_eq!(streamed.status, 200);
    gate.open();
    let reply = streamed.whole().await;
    let text = reply.text();
    assert!(text.starts_with(": keep-alive\n\n"), "{text}");
    let last = text.trim_end().rsplit("data: ").next().expect("an event");
    let last: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(last["type"], "response.failed", "{text}");
    assert_eq!(last["response"]["error"]["code"], "server_error");
}

#[tokio::test]
async fn a_provider_of_another_dialect_looks_the_same() {
    let secret = GOOGLE.secret(1);
    let mock = Mock::with(Settings::default().key(&secret).models([GOOGLE.model])).await;
    let server = Setup::bare()
        .official(GOOGLE.id)
        .map(GOOGLE.host, &mock)
        .key(GOOGLE.key(&secret))
        .start()
        .await;
    let parts = json!([
        { "text": "Let me think.", "thought": true },
        { "text": "I look." },
        { "functionCall": { "name": "agents__weather", "args": { "city": "Bern" } } },
        { "functionCall": { "name": "note", "args": { "input": "Bern" } } },
    ]);
    let answer = gemini_parts(&parts, Some("STOP"));
    let body = json!({
        "model": GOOGLE.name(), "input": "Weather?", "reasoning": { "summary": "auto" },
        "tools": [
            { "type": "namespace", "name": "agents", "description": "A", "tools": [
                { "type": "function", "name": "weather", "parameters": { "type": "object",
                    "properties": { "city": { "type": "string" } } } } ] },
            { "type": "custom", "name": "note" },
        ],
    });
    let shown = |response: &Value| -> Vec<Value> {
        let items = response["output"].as_array().expect("a list").iter();
        let shown = items.map(|item| {
            let said = [
                &item["summary"][0]["text"],
                &item["content"][0]["text"],
                &item["arguments"],
                &item["input"],
            ];
            let said = said.into_iter().find(|said| said.is_string());
            json!([item["type"], item["namespace"], item["name"], said])
        });
        shown.collect()
    };
    let want = [
        json!(["reasoning", null, null, "Let me think."]),
        json!(["message", null, null, "I look."]),
        json!(["function_call", "agents", "weather", "{\"city\":\"Bern\"}"]),
        json!(["custom_tool_call", null, "note", "Bern"]),
    ];
    mock.on(When::any(), Answer::json(200, &answer));
    let whole = created(&server.client, &body).await;
    assert_eq!(shown(&whole), want);
    mock.heal();
    mock.on(When::any(), Answer::sse([answer.to_string()]).crlf());
    let events = streamed(&server.client, &body).await;
    let last = events.last().expect("events");
    assert_eq!(last["type"], "response.completed");
    assert_eq!(shown(&last["response"]), want);

    // And its second turn.
    mock.heal();
    mock.forget();
    let calls = whole["output"].as_array().expect("a list").iter();
    let outputs: Vec<Value> = calls
        .filter(|item| item["call_id"].is_string())
        .map(|item| {
            json!({ "type": format!("{}_output", item["type"].as_str().expect("a word")),
                    "call_id": item["call_id"], "output": "done" })
        })
        .collect();
    let mut second = body.clone();
    second["input"] = json!(outputs);
    second["previous_response_id"] = whole["id"].clone();
    assert_eq!(
        text_of(&created(&server.client, &second).await),
        "Hello from the mock."
    );
    let contents = mock.requests()[0].json()["contents"].clone();
    let roles: Vec<_> = contents
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["role"].clone())
        .collect();
    assert_eq!(roles, ["user", "model", "user"], "{contents}");
    assert_eq!(
        contents[2]["parts"].as_array().expect("a list").len(),
        2,
        "{contents}"
    );
}

#[tokio::test]
async fn tokens_are_counted_without_asking_anybody() {
    let mock = Mock::with(Settings::default().key("sk-local")).await;
    let server = server(&mock).await;
    mock.forget();
    let count = async |body: &Value| {
        let reply = server
            .client
            .send(Request::post("/v1/responses/input_tokens", body))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let reply = reply.json();
        assert_eq!(reply["object"], "response.input_tokens");
        reply["input_tokens"].as_u64().expect("a number")
    };
    let short = count(&ask(json!("Hi"))).await;
    let long = count(&ask(json!("Hi ".repeat(400)))).await;
    assert!(short > 0 && long > short + 200, "{short} {long}");
    let wrong = ask(json!([{ "role": "nobody", "content": "" }]));
    let reply = server
        .client
        .send(Request::post("/v1/responses/input_tokens", &wrong))
        .await;
    assert_eq!(
        (reply.status, reply.code().as_deref()),
        (400, Some("invalid_request"))
    );
    assert!(
        mock.requests()
            .iter()
            .all(|seen| !seen.path.ends_with("/chat/completions"))
    );
}
