//! How an upstream's stream is cut into network reads changes nothing for the client.

use std::time::Duration;

use blackbox::{Endpoint, Server, Setup};
use mock_upstream::{Answer, Framing, Gate, Mock, Pause, Piece, When, fault, openai};
use serde_json::{Value, json};

fn ask() -> Value {
    json!({ "model": "mock-model", "messages": [{ "role": "user", "content": "Hi" }],
        "stream_options": { "include_usage": true } })
}

async fn server(mock: &Mock) -> Server {
    Setup::new()
        .endpoint(Endpoint::new("local", mock).model("mock-model"))
        .start()
        .await
}

/// A stream with characters of two to four bytes, both line ends, a comment, and data in two lines.
fn awkward() -> Vec<u8> {
    let events = openai::stream("mock-model", &["Z\u{fc}", " \u{20ac}", " \u{1f642}."], true);
    let mut text = ": a comment\n\n".to_owned();
    for (n, event) in events.iter().enumerate() {
        let end = if n % 2 == 0 { "\r\n" } else { "\n" };
        // The first comma outside of strings follows the id: a line may end there.
        let event = event.replacen(',', &format!(",{end}data: "), usize::from(n == 1));
        text.push_str(&format!("data: {event}{end}{end}"));
    }
    text.push_str("data: [DONE]\n\n");
    text.into_bytes()
}

/// `bytes` as a stream whose chunks end after each of `ends`.
fn in_parts(bytes: &[u8], ends: &[usize]) -> Answer {
    let mut answer = Answer::stream();
    let mut from = 0;
    for &end in ends.iter().chain([&bytes.len()]) {
        answer = answer.body(bytes[from..end].to_vec());
        from = end;
    }
    answer
}

#[tokio::test]
async fn a_stream_split_at_every_byte_is_the_same_stream() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let bytes = awkward();
    mock.on(When::any(), in_parts(&bytes, &[]));
    let plain = server.chat_stream(&ask()).await;
    assert!(plain.is_whole(), "{plain:?}");
    assert_eq!(plain.text(), "Z\u{fc} \u{20ac} \u{1f642}.");
    assert_eq!(plain.finish().as_deref(), Some("stop"));
    assert_eq!(
        plain
            .chunks()
            .last()
            .map(|last| last["usage"]["total_tokens"].clone()),
        Some(json!(14))
    );
    for at in 1..bytes.len() {
        mock.heal();
        // The second part is written only once the first one has had time to be read by itself.
        let gate = Gate::new();
        let mut answer = in_parts(&bytes, &[at]);
        answer
            .body
            .insert(1, Piece::Pause(Pause::Gate(gate.clone())));
        mock.on(When::any(), answer);
        let open = async {
            gate.arrived(1).await;
            // That the server has read tells nobody: a moment makes it likely, 900 times over.
            tokio::time::sleep(Duration::from_millis(1)).await;
            gate.open();
        };
        let body = ask();
        let (split, ()) = tokio::join!(server.chat_stream(&body), open);
        assert!(split.is_whole(), "at {at}: {split:?}");
        assert_eq!(split.chunks(), plain.chunks(), "at {at}");
    }
}

#[tokio::test]
async fn a_stream_of_single_bytes_is_the_same_stream() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let bytes = awkward();
    let plain = async |answer: Answer| {
        mock.heal();
        mock.on(When::any(), answer);
        server.chat_stream(&ask()).await
    };
    let whole = plain(in_parts(&bytes, &[])).await;
    for answer in [
        in_parts(&bytes, &[]).every_byte(),
        in_parts(&bytes, &[]).framing(Framing::Length),
        in_parts(&bytes, &[]).framing(Framing::UntilClose),
    ] {
        let framing = answer.framing;
        let events = plain(answer).await;
        assert!(events.is_whole(), "{framing:?}: {events:?}");
        assert_eq!(events.chunks(), whole.chunks(), "{framing:?}");
    }
    for name in ["crlf", "every-byte"] {
        let events = plain(fault(name).expect("a fault")).await;
        assert!(events.is_whole(), "{name}: {events:?}");
        assert_eq!(events.text(), "Hello there.", "{name}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let bytes = awkward();
    for at in 1..4 {
        mock.heal();
        let marked = ["\u{feff}".as_bytes(), bytes.as_slice()].concat();
        mock.on(When::any(), in_parts(&marked, &[at]));
        let events = server.chat_stream(&ask()).await;
        assert!(events.is_whole(), "{events:?}");
        assert_eq!(events.text(), "Z\u{fc} \u{20ac} \u{1f642}.");
    }
}

#[tokio::test]
async fn events_are_passed_on_when_they_come() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    let gate = Gate::new();
    let events = openai::stream("mock-model", &["one", "two"], false);
    let mut answer = Answer::stream();
    for event in &events {
        answer = answer.event(event).then_hold(&gate);
    }
    mock.on(When::any(), answer.done());
    let mut streamed = server.client.chat_open(&ask()).await;
    let mut text = String::new();
    for n in 1..=events.len() {
        gate.arrived(n).await;
        // The role's event may be held back until there is content; from then on each comes by itself.
        while n > 1 && n < 4 && text.len() < 3 * (n - 1) {
            let event = streamed.next().await.expect("the next word");
            let blackbox::Event::Data(data) = event else {
                continue;
            };
            let chunk: Value = serde_json::from_str(&data).expect("JSON");
            text += chunk["choices"][0]["delta"]["content"]
                .as_str()
                .unwrap_or_default();
        }
        gate.pass(1);
    }
    assert!(streamed.rest().await.is_whole());
    assert_eq!(text, "onetwo");
}

#[tokio::test]
async fn a_whole_answer_to_a_streaming_client_becomes_a_stream() {
    let mock = Mock::start().await;
    let server = server(&mock).await;
    mock.on(
        When::any(),
        Answer::json(200, &openai::whole("mock-model", "All at once.")),
    );
    let events = server.chat_stream(&ask()).await;
    assert!(events.is_whole(), "{events:?}");
    assert_eq!(events.text(), "All at once.");
    assert_eq!(events.finish().as_deref(), Some("stop"));
}
