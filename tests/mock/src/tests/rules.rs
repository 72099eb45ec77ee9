//! Scripts go to the requests they were laid for, and the recorder sees what arrived.

use serde_json::json;

use super::Raw;
use crate::{Answer, Gate, Mock, Script, Settings, When};

#[tokio::test]
async fn the_newest_matching_script_wins_and_counts() {
    let mock = Mock::start().await;
    let all = mock.on(When::any(), Answer::new(500));
    let model = mock.on("special", Answer::new(501));
    let path = mock.on("/other/", Answer::new(502));
    let key = mock.on(When::key("sk-1").and_model("special"), Answer::new(503));
    let rows = [
        ("/v1/chat/completions", "plain", "sk-1", 500),
        ("/v1/chat/completions", "special", "sk-2", 501),
        ("/other/chat/completions", "plain", "sk-2", 502),
        ("/v1/chat/completions", "special", "sk-1", 503),
        // Both the path's script and the older model's match.
        ("/other/chat/completions", "special", "sk-2", 502),
    ];
    let mut raw = Raw::open(&mock).await;
    for (target, model, key, status) in rows {
        let body = json!({ "model": model }).to_string();
        let key = format!("authorization: Bearer {key}\r\n");
        raw.send("POST", target, &key, &body).await;
        assert_eq!(raw.answer().await.status, status, "{target} {model} {key}");
    }
    let used = [all.used(), model.used(), path.used(), key.used()];
    assert_eq!(used, [1, 1, 2, 1]);
    mock.heal();
    raw.chat("plain", false).await;
    assert_eq!(raw.answer().await.status, 200);
}

#[tokio::test]
async fn answers_come_in_turn_and_the_last_repeats() {
    let mock = Mock::start().await;
    let rows: [(Script, &[u16]); 3] = [
        (Answer::new(429).then(Answer::new(503)), &[429, 503, 503]),
        (Answer::new(500).times(2), &[500, 500, 200, 200]),
        (Script::sequence([]), &[200, 200]),
    ];
    let mut raw = Raw::open(&mock).await;
    for (script, wanted) in rows {
        mock.heal();
        mock.on(When::any(), script);
        for &status in wanted {
            raw.chat("any", false).await;
            assert_eq!(raw.answer().await.status, status, "of {wanted:?}");
        }
    }
}

#[tokio::test]
async fn keys_are_found_wherever_clients_put_them() {
    let mock = Mock::with(Settings::default().key("sk-good")).await;
    let chat = "/v1/chat/completions";
    let rows = [
        (chat, "authorization: Bearer sk-good\r\n", 200),
        (chat, "x-api-key: sk-good\r\n", 200),
        (chat, "api-key: sk-good\r\n", 200),
        ("/v1/chat/completions?key=sk-good", "", 200),
        ("/v1/chat/completions?a=1&key=sk-good", "", 200),
        (chat, "authorization: Bearer sk-bad\r\n", 401),
        (chat, "authorization: Basic sk-good\r\n", 401),
        (chat, "", 401),
    ];
    let mut raw = Raw::open(&mock).await;
    for (target, header, status) in rows {
        raw.send("POST", target, header, r#"{"model":"m"}"#).await;
        assert_eq!(raw.answer().await.status, status, "{target} {header}");
    }
}

#[tokio::test]
async fn requests_are_recorded_as_they_came() {
    let mock = Mock::start().await;
    let mut raw = Raw::open(&mock).await;
    raw.write(
        "POST /a/models?x=1&y HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nx-two: 2\r\n\
         Transfer-Encoding: chunked\r\n\r\n\
         3;ext=1\r\n{\"a\r\n4\r\n\":1}\r\n0\r\nTrailer: t\r\n\r\n",
    )
    .await;
    raw.answer().await;
    let mut second = Raw::open(&mock).await;
    second.chat("m", false).await;
    second.answer().await;

    let seen = mock.requests();
    let first = &seen[0];
    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("POST", "/a/models")
    );
    assert_eq!(first.query, "x=1&y");
    assert_eq!(first.json(), json!({ "a": 1 }));
    let names: Vec<_> = first
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["Host", "X-Two", "x-two", "Transfer-Encoding"]);
    assert_eq!(first.header("X-TWO"), Some("1"));
    assert_eq!((first.connection, seen[1].connection), (1, 2));
    assert!(first.at <= seen[1].at);
    mock.forget();
    assert!(mock.requests().is_empty());
    assert_eq!(mock.counters().requests, 2);
}

