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

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Puts these bytes into the plugins folder, and waits until the running server uses them.
async fn swap(server: &Server, id: &str, bytes: &[u8]) {
    let before = server.placed(id);
    server.drop_in_as(&format!("{id}.wasm"), bytes);
    until(&format!("the new version of {id}, in place"), async || {
        (server.placed(id) > before).then_some(())
    })
    .await;
    assert_eq!(serving(server, id).await, Some(sha256(bytes)), "{id}");
}

/// The hash of the version of this plugin that serves.
async fn serving(server: &Server, id: &str) -> Option<String> {
    let list = server.json(&["plugin", "list", "--json"]).await;
    let reports = list.as_array().expect("a list").iter();
    let mut serving = reports.filter(|report| report["id"] == id && report["status"] == "serving");
    Some(
        serving.next()?["sha256"]
            .as_str()
            .expect("a hash")
            .to_owned(),
    )
}

/// How many plugins the running server has in place.
pub(crate) async fn plugins(server: &Server) -> u64 {
    let health = server.get("/healthz").await.json();
    health["plugins"].as_u64().expect("a count")
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
    for round in 1..=SWAPS {
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
        let changed = with_section(&plugin, &format!("build {round}"));
        swap(&server, "openai-compatible", &changed).await;
        gate.arrived(round * IN_FLIGHT / SWAPS).await;
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
async fn plugins_are_added_and_deleted_while_it_runs() {
    let (mock, good) = (Mock::start().await, Mock::start().await);
    let server = Setup::new()
        .map("hostile.example", &mock)
        .endpoint(Endpoint::new("local", &good))
        .start()
        .await;
    let id = "hostile-wrong-path";
    let target = format!("/v1/models/{id}/hostile-model");
    let status = async || server.get(&target).await.status;
    let before = plugins(&server).await;

    server.drop_in(&paths::hostile("wrong-path"));
    until("one plugin more", async || {
        (plugins(&server).await == before + 1).then_some(())
    })
    .await;
    assert_eq!(status().await, 404, "it has no key yet");
    let key = ["key", "add", id, "--key", "sk-of-the-new-plugin"];
    server.run(key).await.printed();
    until("the new plugin's models", async || {
        (status().await == 200).then_some(())
    })
    .await;

    std::fs::remove_file(server.plugins().join("wrong-path.wasm")).expect("it is there");
    until("the plugin's models gone", async || {
        (status().await == 404).then_some(())
    })
    .await;
    assert_eq!(plugins(&server).await, before);
    assert_eq!(serving(&server, id).await, None);
    let reply = server.chat(&ask("local/mock-model")).await;
    assert_eq!(reply.status, 200, "others are none the worse");
}

#[tokio::test]
async fn a_replacement_serves_and_so_does_what_it_is_replaced_by() {
    let mock = Mock::start().await;
    let server = Setup::bare()
        .official(GROQ.id)
        .map(GROQ.host, &mock)
        .key(GROQ.key(&GROQ.secret(1)))
        .start()
        .await;
    let works = async || {
        let reply = server.chat(&ask(&GROQ.name())).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    };
    works().await;
    let groq = bytes(&paths::plugin(GROQ.id));
    for build in ["one", "two"] {
        swap(&server, GROQ.id, &with_section(&groq, build)).await;
        works().await;
    }
    swap(&server, GROQ.id, &groq).await;
    works().await;
}

#[tokio::test]
async fn a_bad_file_leaves_the_old_version_serving() {
    let mock = Mock::start().await;
    let server = Setup::new()
        .endpoint(Endpoint::new("local", &mock))
        .start()
        .await;
    let id = "openai-compatible";
    let good = bytes(&paths::plugin(id));
    swap(&server, id, &with_section(&good, "before")).await;
    let half = good[..good.len() / 2].to_vec();
    let module = b"\0asm\x01\0\0\0".to_vec();
    let bad = [b"not a component".to_vec(), half, module, Vec::new()];
    for (n, bytes) in bad.iter().enumerate() {
        let (before, placed) = (server.log().len(), server.placed(id));
        server.drop_in_as("openai-compatible.wasm", bytes);
        until(&format!("bad file {n}, named in the log"), async || {
            let log = server.log();
            log[before..]
                .contains("openai-compatible.wasm")
                .then_some(())
        })
        .await;
        let reply = server.chat(&ask("local/mock-model")).await;
        assert_eq!(reply.status, 200, "bad file {n}: {}", reply.text());
        assert_eq!(
            server.placed(id),
            placed,
            "bad file {n}: the old version goes on"
        );
        let list = server.json(&["plugin", "list", "--json"]).await;
        let reports = list.as_array().expect("a list");
        let refused = reports.iter().find(|report| report["status"] == "refused");
        let refused = refused.unwrap_or_else(|| panic!("bad file {n}: {list}"));
        assert_eq!(refused["file"], "openai-compatible.wasm", "{refused}");
        let why = refused["error"].as_str();
        assert!(why.is_some_and(|why| !why.is_empty()), "{refused}");
    }
    swap(&server, id, &with_section(&good, "mended")).await;
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
    let state = async || {
        let list = server.json(&["plugin", "list", "--json"]).await;
        let reports = list.as_array().expect("a list").iter();
        let mut mine = reports.filter(|report| report["id"] == id);
        mine.next().expect("the plugin")["status"].clone()
    };
    assert_eq!(state().await, "needs-consent");
    let key = ["key", "add", id, "--key", "sk-of-a-foreign-plugin"];
    // Whether a key may be kept for it already or not: nothing is sent.
    let _ = server.run(key).await;
    mock.forget();
    let model = format!("{id}/hostile-model");
    let reply = server.chat(&ask(&model)).await;
    assert!(reply.status >= 400, "{}", reply.text());
    assert!(mock.requests().is_empty());

    let unasked = server.run(["plugin", "grant", id]).await;
    assert!(
        !unasked.ok,
        "nobody was there to consent: {}",
        unasked.told()
    );
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
    assert_eq!(state().await, "serving");
}
