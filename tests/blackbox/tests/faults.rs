//! Upstreams that fail before the first content: the next one answers and the client sees only that; with
//! no next one the client is told in its dialect.

mod table;

use std::time::Duration;

use blackbox::{Endpoint, Server, Setup};
use mock_upstream::{Mock, Settings, When};
use serde_json::{Value, json};
use tokio::task::{JoinError, JoinSet};

use table::{Mode, Row, rows};

/// Timers short enough to wait for, and long enough for a healthy upstream on a loaded machine.
const SHORT: &str = "1200";

fn short(setup: Setup) -> Setup {
    ["CONNECT", "HEADERS", "FIRST_CONTENT", "IDLE"]
        .into_iter()
        .fold(setup, |setup, name| {
            setup.env(&format!("FREELLMAPI_{name}_TIMEOUT_MS"), SHORT)
        })
}

fn ask(model: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": "Hi" }] })
}

/// What a client sees of one answer, whichever way it asked.
#[derive(Debug)]
struct Seen {
    status: u16,
    headers: http::HeaderMap,
    text: String,
    /// Of an error: its code.
    code: Option<String>,
    /// Whole, in the way of its dialect.
    whole: bool,
}

async fn see(server: &blackbox::Client, model: &str, mode: Mode) -> Seen {
    let whole = match mode {
        Mode::Whole => server.chat(&ask(model)).await,
        Mode::Stream => {
            let streamed = server.chat_open(&ask(model)).await;
            if streamed.status == 200 {
                let (status, headers) = (streamed.status, streamed.headers.clone());
                let events = streamed.rest().await;
                return Seen {
                    status,
                    headers,
                    text: events.text(),
                    code: code(&events),
                    whole: events.is_whole(),
                };
            }
            streamed.whole().await
        }
    };
    let good = whole.status == 200;
    Seen {
        status: whole.status,
        text: good.then(|| whole.content()).flatten().unwrap_or_default(),
        code: if good { None } else { whole.code() },
        whole: good,
        headers: whole.headers,
    }
}

fn code(events: &blackbox::Events) -> Option<String> {
    events.error()?["code"].as_str().map(str::to_owned)
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }
}

/// A server with an endpoint of its own for each case, named and with a model named after it, whose
/// upstream `bad` plays the row's fault.
async fn with_faults(bad: &Mock, more: Option<Endpoint>) -> Server {
    let mut setup = short(Setup::new());
    for row in rows() {
        for (case, _) in row.cases() {
            let path = format!("/{case}/v1");
            bad.on(When::path(&format!("/{case}/")), row.script());
            let endpoint = Endpoint::at(&case, bad, &path).model(&format!("m-{case}"));
            setup = setup.endpoint(endpoint.priority(1));
        }
    }
    more.into_iter().fold(setup, Setup::endpoint).start().await
}

