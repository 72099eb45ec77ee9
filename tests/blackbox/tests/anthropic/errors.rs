//! What goes wrong is told in Anthropic's shape and words.

use mock_upstream::{Answer, When};

use super::*;

/// The error of a reply, in whose shape everything stands.
fn error(reply: &Reply) -> (u16, String, String) {
    let body = reply.json();
    assert_eq!(body["type"], "error", "{body}");
    assert_eq!(
        body["request_id"],
        reply.header("request-id").unwrap_or_default(),
        "{body}"
    );
    let word = |name: &str| body["error"][name].as_str().expect("text").to_owned();
    (reply.status, word("type"), word("message"))
}

#[tokio::test]
async fn requests_that_are_wrong() {
    let mock = Mock::start().await;
    let server = Setup::new()
        .env("FREELLMAPI_BODY_LIMIT", 100_000)
        .endpoint(Endpoint::new("local", &mock).model("mock-model"))
        .start()
        .await;
    mock.forget();
    let mut no_length = ask("mock-model");
    no_length
        .as_object_mut()
        .expect("an object")
        .remove("max_tokens");
    let mut no_id = ask("mock-model");
    no_id["messages"][0]["content"] = json!([{ "type": "tool_result", "content": "x" }]);
    let mut long = ask("mock-model");
    long["messages"][0]["content"] = json!("x".repeat(100_000));
    let path = "/v1/messages";
    for (request, status, kind, says) in [
        (
            post(path, &no_length),
            400,
            "invalid_request_error",
            "max_tokens: ",
        ),
        (
            post(path, &no_id),
            400,
            "invalid_request_error",
            "messages.0.content.0.tool_use_id: ",
        ),
        (
            Request::text(path, "{"),
            400,
            "invalid_request_error",
            "The body is not valid JSON",
        ),
        (
            Request::text(path, r#"{"model":"a","model":"b"}"#),
            400,
            "invalid_request_error",
            "The body is not valid JSON",
        ),
        (
            post(path, &long),
            413,
            "request_too_large",
            "The body is larger",
        ),
        (
            post(path, &ask("nobody")),
            404,
            "not_found_error",
            "There is no model `nobody`",
        ),
        (
            post(path, &ask("mock-model")).key("freellmapi-wrong"),
            401,
            "authentication_error",
            "The API key",
        ),
        (
            post(path, &ask("mock-model")).anonymous(),
            401,
            "authentication_error",
            "No API key",
        ),
        (
            Request::get("/v1/messages/batches"),
            404,
            "not_found_error",
            "There is nothing at",
        ),
        (
            Request::get(path),
            405,
            "invalid_request_error",
            "/v1/messages does not take GET",
        ),
        (
            post(path, &ask("mock-model")).header("content-encoding", "x"),
            415,
            "invalid_request_error",
            "The body's Content-Encoding",
        ),
        (
            Request::get("/v1/models")
                .anonymous()
                .header("anthropic-version", "1"),
            401,
            "authentication_error",
            "No API key",
        ),
    ] {
        let told = format!("{request:?}");
        let reply = server.client.send(request).await;
        let (got, word, message) = error(&reply);
        assert_eq!((got, word.as_str()), (status, kind), "{told}: {message}");
        assert!(message.starts_with(says), "{told}: {message}");
    }
    assert!(mock.requests().is_empty());
    // A stale key in one place does not shut out a good one in another.
    let request = post(path, &ask("mock-model")).header("x-api-key", "sk-ant-stale");
    assert_eq!(server.client.send(request).await.status, 200);
    let key = server.client.key.clone();
    let request = post(path, &ask("mock-model"))
        .anonymous()
        .header("x-api-key", &key);
    assert_eq!(server.client.send(request).await.status, 200);
    assert!(
        mock.requests()
            .iter()
            .all(|request| request.header("x-api-key").is_none())
    );
}

#[tokio::test]
async fn upstreams_that_fail() {
    let mock = Mock::start().await;
    for (answer, status, kind) in [
        (
            Answer::error(400, "invalid_request_error", "bad"),
            400,
            "invalid_request_error",
        ),
        (Answer::error(500, "server_error", "oops"), 502, "api_error"),
        (
            Answer::error(503, "overloaded", "busy"),
            529,
            "overloaded_error",
        ),
        // Not 401: a client would ask its user to log in again.
        (
            Answer::error(401, "invalid_api_key", "no"),
            502,
            "api_error",
        ),
    ] {
        // A fresh one each time, since failures make it wait.
        let server = server(&mock).await;
        mock.on(When::path("/v1/chat"), answer);
        let mut body = ask("mock-model");
        body["stream"] = json!(true);
        let reply = messages(&server.client, &body).await;
        let (got, word, message) = error(&reply);
        assert_eq!((got, word.as_str()), (status, kind), "{message}");
        mock.heal();
    }
}

#[tokio::test]
async fn keys_at_their_limit() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.on(
        When::path("/v1/chat"),
        Answer::error(429, "rate_limited", "slow down").retry_after_seconds(12),
    );
    for stream in [true, false] {
        let mut body = ask("mock-model");
        body["stream"] = json!(stream);
        let reply = messages(&server.client, &body).await;
        let (status, kind, message) = error(&reply);
        assert_eq!(
            (status, kind.as_str()),
            (429, "rate_limit_error"),
            "{message}"
        );
        let wait: u64 = reply
            .header("retry-after")
            .and_then(|wait| wait.parse().ok())
            .expect("a wait");
        assert!((1..=12).contains(&wait), "{wait}");
    }
}
