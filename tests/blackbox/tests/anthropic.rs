//! Anthropic's Messages API over an OpenAI-like endpoint: what reaches it, and what comes back.

mod errors;
mod google;
mod streams;
mod talk;

use blackbox::{Client, Endpoint, Reply, Request, Server, Setup};
use mock_upstream::Mock;
use serde_json::{Value, json};

/// A server with one endpoint, `local`, at `mock`.
async fn server(mock: &Mock) -> Server {
    setup(mock).start().await
}

fn setup(mock: &Mock) -> Setup {
    Setup::new().endpoint(Endpoint::new("local", mock).model("mock-model"))
}

fn ask(model: &str) -> Value {
    json!({ "model": model, "max_tokens": 64, "messages": [{ "role": "user", "content": "Hi" }] })
}

fn post(path: &str, body: &Value) -> Request {
    Request::post(path, body).header("anthropic-version", "2023-06-01")
}

async fn messages(client: &Client, body: &Value) -> Reply {
    client.send(post("/v1/messages", body)).await
}

/// The data of all events of a streamed answer, which must be whole and in order.
async fn streamed(client: &Client, body: &Value) -> Vec<Value> {
    let mut body = body.clone();
    body["stream"] = json!(true);
    let reply = messages(client, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let kind = reply.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("text/event-stream"), "{kind}");
    events(&reply.text())
}

fn events(text: &str) -> Vec<Value> {
    let blocks = text.strip_suffix("\n\n").expect("a whole event at the end");
    let data = blocks.split("\n\n").map(|block| {
        let (name, data) = block.split_once('\n').expect("two lines");
        let data = data.strip_prefix("data: ").expect("data");
        let data: Value = serde_json::from_str(data).expect("JSON");
        assert_eq!(
            name,
            format!("event: {}", data["type"].as_str().unwrap_or_default())
        );
        data
    });
    data.collect()
}

/// The kinds of the events, pings left out.
fn kinds(events: &[Value]) -> Vec<&str> {
    let kinds = events.iter().filter_map(|event| event["type"].as_str());
    kinds.filter(|kind| *kind != "ping").collect()
}

/// The texts of the deltas of this kind, joined.
fn joined(events: &[Value], kind: &str, member: &str) -> String {
    let deltas = events.iter().map(|event| &event["delta"]);
    let deltas = deltas.filter(|delta| delta["type"] == kind);
    deltas.filter_map(|delta| delta[member].as_str()).collect()
}
