//! A provider's key goes to its provider, in its header, and nowhere else.

use std::path::Path;

use blackbox::{Endpoint, Reply, Request, Server, Setup};
use mock_upstream::{Answer, Mock, Script, When};

use crate::providers::{CLOUDFLARE, GOOGLE, GROQ, OPENROUTER, Provider, ask};

const ALL: [Provider; 4] = [GROQ, OPENROUTER, GOOGLE, CLOUDFLARE];

/// Keys of one provider in the order in which they are tried.
struct Canaries {
    refused: String,
    limited: String,
    good: String,
}

impl Canaries {
    fn of(provider: &Provider) -> Self {
        let [refused, limited, good] = [101, 102, 103].map(|seed| provider.secret(seed));
        Self {
            refused,
            limited,
            good,
        }
    }

    fn all(&self) -> [&str; 3] {
        [&self.refused, &self.limited, &self.good]
    }
}

/// Echoes `key` wherever an answer has room.
fn echo(answer: Answer, provider: &Provider, key: &str) -> Answer {
    let (name, prefix) = provider.header;
    answer
        .header("x-echo", key)
        .header("x-ratelimit-limit-requests", key)
        .header("www-authenticate", &format!("{prefix}realm=\"{key}\""))
        .header("set-cookie", &format!("{name}={key}"))
}

/// The upstream repeats what it was sent: in refusals, in limits, in answers and in streams.
fn lay(mock: &Mock, provider: &Provider, keys: &Canaries) {
    let said = |key: &str| format!("I was sent {}{key}.", provider.header.1);
    let told = |status, key: &str| echo(provider.error(status, &said(key)), provider, key);
    mock.on(When::key(&keys.refused), told(401, &keys.refused));
    let limited = told(429, &keys.limited).retry_after_seconds(60);
    mock.on(When::key(&keys.limited), limited);
    let good = keys.good.as_str();
    let answers = [
        echo(provider.whole(&said(good)), provider, good),
        echo(
            provider.streamed(&["Sent ", good, " to me."]),
            provider,
            good,
        ),
        told(500, good),
    ];
    mock.on(When::key(good), Script::sequence(answers));
}

#[tokio::test]
async fn no_key_is_anywhere_but_at_its_provider() {
    let mut setup = Setup::bare().env("FREELLMAPI_LOG", "trace");
    let mut mocks = Vec::new();
    for provider in ALL {
        let mock = Mock::start().await;
        let keys = Canaries::of(&provider);
        lay(&mock, &provider, &keys);
        setup = setup.official(provider.id).map(provider.host, &mock);
        for (n, key) in keys.all().into_iter().enumerate() {
            let priority = u32::try_from(n).unwrap_or(0) + 1;
            setup = setup.key(provider.key(key).priority(priority));
        }
        mocks.push((provider, mock, keys));
    }
    let mut server = setup.start().await;
    let mut seen = String::new();
    for (provider, mock, keys) in &mocks {
        mock.forget();
        talk(&server, provider, &mut seen).await;
        for key in keys.all() {
            let (name, prefix) = provider.header;
            let wanted = format!("{prefix}{key}");
            let requests = mock.requests();
            let in_place = requests
                .iter()
                .filter(|seen| seen.header(name) == Some(&wanted));
            assert!(
                in_place.count() > 0,
                "{}: the mock got no {name}: {wanted}",
                provider.id
            );
            for request in &requests {
                let elsewhere = request
                    .headers
                    .iter()
                    .filter(|(other, _)| !other.eq_ignore_ascii_case(name));
                let rest = format!(
                    "{} {} {:?} {:?}",
                    request.path,
                    request.query,
                    elsewhere.collect::<Vec<_>>(),
                    request.body
                );
                assert!(!rest.contains(key), "{}: {rest}", provider.id);
            }
        }
    }
    for command in [
        &["key", "list"][..],
        &["key", "list", "--json"],
        &["plugin", "list"],
        &["plugin", "list", "--json"],
        &["endpoint", "list"],
    ] {
        seen += &server.run(command).await.told();
    }
    let listed = server.run(["key", "list"]).await.printed();
    for id in listed
        .split_whitespace()
        .filter(|word| word.starts_with("key-"))
    {
        seen += &server.run(["key", "test", id]).await.told();
    }
    seen += &server.printed().join("\n");
    assert!(server.log().contains("TRACE") || server.log().to_lowercase().contains("trace"));
    // Nor is what people ask, whatever the level.
    assert!(
        !server
            .log()
            .contains(&ask("any")["messages"][0]["content"].to_string())
    );
    server.stop().await;

    for (provider, _, keys) in &mocks {
        for key in keys.all() {
            for form in forms(key) {
                assert!(
                    !contains(seen.as_bytes(), &form),
                    "{} in\n{seen}",
                    text(&form)
                );
                if let Some(path) = found(server.home(), &form) {
                    panic!("{}: {} in {}", provider.id, text(&form), path.display());
                }
            }
        }
    }
    // The search itself finds what is there: the account's id is no secret.
    assert!(found(&server.data(), b"0123456789abcdef0123456789abcdef").is_some());
}

