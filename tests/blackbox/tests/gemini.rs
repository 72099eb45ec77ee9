//! Clients that speak Google's dialect, in front of a provider that speaks OpenAI's.

use blackbox::{Endpoint, Request, Server, Setup};
use mock_upstream::{Answer, Mock, Settings, When};
use serde_json::{Value, json};

async fn server(mock: &Mock) -> Server {
    Setup::new()
        .endpoint(Endpoint::new("local", mock).key("sk-local"))
        .start()
        .await
}

fn words() -> Settings {
    Settings::default()
        .key("sk-local")
        .words(["Gr\u{fc}", "ezi", " \u{1f642}"])
}

fn ask() -> Value {
    json!({ "contents": [{ "role": "user", "parts": [{ "text": "Hi" }] }] })
}

fn at(verb: &str) -> String {
    format!("/v1beta/models/mock-model:{verb}")
}

/// The texts of responses, joined.
fn text(responses: &[Value]) -> String {
    let parts = responses
        .iter()
        .filter_map(|one| one["candidates"][0]["content"]["parts"].as_array())
        .flatten();
    parts.filter_map(|part| part["text"].as_str()).collect()
}

#[tokio::test]
async fn whole_events_and_array_say_the_same() {
    let mock = Mock::with(words()).await;
    let server = server(&mock).await;
    let whole = server
        .client
        .send(Request::post(&at("generateContent"), &ask()))
        .await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    assert_eq!(whole.header("x-routed-via"), Some("local/mock-model"));
    let whole = whole.json();
    assert_eq!(text(std::slice::from_ref(&whole)), "Gr\u{fc}ezi \u{1f642}");
    assert_eq!(whole["candidates"][0]["finishReason"], "STOP");
    assert_eq!(whole["usageMetadata"]["promptTokenCount"], 11);

    let events = server
        .client
        .open(Request::post(&at("streamGenerateContent?alt=sse"), &ask()))
        .await
        .rest()
        .await
        .chunks();
    assert_eq!(text(&events), "Gr\u{fc}ezi \u{1f642}");
    let last = events.last().expect("events");
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    assert_eq!(last["usageMetadata"], whole["usageMetadata"]);

    let of_version_1 = at("generateContent").replace("/v1beta/", "/v1/");
    let same = server
        .client
        .send(Request::post(&of_version_1, &ask()))
        .await;
    assert_eq!(text(&[same.json()]), "Gr\u{fc}ezi \u{1f642}");

    let array = server
        .client
        .send(Request::post(&at("streamGenerateContent"), &ask()))
        .await;
    assert_eq!(array.header("content-type"), Some("application/json"));
    let array = array.json();
    assert_eq!(
        text(array.as_array().expect("an array")),
        "Gr\u{fc}ezi \u{1f642}"
    );
}

