//! The healthy provider, in both dialects.

use serde_json::{Value, json};

use super::{Raw, Wire};
use crate::{Mock, Settings};

const GEMINI: &str = "/v1beta/models/mock-model";

#[tokio::test]
async fn openai_whole_and_streamed_say_the_same() {
    let mock = Mock::with(Settings::default().words(["Say", " \"ä\\", "\n🙂"])).await;
    let mut raw = Raw::open(&mock).await;
    raw.chat("m", false).await;
    let whole = parsed(&raw.answer().await);
    let text = whole["choices"][0]["message"]["content"].as_str();
    assert_eq!(text, Some("Say \"ä\\\n🙂"));
    assert_eq!(whole["usage"]["total_tokens"], 14);

    for usage in [false, true] {
        let body = json!({
            "model": "m", "stream": true, "stream_options": { "include_usage": usage }
        });
        raw.send(
            "POST",
            "/any/prefix/chat/completions",
            "",
            &body.to_string(),
        )
        .await;
        let events = events(&raw.streamed().await, "\n\n");
        let (done, chunks) = events.split_last().expect("events");
        assert_eq!(done, "[DONE]");
        let chunks: Vec<Value> = chunks.iter().map(|data| json_of(data)).collect();
        let said: String = chunks.iter().filter_map(|chunk| content(chunk)).collect();
        assert_eq!(said, text.expect("text"));
        assert_eq!(
            chunks.iter().any(|chunk| chunk.get("usage").is_some()),
            usage
        );
        let ends = |chunk: &&Value| chunk["choices"][0]["finish_reason"] == "stop";
        assert_eq!(chunks.iter().filter(ends).count(), 1);
    }
}

#[tokio::test]
async fn gemini_whole_and_streamed_say_the_same() {
    let mock = Mock::start().await;
    let mut raw = Raw::open(&mock).await;
    raw.send("POST", &format!("{GEMINI}:generateContent"), "", "{}")
        .await;
    let whole = parsed(&raw.answer().await);
    let said = |value: &Value| {
        let text = &value["candidates"][0]["content"]["parts"][0]["text"];
        text.as_str().expect("text").to_owned()
    };
    assert_eq!(said(&whole), "Hello from the mock.");
    assert_eq!(whole["usageMetadata"]["totalTokenCount"], 16);

    let stream = format!("{GEMINI}:streamGenerateContent");
    raw.send("POST", &format!("{stream}?alt=sse"), "", "{}")
        .await;
    let events = events(&raw.streamed().await, "\r\n\r\n");
    let events: Vec<Value> = events.iter().map(|data| json_of(data)).collect();
    assert_eq!(events.iter().map(said).collect::<String>(), said(&whole));
    let last = events.last().expect("events");
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");

    raw.send("POST", &stream, "", "{}").await;
    let array = json_of(&raw.streamed().await.payload().0);
    assert_eq!(array.as_array().expect("an array"), &events);
}

#[tokio::test]
async fn routes_that_are_there_and_refusals() {
    let settings = Settings {
        only_listed: true,
        ..Settings::default().models(["a", "b/c"]).key("sk-1")
    };
    let mock = Mock::with(settings).await;
    let (bearer, google) = ("authorization: Bearer sk-1\r\n", "x-goog-api-key: sk-1\r\n");
    let chat = "/v1/chat/completions";
    // What is asked, and the status, a pointer into the answer and the value there.
    let rows = [
        (
            "GET",
            "/v1/models",
            bearer,
            "",
            200,
            "/data/1/id",
            json!("b/c"),
        ),
        (
            "GET",
            "/v1beta/models",
            google,
            "",
            200,
            "/models/0/name",
            json!("models/a"),
        ),
        (
            "GET",
            "/client/v4/accounts/x/ai/models/search",
            bearer,
            "",
            200,
            "/result/0/name",
            json!("a"),
        ),
        (
            "POST",
            chat,
            bearer,
            r#"{"model":"b/c"}"#,
            200,
            "/model",
            json!("b/c"),
        ),
        (
            "POST",
            chat,
            bearer,
            r#"{"model":"x"}"#,
            404,
            "/error/code",
            json!("model_not_found"),
        ),
        (
            "POST",
            chat,
            bearer,
            "{}",
            400,
            "/error/code",
            json!("invalid_request_error"),
        ),
        (
            "POST",
            chat,
            bearer,
            "{",
            400,
            "/error/code",
            json!("invalid_request_error"),
        ),
        (
            "POST",
            chat,
            "",
            r#"{"model":"a"}"#,
            401,
            "/error/code",
            json!("invalid_api_key"),
        ),
        (
            "GET",
            "/v1/other",
            bearer,
            "",
            404,
            "/error/code",
            json!("not_found"),
        ),
        (
            "POST",
            "/v1beta/models/a:generateContent",
            google,
            "{}",
            200,
            "/modelVersion",
            json!("a"),
        ),
        (
            "POST",
            "/v1beta/models/x:generateContent",
            google,
            "{}",
            404,
            "/error/status",
            json!("NOT_FOUND"),
        ),
        (
            "POST",
            "/v1beta/models/a:generateContent",
            google,
            "{",
            400,
            "/error/status",
            json!("INVALID_ARGUMENT"),
        ),
        (
            "POST",
            "/v1beta/models/a:generateContent",
            "",
            "{}",
            403,
            "/error/status",
            json!("PERMISSION_DENIED"),
        ),
        (
            "POST",
            "/v1beta/models/a:other",
            google,
            "{}",
            404,
            "/error/code",
            json!(404),
        ),
    ];
    let mut raw = Raw::open(&mock).await;
    for (method, target, headers, body, status, at, wanted) in rows {
        raw.send(method, target, headers, body).await;
        let wire = raw.answer().await;
        assert_eq!(wire.status, status, "{method} {target} {body}");
        assert_eq!(
            parsed(&wire).pointer(at),
            Some(&wanted),
            "{method} {target} {body}"
        );
    }
}

fn parsed(wire: &Wire) -> Value {
    json_of(&wire.text())
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn content(chunk: &Value) -> Option<&str> {
    chunk["choices"][0]["delta"]["content"].as_str()
}

/// The data of each event.
fn events(wire: &Wire, end: &str) -> Vec<String> {
    let (payload, ended) = wire.payload();
    assert!(ended);
    let events = payload.split_terminator(end);
    events
        .map(|event| event.strip_prefix("data: ").expect("data").to_owned())
        .collect()
}
