//! Faults before the first content, and what is no fault.

use blackbox::{Endpoint, Event, Setup, until};
use mock_upstream::{Answer, Gate, Mock, When, fault, openai};
use serde_json::json;

use super::{LIMIT_MS, Pair, all, ask, milliseconds, settings, setup, words};

fn named(name: &str) -> Answer {
    fault(name).expect("a fault of this name")
}

#[tokio::test]
async fn f01_a_429_with_retry_after_is_waited_out() {
    let pair = Pair::start().await;
    pair.first
        .on(When::any(), named("retry-after-seconds").times(1));
    pair.falls_to_the_second(&["rate-limited"]).await;
    assert_eq!(pair.asked(), (1, 2), "it is left alone while it rests");
    until("the first to be used again", async || {
        pair.whole().await;
        (pair.asked().0 > 1).then_some(())
    })
    .await;
    let requests = pair.first.requests();
    let rested = requests[1].at - requests[0].at;
    assert!(rested >= milliseconds(2_000), "{rested:?}");
}

#[tokio::test]
async fn f02_a_429_that_says_nothing_is_not_hammered() {
    let pair = Pair::start().await;
    pair.first.on(When::any(), named("status-429"));
    pair.falls_to_the_second(&["rate-limited"]).await;
    for _ in 0..20 {
        assert_eq!(pair.whole().await.status, 200);
    }
    assert_eq!(pair.asked(), (1, 22));
}

#[tokio::test]
async fn f03_one_500_costs_the_client_nothing() {
    let pair = Pair::start().await;
    pair.first.on(When::any(), named("status-500").times(1));
    pair.falls_to_the_second(&["upstream-broken"]).await;
}

#[tokio::test]
async fn f04_a_503_that_lasts_is_left_alone() {
    let pair = Pair::start().await;
    pair.first.on(When::any(), named("status-503"));
    pair.falls_to_the_second(&["overloaded"]).await;
    for _ in 0..5 {
        all(&pair.stream().await);
    }
    assert_eq!(pair.asked().0, 1);
}

#[tokio::test]
async fn f05_a_reset_before_the_head_is_routed_around() {
    let pair = Pair::start().await;
    pair.first.on(When::any(), named("reset"));
    pair.falls_to_the_second(&["unreachable", "upstream-broken"])
        .await;
}

#[tokio::test]
async fn f06_silence_is_left_once_and_for_all() {
    let pair = Pair::start().await;
    pair.first.on(When::any(), named("silence"));
    pair.falls_to_the_second(&["timeout"]).await;
    assert_eq!(pair.asked(), (1, 2));
    pair.first
        .wait_for_cancelled(1)
        .await
        .expect("the silent one is let go");
}

#[tokio::test]
async fn f07_a_late_first_token_is_waited_for_within_its_limit() {
    let pair = Pair::with(
        setup()
            .env("FREELLMAPI_FIRST_CONTENT_TIMEOUT_MS", 15_000)
            .env("FREELLMAPI_KEEPALIVE_MS", 100),
    )
    .await;
    let gate = Gate::new();
    let texts = words();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let late = Answer::sse(openai::stream("m", &texts, true))
        .done()
        .pause_at(0, mock_upstream::Pause::Gate(gate.clone()));
    pair.first.on(When::any(), late);
    let mut streamed = pair.server.client.chat_open(&ask()).await;
    for _ in 0..3 {
        let event = streamed.next().await;
        assert!(matches!(event, Some(Event::Comment(_))), "{event:?}");
    }
    gate.open();
    all(&streamed.rest().await);
    assert_eq!(pair.asked(), (1, 0), "nobody else was bothered");
}

#[tokio::test]
async fn f07_beyond_its_limit_it_is_left() {
    let pair = Pair::start().await;
    pair.first.on(When::any(), named("slow-first-token"));
    let began = std::time::Instant::now();
    all(&pair.stream().await);
    assert!(began.elapsed() >= milliseconds(LIMIT_MS));
    assert_eq!(pair.asked(), (1, 1));
}

#[tokio::test]
async fn f11_no_done_is_no_fault() {
    let pair = Pair::start().await;
    let texts = words();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let events = openai::stream("m", &texts, true);
    pair.first.on(When::any(), Answer::sse(&events));
    all(&pair.stream().await);
    // Nor is a connection that breaks once all is said.
    let said = Answer::sse(&events[..events.len() - 1]);
    let bytes = said.body_len();
    pair.first.heal();
    pair.first.on(When::any(), said.cut_after(bytes));
    all(&pair.stream().await);
    assert_eq!(pair.asked(), (2, 0));
}

