//! The tests' own tools, against the mock alone: what they would not notice no test would.

use std::io::Read as _;

use blackbox::{Client, Event, Request, gzip, gzip_bomb, with_section};
use mock_upstream::{Answer, Mock, When, fault};

use crate::providers::{GOOGLE, GROQ, OPENROUTER, ask};

fn client(mock: &Mock) -> Client {
    Client {
        address: mock.address(),
        key: "freellmapi-of-the-tools".to_owned(),
    }
}

#[tokio::test]
async fn the_client_sends_what_it_is_told() {
    let mock = Mock::start().await;
    let client = client(&mock);
    let chunked = Request::new("POST", "/v1/a?b=c").chunked();
    client
        .send(chunked.body("12").body("345").header("x-a", "b"))
        .await;
    client.send(Request::get("/v1/models").anonymous()).await;
    client.send(Request::get("/v1/models").key("other")).await;
    let seen = mock.requests();
    assert_eq!(seen[0].body, "12345");
    assert_eq!(seen[0].header("transfer-encoding"), Some("chunked"));
    assert_eq!(seen[0].header("content-length"), None);
    assert_eq!(
        (seen[0].query.as_str(), seen[0].header("x-a")),
        ("b=c", Some("b"))
    );
    let bearers: Vec<_> = seen.iter().map(mock_upstream::Recorded::bearer).collect();
    assert_eq!(
        bearers,
        [Some("freellmapi-of-the-tools"), None, Some("other")]
    );
}

#[tokio::test]
async fn the_client_tells_whole_streams_from_broken_ones() {
    let mock = Mock::start().await;
    let client = client(&mock);
    // The fault, whether the stream is whole, whether it broke.
    let rows = [
        ("healthy", true, false),
        ("missing-done", false, false),
        ("cut-stream", false, true),
        ("reset-stream", false, true),
        ("every-byte", true, false),
    ];
    for (name, whole, broken) in rows {
        mock.heal();
        if let Some(answer) = fault(name) {
            mock.on(When::any(), answer);
        }
        let events = client.chat_stream(&ask("m")).await;
        assert_eq!(
            (events.is_whole(), events.broken),
            (whole, broken),
            "{name}: {events:?}"
        );
        assert!(events.text().starts_with("Hello"), "{name}");
    }
    mock.heal();
    let twice = Answer::stream()
        .body(": keep-alive\n\n")
        .event("{\"error\":{\"code\":\"x\"}}");
    mock.on(When::any(), twice);
    let events = client.chat_stream(&ask("m")).await;
    assert_eq!(events.all[0], Event::Comment("keep-alive".to_owned()));
    assert_eq!(events.comments(), 1);
    assert_eq!(
        events.error().map(|error| error["code"].clone()),
        Some("x".into())
    );
}

#[tokio::test]
async fn dropping_an_answer_is_leaving() {
    let mock = Mock::start().await;
    mock.on(When::any(), fault("stalled-stream").expect("a fault"));
    let mut streamed = client(&mock).chat_open(&ask("m")).await;
    assert!(streamed.next().await.is_some());
    assert_eq!(mock.counters().cancelled, 0);
    drop(streamed);
    mock.wait_for_cancelled(1)
        .await
        .expect("the mock sees it leave");
}

#[test]
fn gzip_files_and_bombs_are_gzip() {
    let data: Vec<u8> = (0..200_000_u32)
        .map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1])
        .collect();
    assert_eq!(unpacked(&gzip(&data)), data);
    let bomb = gzip_bomb(1 << 20);
    assert!(bomb.len() < 8000, "{}", bomb.len());
    let spaces = unpacked(&bomb);
    assert!(spaces.len() >= 1 << 20 && spaces.iter().all(|byte| *byte == b' '));
}

/// What the system's own tool makes of it.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    std::io::Write::write_all(&mut file, bytes).expect("it takes them");
    let child = std::process::Command::new("gzip")
        .arg("-dc")
        .stdin(file.reopen().expect("a file"))
        .stdout(std::process::Stdio::piped())
        .spawn();
    let mut child = child.expect("gzip is there");
    let mut out = Vec::new();
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_to_end(&mut out).expect("its output");
    assert!(child.wait().expect("its status").success());
    out
}

#[test]
fn secrets_have_their_providers_form() {
    for (provider, prefix, length) in [
        (GROQ, "gsk_", 56),
        (GOOGLE, "AIza", 39),
        (OPENROUTER, "sk-or-v1-", 73),
    ] {
        let (one, two) = (provider.secret(1), provider.secret(2));
        assert!(one.starts_with(prefix) && one.len() == length, "{one}");
        assert_eq!(one, provider.secret(1));
        assert_ne!(one, two);
    }
}

#[test]
fn a_section_changes_the_bytes_and_only_at_the_end() {
    let module = b"\0asm\x0d\0\x01\0";
    let changed = with_section(module, "one");
    assert_eq!(&changed[..8], module);
    assert_eq!(&changed[8..], b"\0\x08\x04testone");
}
