//! `POST /v1/completions` in front of a provider that serves chat.

use blackbox::{Endpoint, Request, Server, Setup};
use mock_upstream::{Mock, Settings};
use serde_json::{Value, json};

async fn server() -> (Mock, Server) {
    let words = Settings::default()
        .key("sk-local")
        .words(["let", " a", ";"]);
    let mock = Mock::with(words).await;
    let setup = Setup::new().endpoint(Endpoint::new("local", &mock).key("sk-local"));
    let server = setup.start().await;
    mock.forget();
    (mock, server)
}

#[tokio::test]
async fn ghost_text_whole_and_streamed() {
    let (mock, server) = server().await;
    let mut body =
        json!({ "model": "mock-model", "prompt": "fn main() { ", "suffix": " }", "max_tokens": 9 });
    let whole = server
        .client
        .send(Request::post("/v1/completions", &body))
        .await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    assert_eq!(whole.header("x-routed-via"), Some("local/mock-model"));
    let whole = whole.json();
    assert_eq!(whole["object"], "text_completion");
    assert!(
        whole["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("cmpl-")),
        "{whole}"
    );
    assert_eq!(whole["choices"][0]["text"], "let a;");
    assert_eq!(whole["choices"][0]["finish_reason"], "stop");
    assert_eq!(whole["usage"]["prompt_tokens"], 11);
    let sent = mock.requests();
    let sent = sent.last().expect("a request").json();
    assert_eq!(sent["max_tokens"], 9);
    assert_eq!(
        sent["messages"][1]["content"],
        "<before>fn main() { </before>\n<after> }</after>"
    );
    for gone in ["prompt", "suffix"] {
        assert!(sent.get(gone).is_none(), "{sent}");
    }

    body["stream"] = json!(true);
    body["stream_options"] = json!({ "include_usage": true });
    let events = server
        .client
        .open(Request::post("/v1/completions", &body))
        .await
        .rest()
        .await;
    assert!(events.is_whole());
    let chunks = events.chunks();
    let said: String = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["text"].as_str())
        .collect();
    assert_eq!(said, "let a;");
    let last = chunks.last().expect("chunks");
    assert_eq!(
        (&last["choices"], &last["usage"]),
        (&json!([]), &whole["usage"])
    );
    assert!(chunks.iter().all(|chunk| chunk["id"] == last["id"]));
}

#[tokio::test]
async fn prompts_are_answered_in_order_and_bad_ones_are_named() {
    let (mock, server) = server().await;
    let ask = |prompt: Value| json!({ "model": "mock-model", "prompt": prompt, "echo": true });
    let reply = server
        .client
        .send(Request::post("/v1/completions", &ask(json!(["a", "b"]))))
        .await;
    let answer = reply.json();
    assert_eq!(answer["choices"][0]["text"], "alet a;");
    assert_eq!(answer["choices"][1]["text"], "blet a;");
    assert_eq!(answer["choices"][1]["index"], 1);
    assert_eq!(answer["usage"]["prompt_tokens"], 22);

    let mut body = ask(json!(["a", "b"]));
    body["stream"] = json!(true);
    let events = server
        .client
        .open(Request::post("/v1/completions", &body))
        .await
        .rest()
        .await;
    assert!(events.is_whole());
    let text = |index: u64| -> String {
        let chunks = events.chunks();
        let choices = chunks.iter().map(|chunk| &chunk["choices"][0]);
        let own = choices.filter(|choice| choice["index"] == index);
        own.filter_map(|choice| choice["text"].as_str()).collect()
    };
    assert_eq!(
        (text(0), text(1)),
        ("alet a;".to_owned(), "blet a;".to_owned())
    );

    mock.forget();
    let reply = server
        .client
        .send(Request::post("/v1/completions", &ask(json!([1, 2]))))
        .await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error"]["param"], "prompt[0]");
    assert!(mock.requests().is_empty());
}