/// Checks every case, some at a time, and tells of all that are wrong.
async fn check(server: &Server, look: fn(&Row, &str, Mode, &Seen) -> Result<(), String>) {
    let (mut wrong, mut running) = (Vec::new(), JoinSet::new());
    let why = |done: Result<Result<(), String>, JoinError>| {
        let looked = done.unwrap_or_else(|error| Err(error.to_string()));
        looked.err()
    };
    for row in rows() {
        for (case, mode) in row.cases() {
            if running.len() == 12 {
                wrong.extend(running.join_next().await.and_then(why));
            }
            let (client, row) = (server.client.clone(), row.clone());
            running.spawn(async move {
                let seen = see(&client, &format!("m-{case}"), mode).await;
                look(&row, &case, mode, &seen).map_err(|why| format!("{case}: {why}\n    {seen:?}"))
            });
        }
    }
    while let Some(done) = running.join_next().await {
        wrong.extend(why(done));
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test]
async fn the_next_endpoint_answers_and_the_client_sees_only_that() {
    let bad = Mock::start().await;
    let all: Vec<_> = rows()
        .iter()
        .flat_map(|row| row.cases().collect::<Vec<_>>())
        .collect();
    let models: Vec<_> = all.iter().map(|(case, _)| format!("m-{case}")).collect();
    let settings = Settings::default().models(models.iter().map(String::as_str));
    let good = Mock::with(settings).await;
    let server = with_faults(&bad, Some(Endpoint::new("good", &good).priority(2))).await;
    check(&server, |row, case, _, seen| {
        let all = seen.status == 200 && seen.whole && seen.text == "Hello from the mock.";
        if !all {
            return Err("the good endpoint's answer was expected".to_owned());
        }
        let via = format!("good/m-{case}");
        let trail = seen.header("x-fallback-trail");
        let hop = trail.strip_prefix(&format!("{case}/m-{case}="));
        if seen.header("x-routed-via") != via || seen.header("x-fallback-attempts") != "1" {
            return Err(format!("the headers should tell of one hop to {via}"));
        }
        match hop {
            Some(kind) if row.kinds.contains(&kind) => Ok(()),
            _ => Err(format!("the trail should name one of {:?}", row.kinds)),
        }
    })
    .await;
}

#[tokio::test]
async fn alone_each_fault_is_told_in_the_clients_dialect() {
    let bad = Mock::start().await;
    let server = with_faults(&bad, None).await;
    check(&server, |row, _, _, seen| {
        let (status, code) = row.alone;
        if seen.status != status || seen.code.as_deref() != Some(code) {
            return Err(format!("{status} {code} was expected"));
        }
        let Some(wait) = &row.wait else { return Ok(()) };
        match seen.header("retry-after").parse() {
            Ok(seconds) if wait.contains(&seconds) => Ok(()),
            _ => Err(format!("a Retry-After in {wait:?} was expected")),
        }
    })
    .await;
}

#[tokio::test]
async fn white_space_before_an_answer_is_no_fault() {
    let mock = Mock::start().await;
    mock.on(
        When::any(),
        mock_upstream::fault("whitespace").expect("it is there"),
    );
    let server = Setup::new()
        .endpoint(Endpoint::new("local", &mock).model("m"))
        .start()
        .await;
    let reply = server.chat(&ask("m")).await;
    assert_eq!(
        reply.content().as_deref(),
        Some("Hello there."),
        "{}",
        reply.text()
    );
    assert_eq!(reply.header("x-fallback-attempts"), None);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let mock = Mock::start().await;
    mock.on(
        When::any(),
        mock_upstream::fault("huge-body").expect("it is there"),
    );
    let server = Setup::new()
        .endpoint(Endpoint::new("local", &mock).model("m"))
        .start()
        .await;
    let reply = server.chat(&ask("m")).await;
    assert_eq!(reply.status, 502, "{}", reply.text());
    assert_eq!(reply.code().as_deref(), Some("upstream_failed"));
    mock.wait_for_cancelled(1)
        .await
        .expect("the rest is not wanted");
}

#[tokio::test]
async fn what_the_client_did_wrong_is_told_and_nobody_else_is_asked() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    let refusal = || mock_upstream::Answer::error(400, "invalid_request_error", "Not so.");
    first.on("m", refusal());
    let server = Setup::new()
        .endpoint(Endpoint::new("first", &first).model("m").priority(1))
        .endpoint(Endpoint::new("second", &second).model("m").priority(2))
        .start()
        .await;
    for _ in 0..2 {
        let reply = server.chat(&ask("m")).await;
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert!(reply.text().contains("Not so."), "{}", reply.text());
    }
    assert!(second.requests().is_empty());
    assert_eq!(
        first.requests().len(),
        2,
        "nothing cools for a client's mistake"
    );
}

#[tokio::test]
async fn hops_are_bounded_in_number() {
    let (bad, good) = (Mock::start().await, Mock::start().await);
    bad.on(
        When::any(),
        mock_upstream::fault("status-500").expect("it is there"),
    );
    let mut setup = Setup::new().env("FREELLMAPI_MAX_ATTEMPTS", 3);
    for n in 1..=4 {
        let endpoint = Endpoint::at(&format!("bad{n}"), &bad, &format!("/{n}/v1"));
        setup = setup.endpoint(endpoint.model("m").priority(n));
    }
    let last = Endpoint::new("good", &good).model("m").priority(9);
    let server = setup.endpoint(last).start().await;
    let reply = server.chat(&ask("m")).await;
    assert_eq!(reply.status, 502, "{}", reply.text());
    let paths: Vec<_> = bad
        .requests()
        .iter()
        .map(|seen| seen.path.clone())
        .collect();
    let wanted = [
        "/1/v1/chat/completions",
        "/2/v1/chat/completions",
        "/3/v1/chat/completions",
    ];
    assert_eq!(paths, wanted);
    assert_eq!(reply.header("x-fallback-attempts"), Some("3"));
    let trail = reply
        .header("x-fallback-trail")
        .unwrap_or_default()
        .to_owned();
    assert_eq!(trail.split("; ").count(), 3, "{trail}");
    assert!(good.requests().is_empty());
}

#[tokio::test]
async fn the_budget_ends_a_request_whoever_is_left() {
    let silent = Mock::start().await;
    silent.on(
        When::any(),
        mock_upstream::fault("silence").expect("it is there"),
    );
    let mut setup = Setup::new()
        .env("FREELLMAPI_HEADERS_TIMEOUT_MS", 700)
        .env("FREELLMAPI_REQUEST_BUDGET_MS", 1000);
    for n in 1..=9 {
        let endpoint = Endpoint::at(&format!("silent{n}"), &silent, &format!("/{n}/v1"));
        setup = setup.endpoint(endpoint.model("m").priority(n));
    }
    let server = setup.start().await;
    let started = std::time::Instant::now();
    let reply = server.chat(&ask("m")).await;
    assert_eq!(reply.status, 504, "{}", reply.text());
    assert_eq!(reply.code().as_deref(), Some("upstream_timeout"));
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    assert!(
        (1..=2).contains(&silent.requests().len()),
        "{}",
        silent.requests().len()
    );
}
