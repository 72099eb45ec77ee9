//! Plugins come, change and go while requests are in flight, and none of them fails for it.

use std::path::Path;

use blackbox::{Endpoint, Event, Server, Setup, paths, raise_file_limit, until, with_section};
use mock_upstream::{Answer, Gate, Mock, When, openai};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use crate::providers::{GROQ, ask};

const IN_FLIGHT: usize = 1000;
const SWAPS: usize = 10;

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the plugin")
}

fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Waits until the server itself tells that it took the file with this hash, and answers with it.
async fn taken(server: &Server, sha256: &str) {
    let short = &sha256[..12];
    until(&format!("the plugin {short}… in use"), async || {
        let listed = server.run(["plugin", "list", "--json"]).await.printed();
        (listed.contains(sha256) && server.log().contains(short)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_thousand_requests_in_flight_survive_ten_replacements() {
    raise_file_limit();
    let mock = Mock::start().await;
    let words = openai::stream("mock-model", &["Slow", " and", " steady."], false);
    let gate = Gate::new();
    // Content goes out at once, and the rest once all are in flight.
    let slow = Answer::sse(&words[..2]).then_hold(&gate);
    let slow = words[2..]
        .iter()
        .fold(slow, |answer, data| answer.event(data));
    mock.on(When::any(), slow.done());
    let server = Setup::new()
        .env("FREELLMAPI_LOG", "info")
        .endpoint(Endpoint::new("local", &mock).model("mock-model"))
        .start()
        .await;
    let plugin = bytes(&paths::plugin("openai-compatible"));

    let mut asking = JoinSet::new();
    for swap in 1..=SWAPS {
        for _ in 0..IN_FLIGHT / SWAPS {
            let client = server.client.clone();
            asking.spawn(async move {
                let mut streamed = client.chat_open(&ask("local/mock-model")).await;
                let status = streamed.status;
                let first = streamed.next().await;
                let rest = streamed.rest().await;
                (status, first, rest)
            });
        }
        // Replaced while this round's requests come in and all earlier ones wait.
        let changed = with_section(&plugin, &format!("build {swap}"));
        server.drop_in_as("openai-compatible.wasm", &changed);
        taken(&server, &sha256(&changed)).await;
        gate.arrived(swap * IN_FLIGHT / SWAPS).await;
    }
    assert_eq!(mock.counters().in_flight, IN_FLIGHT);
    gate.open();
    let mut failed = Vec::new();
    while let Some(done) = asking.join_next().await {
        let (status, first, rest) = done.expect("a client");
        let started = matches!(first, Some(Event::Data(_)));
        let text = rest.text();
        if status != 200 || !started || !rest.is_whole() || !text.ends_with("steady.") {
            failed.push(format!("{status} {first:?} {rest:?}"));
        }
    }
    assert!(
        failed.is_empty(),
        "{} failed, such as {}",
        failed.len(),
        failed[0]
    );
    assert_eq!(mock.counters().cancelled, 0);
}

#[tokio::test]
async fn plugins_are_added_replaced_and_deleted_while_it_runs() {
    let mock = Mock::start().await;
    let good = Mock::start().await;
    let server = Setup::new()
        .map(GROQ.host, &mock)
        .endpoint(Endpoint::new("local", &good))
        .start()
        .await;
    let file = "a-copy-of-groq.wasm";
    let groq = bytes(&paths::plugin(GROQ.id));
    let works = async || server.chat(&ask(&GROQ.name())).await.status == 200;
    let listed = async |text: &str| {
        let list = server.run(["plugin", "list", "--json"]).await.printed();
        list.contains(text)
    };
    assert!(!works().await);

    server.drop_in_as(file, &groq);
    until("the new plugin in the list", async || {
        listed(&sha256(&groq)).await.then_some(())
    })
    .await;
    server
        .run(GROQ.key(&GROQ.secret(1)).command())
        .await
        .printed();
    until("the new plugin's provider", async || {
        works().await.then_some(())
    })
    .await;

    let other = with_section(&groq, "another build");
    server.drop_in_as(file, &other);
    taken(&server, &sha256(&other)).await;
    assert!(works().await, "the replacement serves");

    std::fs::remove_file(server.plugins().join(file)).expect("it is there");
    until("the plugin gone from the list", async || {
        (!listed(&sha256(&other)).await).then_some(())
    })
    .await;
    assert_eq!(
        server.chat(&ask("local/mock-model")).await.status,
        200,
        "others are none the worse"
    );
}

#[tokio::test]
async fn a_bad_file_leaves_the_old_version_serving() {
    let mock = Mock::start().await;
    let server = Setup::new()
        .endpoint(Endpoint::new("local", &mock))
        .start()
        .await;
    let name = "openai-compatible.wasm";
    let good = bytes(&paths::plugin("openai-compatible"));
    let half = good[..good.len() / 2].to_vec();
    let module = b"\0asm\x01\0\0\0".to_vec();
    let bad = [b"not a component".to_vec(), half, module, Vec::new()];
    for (n, bytes) in bad.iter().enumerate() {
        let before = server.log().len();
        server.drop_in_as(name, bytes);
        until(&format!("bad file {n} in the log"), async || {
            server.log()[before..]
                .contains("openai-compatible")
                .then_some(())
        })
        .await;
        let reply = server.chat(&ask("local/mock-model")).await;
        assert_eq!(reply.status, 200, "bad file {n}: {}", reply.text());
        let list = server.run(["plugin", "list"]).await;
        assert!(list.stdout.contains("openai-compatible"), "{}", list.told());
    }
    let next = with_section(&good, "mended");
    server.drop_in_as(name, &next);
    taken(&server, &sha256(&next)).await;
    assert_eq!(server.chat(&ask("local/mock-model")).await.status, 200);
}

#[tokio::test]
async fn a_foreign_plugin_waits_for_consent() {
    let mock = Mock::start().await;
    let hostile = paths::hostile("wrong-path");
    let server = Setup::new()
        .env("PLUGIN_TRUST", "ask")
        .map("hostile.example", &mock)
        .file(&hostile)
        .start()
        .await;
    let id = "hostile-wrong-path";
    let listed = server.run(["plugin", "list"]).await.printed();
    assert!(
        listed.contains(id) && listed.contains("needs-consent"),
        "{listed}"
    );
    let key = ["key", "add", id, "--key", "sk-of-a-foreign-plugin"];
    // Whether a key may be kept for it already or not: nothing is sent.
    let _ = server.run(key).await;
    mock.forget();
    let model = format!("{id}/hostile-model");
    let reply = server.chat(&ask(&model)).await;
    assert!(reply.status >= 400, "{}", reply.text());
    assert!(mock.requests().is_empty());

    let asked = server.run(["plugin", "grant", id, "--yes"]).await.printed();
    assert!(
        asked.contains("hostile.example"),
        "it says what it grants: {asked}"
    );
    let _ = server.run(key).await;
    until("the granted plugin's models", async || {
        let found = server.get(&format!("/v1/models/{model}")).await;
        (found.status == 200).then_some(())
    })
    .await;
    let listed = server.run(["plugin", "list"]).await.printed();
    assert!(!listed.contains("needs-consent"), "{listed}");
}
