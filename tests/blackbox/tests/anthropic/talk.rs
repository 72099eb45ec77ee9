//! Whole and streamed answers, names of models, lists and counts.

use mock_upstream::{Answer, Settings, When};

use super::*;

#[tokio::test]
async fn whole_and_streamed_answers_say_the_same() {
    let words = ["Gr\u{fc}", "ezi \"you\"", "\n\u{1f642}"];
    let mock = Mock::with(Settings::default().words(words)).await;
    let server = server(&mock).await;
    mock.forget();
    let whole = messages(&server.client, &ask("mock-model")).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    assert_eq!(whole.header("x-routed-via"), Some("local/mock-model"));
    let id = whole.header("request-id").unwrap_or_default();
    assert!(id.starts_with("req_"), "{id}");
    let message = whole.json();
    assert!(
        message["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("msg_")),
        "{message}"
    );
    assert_eq!(message["type"], "message");
    assert_eq!(message["role"], "assistant");
    assert_eq!(message["model"], "mock-model");
    assert_eq!(
        message["content"],
        json!([{ "type": "text", "text": words.concat() }])
    );
    assert_eq!(message["stop_reason"], "end_turn");
    assert_eq!(message["stop_sequence"], Value::Null);
    assert_eq!(message["usage"]["input_tokens"], 11);

    let events = streamed(&server.client, &ask("mock-model")).await;
    let kinds = kinds(&events);
    assert_eq!(kinds.first(), Some(&"message_start"));
    assert_eq!(kinds.last(), Some(&"message_stop"));
    assert_eq!(joined(&events, "text_delta", "text"), words.concat());
    let end = &events[events.len() - 2];
    assert_eq!(end["delta"]["stop_reason"], "end_turn");
    assert_eq!(end["usage"]["input_tokens"], 11);
    assert_eq!(end["usage"]["output_tokens"], words.len());
    let start = &events[0]["message"];
    assert!(
        start["usage"]["input_tokens"]
            .as_u64()
            .is_some_and(|tokens| tokens > 0)
    );
    for request in mock.requests() {
        assert_eq!(request.path, "/v1/chat/completions");
        assert_eq!(request.json()["max_tokens"], 64);
        assert_eq!(request.header("anthropic-version"), None);
    }
}

#[tokio::test]
async fn what_real_clients_send_is_understood() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.forget();
    let body = json!({
        "model": "claude-opus-4-5", "max_tokens": 32000, "stream": true,
        "thinking": { "type": "adaptive" }, "output_config": { "effort": "high" },
        "context_management": { "edits": [{ "type": "clear_thinking_20251015", "keep": "all" }] },
        "metadata": { "user_id": json!({ "device_id": "0".repeat(64), "session_id": "s" }).to_string() },
        "system": [
            { "type": "text", "text": "x-anthropic-billing-header: cc_version=2;" },
            { "type": "text", "text": "You are an agent.", "cache_control": { "type": "ephemeral", "scope": "global" } },
        ],
        "tools": [{ "name": "Bash", "description": "Runs.", "input_schema": { "type": "object" }, "invented": 1 }],
        "messages": [
            { "role": "user", "content": [{ "type": "text", "text": "shot", "cache_control": { "type": "ephemeral", "ttl": "1h" } }] },
            { "role": "system", "content": "Agents: none." },
            { "role": "assistant", "content": [{ "type": "text", "text": "" }, { "type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {} }] },
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "toolu_1", "content": [
                { "type": "text", "text": "done" },
                { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo=" } },
            ] }] },
        ],
    });
    let request = post("/v1/messages?beta=true", &body)
        .header(
            "anthropic-beta",
            "claude-code-20250219,of-tomorrow-2030-01-01",
        )
        .header("x-app", "cli");
    let reply = server.client.send(request).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let events = events(&reply.text());
    assert_eq!(events[0]["message"]["model"], "claude-opus-4-5");
    assert_eq!(reply.header("x-routed-via"), Some("local/mock-model"));
    let sent = mock.requests()[0].json();
    let roles: Vec<_> = sent["messages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["role"].clone())
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "user"]);
    assert_eq!(sent["messages"][0]["content"], "You are an agent.");
    assert_eq!(sent["messages"][2]["content"], Value::Null);
    assert_eq!(sent["messages"][3]["content"], "done");
    assert_eq!(
        sent["messages"][4]["content"][1]["image_url"]["url"],
        "data:image/png;base64,iVBORw0KGgo="
    );
    let text = sent.to_string();
    assert_eq!(text.matches("iVBORw0KGgo=").count(), 1);
    for gone in [
        "cache_control",
        "context_management",
        "invented",
        "device_id",
        "thinking\"",
    ] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
}

