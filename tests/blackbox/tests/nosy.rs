//! What a plugin is given, and how far one may go: seen by plugins that tell.

use std::fs;

use blackbox::{Key, Server, Setup, paths};
use mock_upstream::{Answer, Mock, Settings, When, openai};

use crate::providers::ask;

const KEY: &str = "sk-canary-that-no-plugin-is-given-0123456789";

/// A server with this hostile plugin alone, whose host is `mock`, and a key for it.
async fn server(name: &str, mock: &Mock) -> Server {
    let server = Setup::bare()
        .env("PLUGIN_TRUST", "auto")
        .map("hostile.example", mock)
        .file(&paths::hostile(name))
        .key(Key::new(&format!("hostile-{name}"), KEY))
        .start()
        .await;
    let target = format!("/v1/models/hostile-{name}/hostile-model");
    blackbox::until(&target, async || {
        (server.get(&target).await.status == 200).then_some(())
    })
    .await;
    server
}

fn quiet() -> Settings {
    Settings::default().models(["hostile-model"])
}

#[tokio::test]
async fn nothing_that_a_plugin_is_given_holds_a_key() {
    let mock = Mock::with(quiet()).await;
    let server = server("nosy", &mock).await;
    let echo = |answer: Answer| answer.header("x-echo", KEY).header("set-cookie", KEY);
    let said = format!("I was sent Bearer {KEY}.");
    mock.on(
        When::any(),
        echo(Answer::json(200, &openai::whole("hostile-model", &said))),
    );
    let whole = server.chat(&ask("hostile-nosy/hostile-model")).await;
    mock.heal();
    mock.on(
        When::any(),
        echo(Answer::error(400, "invalid_request_error", &said)),
    );
    let refused = server.chat(&ask("hostile-nosy/hostile-model")).await;

    assert_eq!(whole.status, 200, "{}", whole.text());
    assert_eq!(refused.status, 400, "{}", refused.text());
    for reply in [&whole, &refused] {
        // It did tell what it was given, the reply of the provider among it.
        assert!(reply.text().contains("I was sent"), "{}", reply.text());
        assert!(reply.text().contains("[redacted]"), "{}", reply.text());
        assert!(!reply.text().contains("canary"), "{}", reply.text());
        // Every call is an instance's first.
        assert!(reply.text().contains("call 1 "), "{}", reply.text());
    }
    let requests = mock.requests();
    let chats: Vec<_> = requests
        .iter()
        .filter(|seen| seen.method == "POST")
        .collect();
    assert_eq!(chats.len(), 2);
    for chat in chats {
        assert_eq!(chat.bearer(), Some(KEY));
        let body = String::from_utf8_lossy(&chat.body);
        assert!(body.contains("call 1 "), "{body}");
        assert!(body.contains("given") && !body.contains("canary"), "{body}");
    }
}

#[tokio::test]
async fn one_attempt_sends_thirty_two_requests_at_most() {
    let mock = Mock::with(quiet()).await;
    let server = server("insatiable", &mock).await;
    mock.on(When::any(), Answer::error(500, "server_error", "no"));
    mock.forget();
    let reply = server.chat(&ask("hostile-insatiable/hostile-model")).await;
    assert_eq!(reply.status, 502, "{}", reply.text());
    assert_eq!(mock.requests().len(), 32);
}

#[tokio::test]
async fn after_three_strikes_a_plugin_is_put_aside_and_its_host_not_called() {
    let mock = Mock::with(quiet()).await;
    let server = server("trap-decoder", &mock).await;
    let mut body = ask("hostile-trap-decoder/hostile-model");
    body["stream"] = true.into();
    for _ in 0..3 {
        let reply = server.chat(&body).await;
        assert_eq!(reply.status, 502, "{}", reply.text());
    }
    mock.forget();
    let reply = server
        .chat(&ask("hostile-trap-decoder/hostile-model"))
        .await;
    assert!(reply.status >= 500, "{}", reply.text());
    assert!(mock.requests().is_empty());
    assert!(server.log().contains("put aside"), "{}", server.log());
}

#[tokio::test]
async fn a_compiled_plugin_that_somebody_changed_is_made_anew() {
    let mock = Mock::start().await;
    let mut server = Setup::new()
        .own_secret()
        .endpoint(blackbox::Endpoint::new("local", &mock))
        .start()
        .await;
    server.stop().await;
    let mut changed = 0;
    let cache = server.data().join("cache");
    for file in fs::read_dir(&cache).expect("compiled plugins") {
        let path = file.expect("a file").path();
        let mut bytes = fs::read(&path).expect("a compiled plugin");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).expect("changed");
        changed += 1;
    }
    assert!(changed > 0, "nothing in {}", cache.display());
    server.restart().await;
    assert_eq!(server.chat(&ask("local/mock-model")).await.status, 200);
    assert!(server.log().contains("dropped an unusable compiled plugin"));
}
