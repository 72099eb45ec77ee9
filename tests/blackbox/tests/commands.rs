//! Keys and endpoints by command, and what a command says when it cannot.

use blackbox::{Endpoint, Key, Setup, until};
use mock_upstream::{Mock, Settings};

use crate::providers::{CLOUDFLARE, GOOGLE, GROQ, ask};

#[tokio::test]
async fn keys_that_do_not_fit_are_refused_and_not_repeated() {
    let server = Setup::bare()
        .official(GROQ.id)
        .official(CLOUDFLARE.id)
        .start()
        .await;
    let canary = "canary-of-a-key-that-does-not-fit";
    let good = CLOUDFLARE.secret(1);
    // The command, and what the complaint names.
    let rows = [
        (Key::new("no-such-provider", canary), "no-such-provider"),
        (Key::new(GROQ.id, canary), "Groq"),
        (Key::new(GROQ.id, ""), "key"),
        (Key::new("openai-compatible", canary), "endpoint"),
        (Key::new(CLOUDFLARE.id, &good), "account-id"),
        (
            Key::new(CLOUDFLARE.id, &good).set("account-id", "../x"),
            "account-id",
        ),
        (
            Key::new(GROQ.id, &GROQ.secret(1)).set("region", "eu"),
            "region",
        ),
    ];
    for (key, named) in rows {
        let command = key.command();
        let ran = server.run(&command).await;
        assert!(!ran.ok, "{command:?}: {}", ran.told());
        assert!(ran.told().contains(named), "{command:?}: {}", ran.told());
        assert!(
            !ran.told().contains(canary) && !ran.told().contains(&good),
            "{}",
            ran.told()
        );
    }
    let listed = server.json(&["key", "list", "--json"]).await;
    assert_eq!(listed, serde_json::json!([]));
}

#[tokio::test]
async fn a_key_is_tested_at_its_provider() {
    let good = GROQ.secret(2);
    let mock = Mock::with(Settings::default().key(&good)).await;
    let gemini = GOOGLE.secret(2);
    let google = Mock::with(Settings::default().key(&gemini)).await;
    let server = Setup::bare()
        .official(GROQ.id)
        .official(GOOGLE.id)
        .map(GROQ.host, &mock)
        .map(GOOGLE.host, &google)
        .start()
        .await;
    let keys = [
        (GROQ.key(&good), true),
        (GROQ.key(&GROQ.secret(3)), false),
        (GOOGLE.key(&gemini), true),
        (GOOGLE.key(&GOOGLE.secret(3)), false),
    ];
    for (key, is_good) in keys {
        let command = key.command();
        let id = server.run(&command).await.printed();
        let ran = server.run(["key", "test", &id]).await;
        assert_eq!(ran.ok, is_good, "{command:?}: {}", ran.told());
        let listed = server.json(&["key", "list", "--json"]).await;
        let keys = listed.as_array().expect("a list");
        let listed = keys.iter().find(|key| key["id"] == *id).expect("the key");
        let state = listed["state"].as_str().expect("a state");
        assert_eq!(state == "healthy", is_good, "{listed}");
        assert_eq!(state.starts_with("invalid"), !is_good, "{listed}");
    }
    // Nothing was spent.
    let asked = [mock.requests(), google.requests()].concat();
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|seen| seen.method == "GET"), "{asked:?}");
    assert!(!server.run(["key", "test", "key-none"]).await.ok);
    assert!(!server.run(["key", "remove", "key-none"]).await.ok);
}

#[tokio::test]
async fn endpoints_are_named_once_and_well() {
    let mock = Mock::start().await;
    let server = Setup::new()
        .endpoint(Endpoint::new("local", &mock))
        .start()
        .await;
    let rows = [
        ("local", "local"),
        ("auto", "auto"),
        ("Upper", "Upper"),
        ("with/slash", "with/slash"),
        ("", "name"),
    ];
    for (name, named) in rows {
        let ran = server.run(Endpoint::new(name, &mock).command()).await;
        assert!(
            !ran.ok && ran.told().contains(named),
            "{name:?}: {}",
            ran.told()
        );
    }
    for url in [
        "ftp://127.0.0.1/v1",
        "127.0.0.1",
        "http://",
        "http://user:pass@127.0.0.1/v1",
    ] {
        let ran = server.run(["endpoint", "add", "other", "--url", url]).await;
        assert!(!ran.ok, "{url}: {}", ran.told());
    }
    let listed = server.run(["endpoint", "list"]).await.printed();
    assert!(!listed.contains("other"), "{listed}");
    assert!(!server.run(["endpoint", "remove", "other"]).await.ok);
}

#[tokio::test]
async fn an_endpoint_may_be_added_before_it_is_up() {
    let mock = Mock::start().await;
    let address = mock.address().to_string();
    drop(mock);
    let server = Setup::new().start().await;
    let url = format!("http://{address}/v1");
    let added = server.run(["endpoint", "add", "late", "--url", &url]).await;
    assert!(added.ok, "{}", added.told());
    until("the endpoint without models", async || {
        (server.chat(&ask("late/mock-model")).await.status == 404).then_some(())
    })
    .await;
    let _mock = Mock::bind(&address, Settings::default())
        .await
        .expect("the port is free still");
    until("the endpoint that came up late", async || {
        (server.chat(&ask("late/mock-model")).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn priorities_order_endpoints_and_keys() {
    let (one, two) = (Mock::start().await, Mock::start().await);
    let server = Setup::new()
        .endpoint(Endpoint::new("second", &one).model("m"))
        .endpoint(Endpoint::new("first", &two).model("m").priority(50))
        .start()
        .await;
    for model in ["m", "auto"] {
        let reply = server.chat(&ask(model)).await;
        assert_eq!(reply.header("x-routed-via"), Some("first/m"), "{model}");
    }
    let reply = server.chat(&ask("second/m")).await;
    assert_eq!(reply.header("x-routed-via"), Some("second/m"));
    assert_eq!((one.requests().len(), two.requests().len()), (1, 2));
}
