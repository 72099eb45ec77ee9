//! `plugin search`, `info`, `sign` and `verify`, as the author of a registry uses them and whoever reads it.

use blackbox::{Server, Setup, paths};

use crate::hot::sha256;

/// The seed of a key for tests, and of another one.
const SEED: &str = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
const OTHER: &str = "ff02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";

/// Signs the index; the public key.
async fn sign(server: &Server, seed: &str, index: &str) -> String {
    let with = Setup::bare().env("FREELLMAPI_SIGNING_KEY", seed);
    let said = server
        .run_as(&with, ["plugin", "sign", index])
        .await
        .printed();
    let key = said.trim().strip_prefix("signed by ").map(str::to_owned);
    key.expect("a key")
}

#[tokio::test]
async fn an_index_is_signed_verified_and_read() {
    let server = Setup::bare().start().await;
    let component = paths::plugin("groq");
    let bytes = std::fs::read(&component).expect("a component");
    let sha256 = sha256(&bytes);
    let text = format!(
        "schema = 1\nserial = 7\n\n[[plugin]]\nid = \"groq\"\ntitle = \"Groq\"\nversion = \"0.2.0\"\ncontract = \
         \"0.1.0\"\nhosts = [\"api.groq.com\"]\nlicence = \"MIT\"\nurl = \"groq.wasm\"\nsha256 = \"{sha256}\"\nsize = \
         {}\n",
        bytes.len()
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("registry.toml");
    std::fs::write(&path, &text).expect("written");
    let index = path.to_str().expect("a path");
    let key = sign(&server, SEED, index).await;

    // What it says, to whoever believes that key.
    let of = ["--index", index, "--key", &key];
    let found = server
        .run(["plugin", "search", "GRO"].iter().chain(&of))
        .await;
    assert!(found.printed().contains("0.2.0"));
    let told = server
        .run(["plugin", "info", "groq"].iter().chain(&of))
        .await;
    let told = told.printed();
    assert!(
        told.contains(&sha256) && told.contains("api.groq.com"),
        "{told}"
    );
    let wasm = component.to_string_lossy().into_owned();
    let verify = ["plugin", "verify", index, "--key"];
    let good = server
        .run(verify.iter().chain(&[key.as_str(), "--component", &wasm]))
        .await;
    assert!(good.printed().contains("the component is groq 0.2.0"));

    // Another's word, an older edition, another component, and a changed text.
    let other = folder.path().join("other.toml");
    std::fs::write(&other, &text).expect("written");
    let foreign = sign(&server, OTHER, other.to_str().expect("a path")).await;
    assert_ne!(foreign, key);
    let strange = paths::plugin("mistral").to_string_lossy().into_owned();
    let refused: [(&[&str], &str); 3] = [
        (&[&foreign], "not to be trusted"),
        (&[&key, "--since", "8"], "an old index may hide a repair"),
        (
            &[&key, "--component", &strange],
            "the index has no component",
        ),
    ];
    for (rest, why) in refused {
        let ran = server.run(verify.iter().chain(rest)).await;
        assert!(
            !ran.ok && ran.told().contains(why),
            "{rest:?}: {}",
            ran.told()
        );
    }
    let signed = std::fs::read_to_string(&path).expect("read");
    std::fs::write(&path, signed.replace("api.groq.com", "evil.example")).expect("written");
    let ran = server.run(verify.iter().chain(&[key.as_str()])).await;
    assert!(
        !ran.ok && ran.told().contains("not to be trusted"),
        "{}",
        ran.told()
    );
}

#[tokio::test]
async fn without_a_registry_the_official_plugins_are_listed() {
    let server = Setup::bare().start().await;
    let found = server.run(["plugin", "search", "gemini"]).await.printed();
    assert!(found.contains("google"), "{found}");
    let none = server.run(["plugin", "info", "nobody"]).await;
    assert!(!none.ok && none.told().contains("plugin search"));
    let unset = server.run(["plugin", "sign", "registry.toml"]).await;
    assert!(!unset.ok && unset.told().contains("FREELLMAPI_SIGNING_KEY"));
}
