//! `plugin install` and `plugin remove`, beside a running server.

use blackbox::{Server, Setup, paths, until};

use crate::hot::plugins;

/// The state of a plugin, as a command sees it; empty if it is not there.
async fn state(server: &Server, id: &str) -> String {
    let list = server.json(&["plugin", "list", "--json"]).await;
    let reports = list.as_array().expect("a list").iter();
    let mut of_id = reports.filter(|report| report["id"] == id && report["status"] != "shadowed");
    let state = of_id.next().and_then(|report| report["status"].as_str());
    state.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_stranger_is_installed_with_consent_and_removed() {
    let server = Setup::bare().env("PLUGIN_TRUST", "ask").start().await;
    let before = plugins(&server).await;
    let file = paths::example("hello-provider");
    let file = file.to_str().expect("a path");

    let asked = server.run(["plugin", "install", file]).await;
    assert!(
        !asked.ok && asked.told().contains("--yes"),
        "{}",
        asked.told()
    );
    assert_eq!(state(&server, "hello-provider").await, "needs-consent");
    let told = server
        .run(["plugin", "install", file, "--yes"])
        .await
        .printed();
    assert!(
        told.contains("asks for:") && told.contains("granted"),
        "{told}"
    );
    assert_eq!(state(&server, "hello-provider").await, "serving");
    until("the running server to have it", async || {
        (plugins(&server).await == before + 1).then_some(())
    })
    .await;

    let told = server
        .run(["plugin", "remove", "hello-provider"])
        .await
        .printed();
    assert!(told.contains("deleted hello-provider.wasm"), "{told}");
    assert_eq!(state(&server, "hello-provider").await, "");
    until("the running server to let go of it", async || {
        (plugins(&server).await == before).then_some(())
    })
    .await;
    let again = server.run(["plugin", "remove", "hello-provider"]).await;
    assert!(
        !again.ok && again.told().contains("no plugin `hello-provider`"),
        "{}",
        again.told()
    );
    // Consent went with it.
    server.run(["plugin", "install", file]).await;
    assert_eq!(state(&server, "hello-provider").await, "needs-consent");
}

#[tokio::test]
async fn an_official_one_stays_away_until_it_is_wanted_again() {
    let mut server = Setup::bare().start().await;
    let before = plugins(&server).await;
    server.run(["plugin", "remove", "mistral"]).await.printed();
    assert_eq!(state(&server, "mistral").await, "");
    until("the running server to let go of it", async || {
        (plugins(&server).await == before - 1).then_some(())
    })
    .await;
    server.stop().await;
    server.restart().await;
    assert_eq!(plugins(&server).await, before - 1);
    server.run(["plugin", "install", "mistral"]).await.printed();
    assert_eq!(state(&server, "mistral").await, "serving");
    until("the running server to have it", async || {
        (plugins(&server).await == before).then_some(())
    })
    .await;
    let none = server.run(["plugin", "install", "mistral"]).await;
    assert!(
        !none.ok && none.told().contains("there is no file"),
        "{}",
        none.told()
    );
}

#[tokio::test]
async fn what_an_index_does_not_have_is_not_installed() {
    let server = Setup::bare().start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let index = folder.path().join("registry.toml");
    std::fs::write(&index, "schema = 1\nserial = 1\n").expect("written");
    let index = index.to_str().expect("a path");
    let with = Setup::bare().env("FREELLMAPI_SIGNING_KEY", "07".repeat(32));
    let said = server
        .run_as(&with, ["plugin", "sign", index])
        .await
        .printed();
    let key = said.trim().strip_prefix("signed by ").expect("a key");
    let file = paths::example("hello-provider");
    let file = file.to_str().expect("a path");
    let ran = server
        .run([
            "plugin", "install", file, "--yes", "--index", index, "--key", key,
        ])
        .await;
    assert!(
        !ran.ok && ran.told().contains("the index has no component"),
        "{}",
        ran.told()
    );
    assert_eq!(state(&server, "hello-provider").await, "");
}