/// Lets the provider answer in all its ways, and keeps all that the client saw.
async fn talk(server: &Server, provider: &Provider, seen: &mut String) {
    let body = ask(&provider.name());
    let whole = server.chat(&body).await;
    assert_eq!(whole.status, 200, "{}: {}", provider.id, whole.text());
    assert_eq!(
        whole.header("x-fallback-attempts"),
        Some("2"),
        "{}",
        provider.id
    );
    *seen += &all_of(&whole);
    let streamed = server.client.chat_open(&body).await;
    assert_eq!(streamed.status, 200, "{}", provider.id);
    *seen += &format!("{:?}\n", streamed.headers);
    let events = streamed.rest().await;
    assert!(events.text().starts_with("Sent "), "{events:?}");
    *seen += &format!("{}\n{}\n", events.data().join("\n"), events.text());
    let failed = server.chat(&body).await;
    assert_ne!(failed.status, 200, "{}", provider.id);
    *seen += &all_of(&failed);
    for target in [
        "/v1/models",
        &format!("/v1/models/{}", provider.name()),
        "/healthz",
    ] {
        *seen += &all_of(&server.client.send(Request::get(target)).await);
    }
}

fn all_of(reply: &Reply) -> String {
    format!("{:?}\n{}\n", reply.headers, reply.text())
}

/// The key itself, most of it, and what encodings make of it.
fn forms(key: &str) -> Vec<Vec<u8>> {
    let plain = key.as_bytes();
    let hex: String = plain.iter().map(|byte| format!("{byte:02x}")).collect();
    let wide: Vec<u8> = plain.iter().flat_map(|&byte| [byte, 0]).collect();
    let mut forms = vec![
        plain[..plain.len() * 3 / 4].to_vec(),
        plain[plain.len() / 4..].to_vec(),
        hex.into_bytes(),
        wide,
    ];
    // Base64 knows three alignments; without the edges, each of them is the same whatever stands around.
    forms.extend((0..3).map(|skip| base64(&plain[skip..skip + (plain.len() - skip) / 3 * 3])));
    forms
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let triple = |three: &[u8]| {
        let bits = three
            .iter()
            .fold(0_usize, |bits, &byte| bits << 8 | usize::from(byte));
        [18, 12, 6, 0].map(|shift| LETTERS[bits >> shift & 63])
    };
    bytes.chunks_exact(3).flat_map(triple).collect()
}

/// A file below `folder` that holds `needle`.
fn found(folder: &Path, needle: &[u8]) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let hit = if path.is_dir() {
            found(&path, needle)
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            contains(&bytes, needle).then_some(path)
        };
        if hit.is_some() {
            return hit;
        }
    }
    None
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn an_endpoints_key_is_kept_as_well_as_a_providers() {
    let mock = Mock::start().await;
    let key = "sk-canary-of-a-custom-endpoint-0123456789";
    mock.on(
        "mock-model",
        echo(GROQ.error(400, &format!("Sent {key}.")), &GROQ, key),
    );
    let mut server = Setup::new()
        .env("FREELLMAPI_LOG", "trace")
        .endpoint(Endpoint::new("local", &mock).key(key))
        .start()
        .await;
    let reply = server.chat(&ask("local/mock-model")).await;
    assert_eq!(reply.status, 400);
    assert!(
        mock.requests()
            .iter()
            .any(|seen| seen.bearer() == Some(key))
    );
    let listed = server.run(["endpoint", "list"]).await.told();
    server.stop().await;
    for form in forms(key) {
        assert!(
            !contains(all_of(&reply).as_bytes(), &form),
            "{}",
            all_of(&reply)
        );
        assert!(!contains(listed.as_bytes(), &form), "{listed}");
        assert_eq!(found(server.home(), &form), None);
    }
}

#[tokio::test]
async fn a_key_is_read_from_standard_input_and_never_shown() {
    let mock = Mock::start().await;
    let server = Setup::bare()
        .official(GROQ.id)
        .map(GROQ.host, &mock)
        .start()
        .await;
    let key = GROQ.secret(104);
    let added = server
        .run_with(["key", "add", GROQ.id], &format!("{key}\n"))
        .await;
    assert!(added.ok, "{}", added.told());
    assert!(added.stdout.starts_with("key-"), "{}", added.stdout);
    blackbox::until("the key added while it runs", async || {
        (server.chat(&ask(&GROQ.name())).await.status == 200).then_some(())
    })
    .await;
    assert!(
        mock.requests()
            .iter()
            .any(|seen| seen.bearer() == Some(&key))
    );
    let told = added.told() + &server.run(["key", "list", "--json"]).await.told();
    assert!(!told.contains(&key), "{told}");
    let id = added.stdout;
    server.run(["key", "remove", &id]).await.printed();
    blackbox::until("the key removed while it runs", async || {
        (server.chat(&ask(&GROQ.name())).await.status != 200).then_some(())
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_opens_the_vault_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let mock = Mock::start().await;
    let setup = Setup::bare().own_secret().map(GROQ.host, &mock);
    let mut server = setup
        .official(GROQ.id)
        .key(GROQ.key(&GROQ.secret(105)))
        .start()
        .await;
    let path = found(server.home(), b"ENCRYPTION_KEY=").expect("a file with the key");
    let mode = path.metadata().expect("its mode").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    // With another key it says so, and loses nothing.
    server.stop().await;
    let kept = std::fs::read_to_string(&path).expect("the file");
    let other = format!("ENCRYPTION_KEY={}\n", "ab".repeat(32));
    std::fs::write(&path, other).expect("the file");
    let refused = server.run(["serve", "--port", "0"]).await;
    assert!(
        !refused.ok && refused.told().contains("ENCRYPTION_KEY"),
        "{}",
        refused.told()
    );
    std::fs::write(&path, kept).expect("the file");
    server.restart().await;
    assert_eq!(server.chat(&ask(&GROQ.name())).await.status, 200);
}