#[tokio::test]
async fn the_key_comes_in_a_header_or_in_the_address_and_in_no_other_dialect() {
    let mock = Mock::with(words()).await;
    let server = server(&mock).await;
    let key = server.client.key.clone();
    let with_key = format!("{}?key={key}", at("generateContent"));
    let header = Request::post(&at("generateContent"), &ask()).anonymous();
    for (request, status) in [
        (header.header("x-goog-api-key", &key), 200),
        (Request::post(&with_key, &ask()).anonymous(), 200),
        (
            Request::post(&at("generateContent?key=wrong"), &ask()).anonymous(),
            401,
        ),
        (
            Request::post(&at("generateContent"), &ask()).anonymous(),
            401,
        ),
        (
            Request::get(&format!("/v1/models?key={key}")).anonymous(),
            401,
        ),
    ] {
        let reply = server.client.send(request).await;
        assert_eq!(reply.status, status, "{}", reply.text());
    }
    assert!(!server.log().contains(&key));
    let refused = server
        .client
        .send(Request::post(&at("generateContent"), &ask()).anonymous())
        .await;
    assert_eq!(refused.json()["error"]["status"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn errors_have_googles_shape_wherever_they_are_made() {
    let mock = Mock::with(words()).await;
    let server = server(&mock).await;
    let unknown = "/v1beta/models/no-such-model:generateContent".to_owned();
    for (request, status, word) in [
        (
            Request::text(&at("generateContent"), "{"),
            400,
            "INVALID_ARGUMENT",
        ),
        (
            Request::post(&at("generateContent"), &json!({})),
            400,
            "INVALID_ARGUMENT",
        ),
        (Request::post(&unknown, &ask()), 404, "NOT_FOUND"),
        (Request::post(&at("fly"), &ask()), 404, "NOT_FOUND"),
        (Request::post("/v1beta/nothing", &ask()), 404, "NOT_FOUND"),
    ] {
        let reply = server.client.send(request).await;
        assert_eq!(reply.status, status, "{}", reply.text());
        assert_eq!(reply.json()["error"]["status"], word);
        assert_eq!(reply.json()["error"]["code"], status);
    }
    let limited = Answer::error(429, "rate_limit_error", "slow down").retry_after_seconds(7);
    mock.on(When::any(), limited);
    let reply = server
        .client
        .send(Request::post(&at("generateContent"), &ask()))
        .await;
    assert_eq!(reply.status, 503, "{}", reply.text());
    let error = &reply.json()["error"];
    assert_eq!(error["status"], "RESOURCE_EXHAUSTED");
    assert_eq!(error["details"][0]["retryDelay"], "7s");
}

#[tokio::test]
async fn a_tool_makes_the_round_trip() {
    let mock = Mock::with(words()).await;
    let server = server(&mock).await;
    let call = json!({ "id": "call_7", "type": "function",
        "function": { "name": "weather", "arguments": "{\"city\":\"Bern\"}" } });
    let answer = json!({ "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{ "index": 0, "finish_reason": "tool_calls",
            "message": { "role": "assistant", "content": null, "tool_calls": [call] } }] });
    mock.on(When::any(), Answer::json(200, &answer));
    let mut body = ask();
    body["tools"] = json!([{ "functionDeclarations": [{ "name": "weather",
        "parameters": { "type": "OBJECT", "properties": { "city": { "type": "STRING" } } } }] }]);
    let reply = server
        .client
        .send(Request::post(&at("generateContent"), &body))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let said = reply.json()["candidates"][0]["content"].clone();
    assert_eq!(said["parts"][0]["functionCall"]["name"], "weather");
    assert_eq!(said["parts"][0]["functionCall"]["args"]["city"], "Bern");

    mock.heal();
    mock.forget();
    let contents = body["contents"].as_array_mut().expect("contents");
    contents.push(said);
    contents.push(json!({ "role": "user", "parts": [{ "functionResponse":
        { "name": "weather", "response": { "result": "rain" } } }] }));
    let reply = server
        .client
        .send(Request::post(&at("generateContent"), &body))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let sent = mock.requests()[0].json();
    assert_eq!(sent["messages"][1]["tool_calls"][0]["id"], "call_7");
    assert_eq!(
        sent["messages"][2],
        json!({ "role": "tool", "tool_call_id": "call_7", "content": "rain" })
    );
    assert_eq!(
        sent["tools"][0]["function"]["parameters"]["properties"]["city"]["type"],
        "string"
    );
}

#[tokio::test]
async fn models_and_tokens_are_told() {
    let mock = Mock::with(words()).await;
    let server = server(&mock).await;
    let list = server.get("/v1beta/models").await.json();
    let names: Vec<_> = list["models"]
        .as_array()
        .expect("models")
        .iter()
        .map(|one| one["name"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(names, ["models/auto", "models/mock-model"]);
    let one = server.get("/v1beta/models/mock-model").await.json();
    assert_eq!(one["name"], "models/mock-model");
    let body = json!({ "contents": [{ "parts": [{ "text": "x".repeat(400) }] }] });
    let count = server
        .client
        .send(Request::post(&at("countTokens"), &body))
        .await
        .json();
    let count = count["totalTokens"].as_u64().expect("a number");
    assert!((90..130).contains(&count), "{count}");
}
