//! Components that were built for WASI: they run once they are granted, and find nothing.

use std::time::{Duration, Instant};

use blackbox::{Key, Setup, paths, until};
use mock_upstream::Mock;

use super::{KEY, quiet};
use crate::providers::ask;

#[tokio::test]
async fn a_boxed_plugin_serves_once_it_is_granted_and_finds_an_empty_box() {
    let mock = Mock::with(quiet()).await;
    let server = Setup::bare()
        .env("PLUGIN_TRUST", "ask")
        .env("SECRET_OF_THE_SERVER", KEY)
        .map("hostile.example", &mock)
        .file(&paths::boxed("snoop"))
        .start()
        .await;
    let key = Key::new("hostile-snoop", KEY).command();
    let list = server.json(&["plugin", "list", "--json"]).await;
    let mut found = list.as_array().expect("a list").iter();
    let snoop = found
        .find(|one| one["id"] == "hostile-snoop")
        .expect("it loads");
    assert_eq!(snoop["status"], "needs-consent", "{snoop}");
    assert_eq!(snoop["class"], "boxed", "{snoop}");
    let asks = snoop["asks"].to_string();
    assert!(asks.contains("run in a box"), "{snoop}");
    let table = server.run(["plugin", "list"]).await.printed();
    assert!(table.contains("boxed"), "{table}");
    let file = paths::boxed("snoop");
    let check = server
        .run(["plugin".as_ref(), "check".as_ref(), file.as_os_str()])
        .await;
    assert!(
        check.ok && check.told().contains("class boxed"),
        "{}",
        check.told()
    );

    server
        .run(["plugin", "grant", "hostile-snoop", "--yes"])
        .await
        .printed();
    server.run(key).await.printed();
    let target = "/v1/models/hostile-snoop/hostile-model";
    until(target, async || {
        (server.get(target).await.status == 200).then_some(())
    })
    .await;
    let mut told = Vec::new();
    for _ in 0..2 {
        let reply = server.chat(&ask("hostile-snoop/hostile-model")).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let content = reply.content().expect("an answer");
        assert!(content.contains("args [] vars []"), "{content}");
        assert!(!content.contains("clock 0 "), "the call's time: {content}");
        told.push(content.to_owned());
    }
    let random = |told: &str| {
        told.split("random ")
            .nth(1)
            .map(|rest| rest[..8].to_owned())
    };
    assert_eq!(random(&told[0]), random(&told[1]), "{told:?}");

    for (trick, status) in [
        // No time passes, and nobody waits.
        ("sleeps", 200),
        ("waits-for-input", 200),
        ("prints", 422),
        ("exits", 422),
        ("panics", 422),
    ] {
        let started = Instant::now();
        let reply = server.chat(&ask(&format!("hostile-snoop/{trick}"))).await;
        let quick = started.elapsed() < Duration::from_secs(4);
        assert!(
            quick && reply.status == status,
            "{trick}: {} {}",
            reply.status,
            reply.text()
        );
    }
    assert!(!server.log().contains("looking around"));
}

#[tokio::test]
async fn sockets_and_files_are_refused_by_name() {
    let mock = Mock::start().await;
    let server = Setup::new()
        .endpoint(blackbox::Endpoint::new("good", &mock))
        .start()
        .await;
    for (name, import) in [
        ("caller", "wasi:sockets/tcp"),
        ("reader", "wasi:filesystem/types"),
    ] {
        let file = paths::boxed(name);
        let check = server
            .run(["plugin".as_ref(), "check".as_ref(), file.as_os_str()])
            .await;
        let told = check.told();
        assert!(!check.ok && told.contains(import), "{name}: {told}");
        // What the box holds is not complained of.
        assert!(!told.contains("wasi:io/streams"), "{name}: {told}");
    }
}