#[tokio::test]
async fn pipelined_and_split_requests_are_each_answered() {
    let mock = Mock::start().await;
    let mut raw = Raw::open(&mock).await;
    let one = "GET /v1/models HTTP/1.1\r\nhost: h\r\n\r\n";
    raw.write(&format!("{one}{one}")).await;
    assert_eq!(raw.answer().await.status, 200);
    assert_eq!(raw.answer().await.status, 200);
    for byte in one.split_inclusive(|_| true) {
        raw.write(byte).await;
    }
    assert_eq!(raw.answer().await.status, 200);
    assert_eq!(mock.counters().accepted, 1);
}

#[tokio::test]
async fn a_gate_holds_answers_and_tells_of_them() {
    let mock = Mock::start().await;
    let gate = Gate::new();
    mock.on("held", Answer::usual().hold(&gate));
    let (mut a, mut b) = (Raw::open(&mock).await, Raw::open(&mock).await);
    a.chat("held", false).await;
    b.chat("held", false).await;
    gate.arrived(2).await;
    assert_eq!(mock.counters().in_flight, 2);
    a.stays_silent().await;
    gate.open();
    assert_eq!(a.answer().await.status, 200);
    assert_eq!(b.answer().await.status, 200);
    let end = mock.wait_for_idle().await.expect("both answered");
    assert_eq!((end.answered, end.cancelled), (2, 0));
    assert_eq!(gate.arrivals(), 2);
}

#[tokio::test]
async fn a_gate_passes_as_many_as_it_is_told() {
    let mock = Mock::start().await;
    let gate = Gate::new();
    mock.on(
        "held",
        Answer::stream().event("1").then_hold(&gate).event("2"),
    );
    let (mut a, mut b) = (Raw::open(&mock).await, Raw::open(&mock).await);
    a.chat("held", true).await;
    a.until("data: 1\n\n").await;
    gate.arrived(1).await;
    b.chat("held", true).await;
    gate.arrived(2).await;
    gate.pass(1);
    let wire = a.streamed().await;
    assert_eq!(wire.payload(), ("data: 1\n\ndata: 2\n\n".to_owned(), true));
    b.until("data: 1\n\n").await;
    b.stays_silent().await;
    drop(b);
    let end = mock.wait_for_cancelled(1).await.expect("b left");
    assert_eq!((end.answered, end.cancelled), (1, 1));
}

#[tokio::test]
async fn waiting_finds_requests_past_and_to_come() {
    let mock = Mock::start().await;
    let mut raw = Raw::open(&mock).await;
    raw.chat("early", false).await;
    raw.answer().await;
    let of = |model: &'static str| move |seen: &crate::Recorded| seen.json()["model"] == model;
    mock.wait_for_request(of("early")).await.expect("is there");
    let (late, ()) = tokio::join!(mock.wait_for_request(of("late")), raw.chat("late", false));
    assert_eq!(late.expect("comes").path, "/v1/chat/completions");
    assert_eq!(mock.wait_for_requests(2).await.expect("two").requests, 2);
}

#[tokio::test]
async fn a_dropped_mock_closes_its_port_and_connections() {
    let mock = Mock::start().await;
    let mut raw = Raw::open(&mock).await;
    raw.chat("m", false).await;
    raw.answer().await;
    let address = mock.address();
    drop(mock);
    raw.read_to_end().await;
    let again = tokio::net::TcpStream::connect(address).await;
    assert!(again.is_err());
}
