//! Bodies that are refused, and bodies that are too large, however they are sent.

use blackbox::{Endpoint, Request, Server, Setup, gzip, gzip_bomb};
use mock_upstream::Mock;
use serde_json::{Value, json};

const CHAT: &str = "/v1/chat/completions";
const LIMIT: usize = 100_000;

async fn server(mock: &Mock) -> Server {
    Setup::new()
        .env("FREELLMAPI_BODY_LIMIT", LIMIT)
        .endpoint(Endpoint::new("local", mock))
        .start()
        .await
}

#[tokio::test]
async fn bad_bodies_are_refused_by_name_and_never_sent_on() {
    // What is sent instead of a good body's member, and the `param` of the error; an empty one where no
    // one field is to blame.
    let members = [
        (r#""model":7"#, "model"),
        (r#""messages":"x""#, "messages"),
        (r#""messages":[]"#, "messages"),
        (r#""messages":[7]"#, "messages[0]"),
        (r#""messages":[{"content":"x"}]"#, "messages[0].role"),
        (
            r#""messages":[{"role":"user","content":7}]"#,
            "messages[0].content",
        ),
        (
            r#""messages":[{"role":"tool","content":"x"}]"#,
            "messages[0].tool_call_id",
        ),
        (r#""stream":"yes""#, "stream"),
        (r#""temperature":"hot""#, "temperature"),
        (r#""max_tokens":0"#, "max_tokens"),
        (r#""n":0"#, "n"),
        (r#""tools":{}"#, "tools"),
        (
            r#""tools":[{"type":"function","function":{}}]"#,
            "tools[0].function.name",
        ),
        (
            r#""response_format":{"type":"xml"}"#,
            "response_format.type",
        ),
    ];
    let whole = [
        "",
        "{",
        "[]",
        "\"text\"",
        "{} {}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"\u{1}\"}]}",
        // Two members of one name: which one counts is what an attacker would like to choose.
        r#"{"model":"a","model":"b","messages":[{"role":"user","content":"x"}]}"#,
        r#"{"model":"a","mod\u0065l":"b","messages":[{"role":"user","content":"x"}]}"#,
        r#"{"messages":[{"role":"user","content":"x","content":"y"}]}"#,
        r#"{"messages":[{"role":"user","content":"x"}],"other":{"deep":[{"a":1,"a":1}]}}"#,
    ];
    let good = |without: &str| {
        let mut body = ask("Hi");
        let members = body.as_object_mut().expect("an object");
        members.remove(without.split('[').next().unwrap_or_default());
        let text = body.to_string();
        text[..text.len() - 1].to_owned()
    };
    let members = members.map(|(member, param)| {
        let name = member.split('"').nth(1).unwrap_or_default();
        (format!("{},{member}}}", good(name)), param)
    });
    let whole = whole.map(|body| (body.to_owned(), ""));
    let missing = [(r#"{"model":"mock-model"}"#.to_owned(), "messages")];
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.forget();
    let mut wrong = Vec::new();
    for (body, param) in members.into_iter().chain(whole).chain(missing) {
        let reply = server.client.send(Request::text(CHAT, &body)).await;
        let error = reply.json()["error"].take();
        let right = reply.status == 400
            && error["type"] == "invalid_request_error"
            && error["message"].is_string()
            && (error["param"] == param || param.is_empty());
        if !right {
            wrong.push(format!(
                "{body}\n    wanted {param:?}, got {} {error}",
                reply.status
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(mock.requests().is_empty(), "{:?}", mock.requests());
}

#[tokio::test]
async fn nesting_without_end_is_refused() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let deep = "[".repeat(40_000) + &"]".repeat(40_000);
    let body = format!(
        r#"{{"model":"mock-model","messages":[{{"role":"user","content":"x"}}],"x":{deep}}}"#
    );
    let reply = server.client.send(Request::text(CHAT, &body)).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert_eq!(server.chat(&ask("Hi")).await.status, 200);
}

#[tokio::test]
async fn bodies_over_the_limit_get_413_however_they_come() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let compressed = |bytes: Vec<u8>| {
        Request::text(CHAT, "")
            .header("content-encoding", "gzip")
            .body(bytes)
    };
    let sized = |length: usize| {
        let mut body = ask("").to_string();
        let room = length - body.len();
        let at = body.find("\"\"").expect("an empty text") + 1;
        body.insert_str(at, &"x".repeat(room));
        body
    };
    let chunks = |body: String| {
        let pieces = body.as_bytes().chunks(10_000).map(<[u8]>::to_vec);
        pieces.fold(Request::text(CHAT, "").chunked(), Request::body)
    };
    // At the limit all is well, so that what follows is the limit's doing.
    let (most, over) = (sized(LIMIT), sized(LIMIT + 1));
    for request in [
        Request::text(CHAT, &most),
        chunks(most.clone()),
        compressed(gzip(most.as_bytes())),
    ] {
        let reply = server.client.send(request).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    mock.forget();
    let bomb = gzip_bomb(64 << 20);
    assert!(bomb.len() < 1 << 20);
    let rows = [
        ("one byte more", Request::text(CHAT, &over)),
        ("chunked", chunks(over.clone())),
        ("compressed", compressed(gzip(over.as_bytes()))),
    ];
    for (name, request) in rows {
        let reply = server.client.send(request).await;
        assert_eq!(reply.status, 413, "{name}: {}", reply.text());
        assert_eq!(reply.code().as_deref(), Some("request_too_large"), "{name}");
    }
    // Half a megabyte would itself be over the limit: what is sent is within it.
    let head = compressed(bomb[..LIMIT / 2].to_vec());
    let reply = server.client.send(head).await;
    assert_eq!(reply.status, 413, "bomb: {}", reply.text());
    assert!(mock.requests().is_empty());
}

#[tokio::test]
async fn a_length_over_the_limit_is_refused_before_the_body() {
    let mock = Mock::start().await;
    let server = Setup::new()
        .endpoint(Endpoint::new("local", &mock))
        .start()
        .await;
    // The default limit is 32 MiB; no byte of the body is ever sent.
    let length = (32 << 20) + 1;
    let key = &server.client.key;
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    let answer = server.client.raw(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("request_too_large"), "{answer}");
}

#[tokio::test]
async fn encodings_that_are_unknown_or_broken_are_refused() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.forget();
    let body = ask("Hi").to_string();
    for (encoding, statuses) in [("gzip", [400, 400]), ("no-such", [400, 415])] {
        let request = Request::text(CHAT, &body).header("content-encoding", encoding);
        let reply = server.client.send(request).await;
        assert!(
            statuses.contains(&reply.status),
            "{encoding}: {} {}",
            reply.status,
            reply.text()
        );
        assert!(
            reply.json()["error"]["message"].is_string(),
            "{}",
            reply.text()
        );
    }
    assert!(mock.requests().is_empty());
}

fn ask(text: &str) -> Value {
    json!({ "model": "mock-model", "messages": [{ "role": "user", "content": text }] })
}