#[tokio::test]
async fn names_of_claude_mean_auto_or_what_is_set() {
    let mock = Mock::with(Settings::default()).await;
    let server = Setup::new()
        .env("FREELLMAPI_CLAUDE_MODELS", "opus=far/big,haiku=local/small")
        .endpoint(Endpoint::new("local", &mock).model("mid").model("small"))
        .endpoint(Endpoint::new("far", &mock).model("big").priority(200))
        .start()
        .await;
    for (asked, via) in [
        ("claude-opus-4-5-20251101", "far/big"),
        ("claude-haiku-4-5", "local/small"),
        ("claude-sonnet-9", "local/"),
        ("claude/big", "far/big"),
        ("mid", "local/mid"),
        ("auto", "local/"),
    ] {
        let reply = messages(&server.client, &ask(asked)).await;
        assert_eq!(reply.status, 200, "{asked}: {}", reply.text());
        assert_eq!(reply.json()["model"], asked);
        let routed = reply.header("x-routed-via").unwrap_or_default();
        assert!(routed.starts_with(via), "{asked}: {routed}");
    }
    // Nowhere else.
    let mut body = ask("claude-sonnet-9");
    assert_eq!(server.chat(&body).await.status, 404);
    body["model"] = json!("gpt-of-nobody");
    assert_eq!(messages(&server.client, &body).await.status, 404);
}

#[tokio::test]
async fn a_wrong_map_is_named_at_the_start() {
    let server = Setup::new().start().await;
    let other = Setup::new()
        .env("FREELLMAPI_CLAUDE_MODELS", "opus")
        .env("PORT", "0");
    let ran = server.run_as(&other, ["serve"]).await;
    assert!(!ran.ok, "{ran:?}");
    assert!(ran.stderr.contains("\"opus\""), "{ran:?}");
}

#[tokio::test]
async fn tokens_are_counted_without_asking_anybody() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.on(When::any(), Answer::error(429, "rate_limited", "no"));
    mock.forget();
    let count = async |body: &Value| {
        let reply = server
            .client
            .send(post("/v1/messages/count_tokens?beta=true", body))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["input_tokens"].as_u64().expect("a number")
    };
    let mut body =
        json!({ "model": "claude-x", "messages": [{ "role": "user", "content": "hello" }] });
    let first = count(&body).await;
    body["system"] = json!([{ "type": "text", "text": "Be brief, please." }]);
    let second = count(&body).await;
    body["tools"] = json!([{ "name": "Read", "description": "Reads a file.", "input_schema": { "type": "object" } }]);
    let third = count(&body).await;
    assert!(
        0 < first && first < second && second < third,
        "{first} {second} {third}"
    );
    let bad = json!({ "model": "m", "messages": [{ "role": "user" }] });
    let reply = server
        .client
        .send(post("/v1/messages/count_tokens", &bad))
        .await;
    assert_eq!(reply.status, 400);
    assert!(mock.requests().is_empty());
}

#[tokio::test]
async fn models_are_listed_in_the_dialect_that_is_asked_for() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let get = async |target: &str| {
        let request = Request::get(target).header("anthropic-version", "2023-06-01");
        server.client.send(request).await
    };
    let list = get("/v1/models?limit=1000").await;
    assert_eq!(list.status, 200, "{}", list.text());
    let list = list.json();
    let data = list["data"].as_array().expect("a list");
    let ids: Vec<_> = data.iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(ids[0], "auto");
    assert!(
        ids.contains(&"mock-model") && ids.contains(&"claude-opus"),
        "{ids:?}"
    );
    for one in data {
        assert_eq!(one["type"], "model");
        assert!(
            one["display_name"].is_string() && one["created_at"].is_string(),
            "{one}"
        );
    }
    assert_eq!(list["has_more"], false);
    assert_eq!(list["first_id"], ids[0]);
    assert_eq!(list["last_id"], ids[ids.len() - 1]);
    // Page by page it is the same list.
    let mut paged: Vec<String> = Vec::new();
    loop {
        let after = paged
            .last()
            .map(|id| format!("&after_id={id}"))
            .unwrap_or_default();
        let page = get(&format!("/v1/models?limit=2{after}")).await.json();
        let data = page["data"].as_array().expect("a list");
        paged.extend(
            data.iter()
                .filter_map(|one| one["id"].as_str())
                .map(str::to_owned),
        );
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(paged, ids);
    assert_eq!(
        get("/v1/models/claude-opus-4-5").await.json()["id"],
        "claude-opus-4-5"
    );
    assert_eq!(get("/v1/models/mock-model").await.json()["type"], "model");
    for bad in [
        "/v1/models?limit=0",
        "/v1/models?limit=x",
        "/v1/models?after_id=nobody",
    ] {
        let reply = get(bad).await;
        assert_eq!(reply.status, 400, "{bad}");
        assert_eq!(
            reply.json()["error"]["type"],
            "invalid_request_error",
            "{bad}"
        );
    }
    let unknown = get("/v1/models/nobody").await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.json()["error"]["type"], "not_found_error");
    let plain = server.get("/v1/models").await.json();
    assert_eq!(plain["object"], "list");
}

#[tokio::test]
async fn the_root_answers_a_head() {
    let server = Setup::new().start().await;
    let reply = server
        .client
        .send(Request::new("HEAD", "/").anonymous())
        .await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.is_empty());
}
