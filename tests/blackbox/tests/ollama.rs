//! Programs that speak Ollama's dialect, in front of a provider that speaks OpenAI's.

use blackbox::{Endpoint, Request, Server, Setup};
use mock_upstream::{Mock, Settings};
use serde_json::{Value, json};

async fn server(mock: &Mock, mode: &str) -> Server {
    Setup::new()
        .env("FREELLMAPI_OLLAMA", mode)
        .endpoint(Endpoint::new("local", mock).key("sk-local"))
        .start()
        .await
}

fn words() -> Settings {
    Settings::default()
        .key("sk-local")
        .words(["Gr\u{fc}", "ezi"])
}

fn ask() -> Value {
    json!({ "model": "mock-model:latest", "messages": [{ "role": "user", "content": "Hi" }] })
}

#[tokio::test]
async fn whole_and_streamed_answers_say_the_same_without_a_key() {
    let mock = Mock::with(words()).await;
    let server = server(&mock, "open-loopback").await;
    let streamed = server
        .client
        .send(Request::post("/api/chat", &ask()).anonymous())
        .await;
    assert_eq!(streamed.status, 200, "{}", streamed.text());
    assert_eq!(
        streamed.header("content-type"),
        Some("application/x-ndjson")
    );
    let lines: Vec<Value> = streamed
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let said: String = lines
        .iter()
        .filter_map(|line| line["message"]["content"].as_str())
        .collect();
    assert_eq!(said, "Gr\u{fc}ezi");
    let last = lines.last().expect("lines");
    assert_eq!(
        (&last["done"], &last["done_reason"]),
        (&json!(true), &json!("stop"))
    );
    assert_eq!(last["prompt_eval_count"], 11);

    let mut body = ask();
    body["stream"] = json!(false);
    let whole = server
        .client
        .send(Request::post("/api/chat", &body).anonymous())
        .await
        .json();
    assert_eq!(whole["message"]["content"], "Gr\u{fc}ezi");
    let prompt = json!({ "model": "mock-model", "prompt": "Hi", "stream": false });
    let whole = server
        .client
        .send(Request::post("/api/generate", &prompt).anonymous())
        .await
        .json();
    assert_eq!(whole["response"], "Gr\u{fc}ezi");

    let tags = server
        .client
        .send(Request::get("/api/tags").anonymous())
        .await
        .json();
    assert_eq!(tags["models"][1]["name"], "mock-model");
    let shown = json!({ "model": "mock-model" });
    let shown = server
        .client
        .send(Request::post("/api/show", &shown).anonymous())
        .await
        .json();
    assert_eq!(shown["capabilities"][0], "completion");
    let unknown = json!({ "model": "no-such-model", "messages": ask()["messages"] });
    let unknown = server
        .client
        .send(Request::post("/api/chat", &unknown).anonymous())
        .await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.json()["error"].is_string());
}

#[tokio::test]
async fn who_may_ask_is_the_users_choice() {
    let mock = Mock::with(words()).await;
    let off = server(&mock, "off").await;
    assert_eq!(off.get("/api/tags").await.status, 404);
    let closed = server(&mock, "key-required").await;
    let anonymous = || Request::get("/api/tags").anonymous();
    assert_eq!(closed.client.send(anonymous()).await.status, 401);
    assert_eq!(closed.get("/api/tags").await.status, 200);
    let open = server(&mock, "open-loopback").await;
    assert_eq!(open.client.send(anonymous()).await.status, 200);
    for (name, value) in [
        ("x-forwarded-for", "192.0.2.1"),
        ("origin", "https://evil.example"),
    ] {
        let request = anonymous().header(name, value);
        assert_eq!(open.client.send(request).await.status, 401, "{name}");
    }
    let wrong = Request::get("/api/tags").key("wrong");
    assert_eq!(open.client.send(wrong).await.status, 401);
}