#[tokio::test]
async fn f12_a_window_that_is_too_small_is_left_for_a_larger_one() {
    let pair = Pair::start().await;
    let too_long = || {
        Answer::error(
            400,
            "context_length_exceeded",
            "maximum context length is 8192 tokens",
        )
    };
    pair.first.on(When::any(), too_long());
    pair.falls_to_the_second(&["too-long"]).await;
    pair.second.on(When::any(), too_long());
    let reply = pair.whole().await;
    assert_eq!(reply.status, 413, "{}", reply.text());
    assert_eq!(reply.code().as_deref(), Some("context_length_exceeded"));
    // It says nothing against the keys.
    pair.first.heal();
    assert_eq!(pair.whole().await.header("x-routed-via"), Some("first/m"));
}

#[tokio::test]
async fn f13_a_refusal_by_a_filter_is_reported_and_not_routed_around() {
    let pair = Pair::start().await;
    let filtered = Answer::error(400, "content_policy_violation", "The prompt was flagged.");
    pair.first.on(When::any(), filtered);
    for _ in 0..2 {
        let reply = pair.whole().await;
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert!(reply.text().contains("flagged"), "{}", reply.text());
    }
    // As a finish reason it is an answer.
    let mut events = openai::stream("m", &["No"], false);
    let last = events.len() - 1;
    events[last] = events[last].replace("\"stop\"", "\"content_filter\"");
    pair.first.heal();
    pair.first.on(When::any(), Answer::sse(&events).done());
    let seen = pair.stream().await;
    assert_eq!(seen.finish().as_deref(), Some("content_filter"));
    assert_eq!(pair.asked(), (3, 0));
}

#[tokio::test]
async fn f15_one_that_flaps_is_left_probed_once_and_returned_to() {
    let pair = Pair::start().await;
    let gate = Gate::new();
    let probe = Answer::usual().hold(&gate);
    pair.first.on(
        When::any(),
        named("status-500").then(probe).then(Answer::usual()),
    );
    assert_eq!(pair.whole().await.header("x-routed-via"), Some("second/m"));
    // Its rest is not over: nobody tries it.
    for _ in 0..5 {
        assert_eq!(pair.whole().await.header("x-fallback-attempts"), None);
    }
    assert_eq!(pair.asked().0, 1);
    // At the end of its rest one request finds out, while the others go elsewhere.
    let client = pair.server.client.clone();
    let asking = tokio::spawn(async move {
        loop {
            let reply = client.chat(&ask()).await;
            if reply.header("x-routed-via") == Some("first/m") {
                return reply;
            }
            tokio::time::sleep(milliseconds(50)).await;
        }
    });
    gate.arrived(1).await;
    for _ in 0..5 {
        assert_eq!(pair.whole().await.header("x-routed-via"), Some("second/m"));
    }
    assert_eq!(pair.asked().0, 2, "one probe");
    gate.open();
    let reply = asking.await.expect("an answer");
    assert_eq!(reply.content(), Some(words().concat()));
    // It is well again.
    for _ in 0..3 {
        assert_eq!(pair.whole().await.header("x-routed-via"), Some("first/m"));
    }
}

#[tokio::test]
async fn f16_the_answer_names_who_gave_it_and_nobody_else_pays() {
    let (first, second) = (Mock::start().await, Mock::with(settings()).await);
    first.on(When::any(), named("status-500"));
    let server = Setup::new()
        .endpoint(Endpoint::new("first", &first).model("big").priority(1))
        .endpoint(Endpoint::new("second", &second).model("small").priority(2))
        .start()
        .await;
    let body = json!({ "model": "auto", "messages": ask()["messages"] });
    let reply = server.chat(&body).await;
    assert_eq!(reply.header("x-routed-via"), Some("second/small"));
    let answer = reply.json();
    assert_eq!(answer["model"], "small");
    let usage = json!({ "prompt_tokens": 11, "completion_tokens": 60, "total_tokens": 71 });
    assert_eq!(answer["usage"], usage, "that of the answer alone");
    let mut body = body;
    body["stream_options"] = json!({ "include_usage": true });
    let events = server.chat_stream(&body).await;
    let chunks = events.chunks();
    assert!(chunks.iter().all(|chunk| chunk["model"] == "small"));
    assert_eq!(chunks.last().expect("chunks")["usage"], usage);
}

#[tokio::test]
async fn exhaustion_is_told_as_the_operator_chose() {
    for (setup, status) in [
        (setup(), 503),
        (setup().env("FREELLMAPI_EXHAUSTED_STATUS", 429), 429),
    ] {
        let pair = Pair::with(setup).await;
        for mock in [&pair.first, &pair.second] {
            mock.on(When::any(), named("retry-after-seconds"));
        }
        let reply = pair.whole().await;
        assert_eq!(reply.status, status, "{}", reply.text());
        assert_eq!(reply.code().as_deref(), Some("all_keys_exhausted"));
        assert!(reply.header("retry-after").is_some());
    }
}
