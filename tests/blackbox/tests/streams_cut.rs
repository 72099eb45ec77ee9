//! What happens after content has gone out, while a client waits, and when it leaves.

use blackbox::{Endpoint, Event, Server, Setup};
use mock_upstream::{Answer, Gate, Mock, When, fault};
use serde_json::{Value, json};

fn ask() -> Value {
    json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi" }] })
}

async fn two(setup: Setup, first: &Mock, second: &Mock) -> Server {
    setup
        .endpoint(Endpoint::new("first", first).model("m").priority(1))
        .endpoint(Endpoint::new("second", second).model("m").priority(2))
        .start()
        .await
}

#[tokio::test]
async fn a_stream_that_breaks_after_content_ends_in_an_error() {
    let rows = [
        "cut-stream",
        "reset-stream",
        "stalled-stream",
        "malformed-event",
        "late-error-event",
    ];
    let (first, second) = (Mock::start().await, Mock::start().await);
    let mut setup = Setup::new()
        .env("FREELLMAPI_IDLE_TIMEOUT_MS", 700)
        .endpoint(Endpoint::new("second", &second).model("m").priority(2));
    // One endpoint each: a broken one rests.
    for name in rows {
        first.on(
            When::path(&format!("/{name}/")),
            fault(name).expect("a fault"),
        );
        let endpoint = Endpoint::at(name, &first, &format!("/{name}/v1"));
        setup = setup.endpoint(endpoint.model("m").model(name).priority(1));
    }
    let server = setup.start().await;
    for name in rows {
        let mut body = ask();
        body["model"] = json!(name);
        let streamed = server.client.chat_open(&body).await;
        assert_eq!(streamed.status, 200, "{name}");
        let via = format!("{name}/{name}");
        assert_eq!(streamed.header("x-routed-via"), Some(via.as_str()));
        let events = streamed.rest().await;
        assert!(!events.broken, "{name}: it ends in order: {events:?}");
        assert_eq!(
            events
                .data()
                .iter()
                .filter(|data| **data == "[DONE]")
                .count(),
            0,
            "{name}"
        );
        let error = events.error();
        let error = error.unwrap_or_else(|| panic!("{name}: no error at the end of {events:?}"));
        assert!(
            error["message"].is_string() && error["code"].is_string(),
            "{name}: {error}"
        );
        assert!(events.text().starts_with("Hello"), "{name}: {events:?}");
        assert_eq!(events.finish(), None, "{name}: {events:?}");
    }
    assert!(second.requests().is_empty());
}

#[tokio::test]
async fn a_finished_answer_needs_no_done() {
    let mock = Mock::start().await;
    mock.on(When::any(), fault("missing-done").expect("a fault"));
    let server = two(Setup::new(), &mock, &mock).await;
    let events = server.chat_stream(&ask()).await;
    assert!(events.is_whole(), "{events:?}");
    assert_eq!(events.text(), "Hello there.");
    assert_eq!(mock.requests().len(), 1);
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_upstream_call_with_it() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    let server = two(Setup::new(), &first, &second).await;
    let held = Gate::new();
    let events = mock_upstream::openai::stream("m", &["Hello"], false);
    // Before the head; after the head; in the middle of the content.
    let rows = [
        Answer::usual().hold(&held),
        Answer::stream().then_hold(&held),
        Answer::sse(&events[..2]).then_hold(&held),
    ];
    let mut left = 0;
    for (n, answer) in rows.into_iter().enumerate() {
        for stream in [false, true] {
            first.heal();
            first.on(When::any(), answer.clone());
            let (client, mut body) = (server.client.clone(), ask());
            body["stream"] = json!(stream);
            let before = held.arrivals();
            let asking = tokio::spawn(async move {
                let mut streamed = client.chat_open(&body).await;
                while streamed.next().await.is_some() {}
            });
            held.arrived(before + 1).await;
            assert_eq!(first.counters().cancelled, left, "row {n}: too early");
            asking.abort();
            left += 1;
            let seen = first.wait_for_cancelled(left).await;
            seen.unwrap_or_else(|error| panic!("row {n}, stream {stream}: {error}"));
        }
    }
    assert!(
        second.requests().is_empty(),
        "nobody else is asked for a client that left"
    );
    first.heal();
    assert_eq!(
        server.chat(&ask()).await.status,
        200,
        "and the endpoint is none the worse"
    );
    assert!(second.requests().is_empty());
}

#[tokio::test]
async fn a_waiting_client_is_kept_alive_and_failover_goes_on() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    let server = two(
        Setup::new().env("FREELLMAPI_KEEPALIVE_MS", 150),
        &first,
        &second,
    )
    .await;
    let gate = Gate::new();
    first.on(
        When::any(),
        fault("status-500").expect("a fault").hold(&gate),
    );
    let mut streamed = server.client.chat_open(&ask()).await;
    assert_eq!(
        streamed.status, 200,
        "the head comes while the first upstream is silent"
    );
    for n in 0..3 {
        let event = streamed.next().await;
        let Some(Event::Comment(text)) = &event else {
            panic!("{n}: {event:?}")
        };
        assert_eq!(text, "keep-alive");
    }
    assert!(second.requests().is_empty());
    gate.open();
    let events = streamed.rest().await;
    assert!(events.is_whole(), "{events:?}");
    assert_eq!(events.text(), "Hello from the mock.");
    assert_eq!(second.requests().len(), 1);
}

#[tokio::test]
async fn a_client_that_was_kept_alive_in_vain_gets_an_error_event() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    let server = two(
        Setup::new().env("FREELLMAPI_KEEPALIVE_MS", 150),
        &first,
        &second,
    )
    .await;
    let gate = Gate::new();
    for mock in [&first, &second] {
        mock.on(
            When::any(),
            fault("status-500").expect("a fault").hold(&gate),
        );
    }
    let mut streamed = server.client.chat_open(&ask()).await;
    assert_eq!(streamed.status, 200);
    let event = streamed.next().await;
    assert!(matches!(event, Some(Event::Comment(_))), "{event:?}");
    gate.open();
    let events = streamed.rest().await;
    assert!(!events.broken, "{events:?}");
    let error = events
        .error()
        .unwrap_or_else(|| panic!("no error in {events:?}"));
    assert_eq!(error["code"], "upstream_failed");
    assert!(!events.data().contains(&"[DONE]"));
}

#[tokio::test]
async fn no_keep_alive_is_sent_to_who_wants_a_whole_answer() {
    let mock = Mock::start().await;
    let server = Setup::new()
        .env("FREELLMAPI_KEEPALIVE_MS", 50)
        .endpoint(Endpoint::new("local", &mock).model("m"))
        .start()
        .await;
    let delay = std::time::Duration::from_millis(300);
    mock.on(
        When::any(),
        Answer::error(400, "invalid_request_error", "No.").delay(delay),
    );
    let reply = server.chat(&ask()).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
}
