//! Plugins through the admin API.

use blackbox::{Setup, paths, with_section};
use serde_json::{Value, json};

use super::browser::{Browser, refusal};
use crate::providers::GROQ;

#[tokio::test]
async fn an_uploaded_plugin_waits_for_consent_to_what_was_shown() {
    let server = Setup::bare().env("PLUGIN_TRUST", "ask").start().await;
    let client = &server.client;
    let owner = Browser::set_up(&server).await;
    let bytes = std::fs::read(paths::plugin(GROQ.id)).expect("the plugin");
    // Another file than the official one: a stranger's.
    let bytes = with_section(&bytes, "a stranger's");
    let upload = |browser: &Browser, bytes: Vec<u8>| {
        browser
            .request("POST", "/api/plugins")
            .header("content-type", "application/wasm")
            .body(bytes)
    };
    let stranger = client
        .send(upload(&Browser::default(), bytes.clone()))
        .await;
    assert_eq!(refusal(&stranger).1, "not_logged_in");
    let broken = client.send(upload(&owner, b"no component".to_vec())).await;
    assert_eq!(refusal(&broken).2, "file", "{}", broken.text());

    let uploaded = client.send(upload(&owner, bytes)).await;
    assert_eq!(uploaded.status, 201, "{}", uploaded.text());
    let plugin = uploaded.json();
    assert_eq!(plugin["state"], "needs_consent", "{plugin}");
    assert_eq!(plugin["official"], false);
    assert_eq!(plugin["reach"][0]["host"], GROQ.host);
    assert!(plugin["asks"].as_array().is_some_and(|asks| asks.len() > 1));

    let sha256 = plugin["sha256"].as_str().expect("a hash");
    let grant = |sha256: &str| json!({"sha256": sha256});
    let other = "0".repeat(64);
    let reply = owner
        .post(client, "/api/plugins/groq/grant", grant(&other))
        .await;
    assert_eq!(refusal(&reply).1, "changed");
    for (act, body, state) in [
        ("grant", grant(sha256), "active"),
        ("disable", Value::Null, "disabled"),
        ("enable", Value::Null, "active"),
    ] {
        let reply = owner
            .post(client, &format!("/api/plugins/groq/{act}"), body)
            .await;
        assert_eq!(reply.status, 200, "{act}: {}", reply.text());
        let plugin = reply.json();
        assert_eq!(
            (&plugin["state"], &plugin["sha256"]),
            (&json!(state), &json!(sha256))
        );
    }
    let log = server.log();
    let audit = log
        .lines()
        .find(|line| line.contains("granted") && line.contains(sha256));
    assert!(audit.is_some(), "no audit line");
    owner
        .post(client, "/api/plugins/groq/revoke", Value::Null)
        .await;
    let plugins = owner.read(client, "/api/plugins").await;
    let stranger = plugins.as_array().expect("a list").iter();
    let mut stranger = stranger.filter(|it| it["sha256"] == sha256);
    assert_eq!(
        stranger.next().expect("it is there")["state"],
        "needs_consent"
    );
}
