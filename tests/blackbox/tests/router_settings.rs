//! What an operator may choose of the router: times of one provider, a second call where the first is late, a note for
//! the model that takes over, and checks of keys.

use std::time::{Duration, Instant};

use blackbox::{Endpoint, Request, Server, Setup, until};
use mock_upstream::{Answer, Gate, Mock, When, fault};
use serde_json::{Value, json};

use crate::providers::{GROQ, ask};

async fn two(setup: Setup, first: &Mock, second: &Mock) -> Server {
    setup
        .endpoint(
            Endpoint::new("first", first)
                .model("one")
                .model("m")
                .priority(1),
        )
        .endpoint(
            Endpoint::new("second", second)
                .model("two")
                .model("m")
                .priority(2),
        )
        .start()
        .await
}

#[tokio::test]
async fn one_provider_has_times_of_its_own() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    for mock in [&first, &second] {
        mock.on(When::any(), fault("silence").expect("a fault"));
    }
    let setup = Setup::new()
        .env("FREELLMAPI_HEADERS_TIMEOUT_MS", 60_000)
        .env(
            "FREELLMAPI_PROVIDER_TIMES",
            "first.headers=300,second.headers=200",
        );
    let server = two(setup, &first, &second).await;
    let began = Instant::now();
    let reply = server.chat(&ask("m")).await;
    assert_eq!(reply.status, 504, "{}", reply.text());
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "{:?}",
        began.elapsed()
    );
    let wrong = Setup::new().env("FREELLMAPI_PROVIDER_TIMES", "groq.colour=3");
    let ran = server.run_as(&wrong, ["key", "list"]).await;
    assert!(
        !ran.ok && ran.told().contains("groq.colour=3"),
        "{}",
        ran.told()
    );
}

#[tokio::test]
async fn a_late_answer_is_raced_by_one_more() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    let server = two(Setup::new().env("FREELLMAPI_HEDGE", true), &first, &second).await;
    // What its model usually takes is learnt first.
    for _ in 0..20 {
        assert!(server.chat_stream(&ask("m")).await.is_whole());
    }
    assert!(second.requests().is_empty());
    let gate = Gate::new();
    first.on(When::any(), Answer::usual().hold(&gate));
    let streamed = server.client.chat_open(&ask("m")).await;
    assert_eq!(streamed.header("x-routed-via"), Some("second/m"));
    assert_eq!(streamed.header("x-fallback-trail"), Some("first/m=late"));
    assert!(streamed.rest().await.is_whole());
    assert_eq!(second.requests().len(), 1, "one more at most");
    first
        .wait_for_cancelled(1)
        .await
        .expect("the loser is let go");
}

async fn say(server: &Server, text: &str) -> String {
    let body = json!({ "model": "auto", "messages": [{ "role": "user", "content": text }] });
    let request = Request::post("/v1/chat/completions", &body).header("x-session-id", "s");
    let reply = server.client.send(request).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.header("x-routed-via").unwrap_or_default().to_owned()
}

fn messages(mock: &Mock) -> Vec<Value> {
    let requests = mock.requests();
    let last = requests.last().expect("a request");
    let request: Value = serde_json::from_slice(&last.body).expect("JSON");
    request["messages"].as_array().expect("messages").clone()
}

#[tokio::test]
async fn a_model_that_takes_over_is_told_what_was_said() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    let endpoints = |setup: Setup| async {
        setup
            .endpoint(Endpoint::new("first", &first).model("one").priority(1))
            .endpoint(Endpoint::new("second", &second).model("two").priority(2))
            .start()
            .await
    };
    let server = endpoints(Setup::new().env("FREELLMAPI_CONTEXT_HANDOFF", "on_model_switch")).await;
    assert_eq!(say(&server, "My name is Ada.").await, "first/one");
    assert_eq!(say(&server, "Still there?").await, "first/one");
    assert_eq!(
        messages(&first).len(),
        1,
        "nothing is added while the model stays"
    );
    first.on(When::any(), fault("status-503").expect("a fault"));
    assert_eq!(say(&server, "What is my name?").await, "second/two");
    let seen = messages(&second);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0]["role"], "system");
    let note = seen[0]["content"].as_str().expect("a text");
    assert!(
        note.contains("My name is Ada.") && note.contains("(one)"),
        "{note}"
    );

    first.heal();
    let off = endpoints(Setup::new()).await;
    assert_eq!(say(&off, "Hello.").await, "first/one");
    first.on(When::any(), fault("status-503").expect("a fault"));
    assert_eq!(say(&off, "Again.").await, "second/two");
    assert_eq!(messages(&second).len(), 1, "off unless asked for");
}

#[tokio::test]
async fn a_key_that_is_refused_in_traffic_is_checked_at_once() {
    let mock = Mock::start().await;
    let (dead, good) = (GROQ.secret(1), GROQ.secret(2));
    mock.on(When::key(&dead), GROQ.error(401, "Invalid API Key"));
    let server = Setup::bare()
        .official(GROQ.id)
        .map(GROQ.host, &mock)
        .key(GROQ.key(&dead).priority(1))
        .key(GROQ.key(&good).priority(2))
        .start()
        .await;
    let reply = server.chat(&ask(&GROQ.name())).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    until("the check", async || {
        let requests = mock.requests();
        let checked = requests.iter().filter(|seen| seen.method == "GET");
        let keys: Vec<_> = checked
            .map(|seen| seen.bearer().map(str::to_owned))
            .collect();
        (!keys.is_empty()).then(|| assert_eq!(keys, [Some(dead.clone())]))
    })
    .await;
    until("its health", async || {
        let listed = server.run(["key", "list"]).await.printed();
        listed.contains("invalid").then_some(())
    })
    .await;
    // Nobody else was asked about, and the dead key is not tried again.
    assert_eq!(
        server
            .chat(&ask(&GROQ.name()))
            .await
            .header("x-fallback-attempts"),
        None
    );
}
