//! Every fault by name: what it puts on the wire, and how it leaves the connection.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use super::{Ended, Raw, SILENCE, Wire};
use crate::{Answer, End, FAULTS, Framing, Mock, Split, When, fault};

/// How a fault leaves its connection, seen from the client.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Left {
    /// The answer is whole and the next request is answered.
    Usable,
    /// Closed in order, with the answer whole or not.
    Closed,
    Reset,
    /// Open and silent until the client leaves.
    Stalled,
}

/// A fault, how it leaves the connection, and a look at what came, head and body as sent.
type Row = (&'static str, Left, fn(&Wire));

/// Faults that send no byte at all.
const MUTE: &[(&str, Left)] = &[
    ("reset", Left::Reset),
    ("close", Left::Closed),
    ("silence", Left::Stalled),
    ("slow-headers", Left::Stalled),
];

const ROWS: &[Row] = &[
    ("status-500", Left::Usable, |wire| {
        is_error(wire, 500, "scripted_error");
    }),
    ("status-418", Left::Usable, |wire| {
        is_error(wire, 418, "scripted_error");
    }),
    ("retry-after-seconds", Left::Usable, |wire| {
        is_error(wire, 429, "rate_limit_exceeded");
        assert_eq!(wire.header("retry-after"), Some("2"));
    }),
    ("retry-after-date", Left::Usable, |wire| {
        is_error(wire, 429, "rate_limit_exceeded");
        let date = wire.header("retry-after").expect("a date");
        let at = httpdate::parse_http_date(date).expect("a date");
        let wait = at.duration_since(SystemTime::now()).expect("to come");
        assert!(wait <= Duration::from_secs(3), "{wait:?}");
    }),
    ("retry-after-ms", Left::Usable, |wire| {
        is_error(wire, 429, "rate_limit_exceeded");
        assert_eq!(wire.header("retry-after-ms"), Some("1500"));
        assert_eq!(wire.header("retry-after"), None);
    }),
    ("retry-after-garbage", Left::Usable, |wire| {
        is_error(wire, 429, "rate_limit_exceeded");
        assert_eq!(wire.header("retry-after"), Some("soon"));
    }),
    ("retry-info", Left::Usable, |wire| {
        assert_eq!(wire.status, 429);
        assert!(wire.text().contains(r#""retryDelay":"2.5s""#), "{wire:?}");
    }),
    ("slow-first-token", Left::Stalled, |wire| {
        assert_eq!(wire.status, 200);
        assert!(wire.body.is_empty(), "{wire:?}");
    }),
    ("cut-stream", Left::Closed, broken_off),
    ("reset-stream", Left::Reset, broken_off),
    ("stalled-stream", Left::Stalled, broken_off),
    ("malformed-event", Left::Usable, |wire| {
        let events = events(wire);
        assert_eq!(events[2], r#"{"id":"broken","choi"#);
        assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    }),
    ("missing-done", Left::Usable, |wire| {
        let events = events(wire);
        assert!(
            events
                .iter()
                .any(|data| data.contains(r#""finish_reason":"stop""#))
        );
        assert!(!events.contains(&"[DONE]".to_owned()));
    }),
    ("empty-stream", Left::Usable, |wire| {
        assert_eq!(events(wire), ["[DONE]"]);
    }),
    ("error-event", Left::Usable, |wire| {
        let events = events(wire);
        assert_eq!(events.len(), 1);
        assert!(events[0].starts_with(r#"{"error""#), "{events:?}");
    }),
    ("late-error-event", Left::Usable, |wire| {
        let events = events(wire);
        assert!(events[1].contains("Hello"), "{events:?}");
        assert!(events[3].starts_with(r#"{"error""#), "{events:?}");
    }),
    ("crlf", Left::Usable, |wire| {
        let (payload, ended) = wire.payload();
        assert!(ended && payload.contains("\r\n\r\n"));
        assert_eq!(
            payload.matches('\n').count(),
            payload.matches("\r\n").count()
        );
    }),
    ("every-byte", Left::Usable, |wire| {
        let (chunks, ended) = wire.chunks();
        assert!(ended && chunks.iter().all(|chunk| chunk.len() == 1));
        assert!(chunks.concat().ends_with("data: [DONE]\n\n"));
    }),
    ("error-200", Left::Usable, |wire| {
        assert_eq!(wire.status, 200);
        assert!(wire.text().starts_with(r#"{"error""#), "{wire:?}");
    }),
    ("empty-200", Left::Usable, |wire| {
        assert_eq!((wire.status, wire.length()), (200, Some(0)));
        assert_eq!(wire.header("content-type"), Some("application/json"));
    }),
    ("html-200", Left::Usable, |wire| is_page(wire, 200)),
    ("html-502", Left::Usable, |wire| is_page(wire, 502)),
    ("whitespace", Left::Usable, |wire| {
        let text = wire.text();
        assert!(text.starts_with(" \n"), "{text}");
        serde_json::from_str::<serde_json::Value>(&text).expect("JSON after it");
    }),
    ("redirect", Left::Usable, |wire| {
        assert_eq!(wire.status, 307);
        let to = wire.header("location").expect("a location");
        assert!(to.starts_with("http://elsewhere.invalid/"), "{to}");
    }),
    ("length-too-long", Left::Closed, |wire| {
        assert_eq!(wire.length(), Some(wire.body.len() + 100));
        serde_json::from_str::<serde_json::Value>(&wire.text()).expect("whole JSON");
    }),
    ("length-too-short", Left::Closed, |wire| {
        assert_eq!(wire.length(), Some(wire.body.len() - 20));
        serde_json::from_str::<serde_json::Value>(&wire.text()).expect("whole JSON");
    }),
];

/// `huge-body` has a test of its own.
#[test]
fn every_fault_has_a_row() {
    let mute = MUTE.iter().map(|row| row.0);
    let rows = ROWS.iter().map(|row| row.0).chain(mute);
    let rows: BTreeSet<_> = rows.filter(|name| !name.starts_with("status-")).collect();
    let all: BTreeSet<_> = FAULTS
        .iter()
        .copied()
        .filter(|&name| name != "huge-body")
        .collect();
    assert_eq!(rows, all);
    for name in [
        "",
        "status-",
        "status-99",
        "status-600",
        "status-abc",
        "no-such",
    ] {
        assert!(fault(name).is_none(), "{name}");
    }
}

#[tokio::test]
async fn every_fault_is_on_the_wire_what_its_name_says() {
    let mock = Mock::faulty().await;
    for &(name, left, look) in ROWS {
        let mut raw = Raw::open(&mock).await;
        raw.chat(&format!("fault-{name}"), true).await;
        raw.until("\r\n\r\n").await;
        let wire = match left {
            Left::Usable => {
                let chunked = Wire::cut(&raw.seen).1.length().is_none();
                let wire = if chunked {
                    raw.streamed().await
                } else {
                    raw.answer().await
                };
                raw.chat("healthy", false).await;
                assert_eq!(raw.answer().await.status, 200, "after {name}");
                wire
            }
            Left::Closed | Left::Reset => {
                assert_eq!(raw.read_to_end().await, ended(left), "{name}");
                Wire::cut(&raw.seen).1
            }
            Left::Stalled => {
                // What is sent at once has been sent when nothing more comes for a while.
                while tokio::time::timeout(SILENCE, raw.more()).await.is_ok() {}
                let wire = Wire::cut(&raw.seen).1;
                leaves_and_is_seen(&mock, raw).await;
                wire
            }
        };
        look(&wire);
    }
}

#[tokio::test]
async fn mute_faults_send_no_byte() {
    let mock = Mock::faulty().await;
    for &(name, left) in MUTE {
        let mut raw = Raw::open(&mock).await;
        raw.chat(&format!("fault-{name}"), true).await;
        if left == Left::Stalled {
            raw.stays_silent().await;
            leaves_and_is_seen(&mock, raw).await;
        } else {
            assert_eq!(raw.read_to_end().await, ended(left), "{name}");
            assert!(raw.seen.is_empty(), "{name}");
        }
    }
}

#[tokio::test]
async fn the_huge_body_is_as_long_as_it_says() {
    let mock = Mock::faulty().await;
    let mut raw = Raw::open(&mock).await;
    raw.chat("fault-huge-body", false).await;
    raw.until("\r\n\r\n").await;
    let (at, wire) = Wire::cut(&raw.seen);
    let length = wire.length().expect("a length");
    assert!(length > 256 << 20);
    let mut seen = raw.seen.len() - at;
    while seen < length {
        raw.seen.clear();
        raw.more().await.expect("the rest");
        seen += raw.seen.len();
    }
    assert!(raw.seen.ends_with(b"\"}"));
    assert_eq!(seen, length);
}

#[tokio::test]
async fn pieces_cuts_and_ends_combine() {
    let text = "0123456789";
    let body = || Answer::new(200).body(&text[..4]).body(&text[4..]);
    let chunked = || body().framing(Framing::Chunked);
    let rows: [(Answer, &str, Ended); 7] = [
        (body().end(End::Close), "0123456789", Ended::Fin),
        (body().cut_after(0), "", Ended::Fin),
        (body().cut_after(5), "01234", Ended::Fin),
        (body().reset_after(4), "0123", Ended::Reset),
        (
            body().framing(Framing::UntilClose),
            "0123456789",
            Ended::Fin,
        ),
        (
            chunked().split(Split::Every(3)).end(End::Close),
            "3\r\n012\r\n1\r\n3\r\n3\r\n456\r\n3\r\n789\r\n0\r\n\r\n",
            Ended::Fin,
        ),
        (
            chunked().cut_after(6),
            "4\r\n0123\r\n2\r\n45\r\n",
            Ended::Fin,
        ),
    ];
    let mock = Mock::start().await;
    for (answer, wanted, end) in rows {
        mock.on(When::any(), answer.clone());
        let mut raw = Raw::open(&mock).await;
        raw.chat("any", false).await;
        assert_eq!(raw.read_to_end().await, end, "{answer:?}");
        assert_eq!(Wire::cut(&raw.seen).1.text(), wanted, "{answer:?}");
    }
}

/// Leaves, and the mock counts it.
async fn leaves_and_is_seen(mock: &Mock, raw: Raw) {
    let before = mock.counters();
    assert_eq!(before.in_flight, 1);
    drop(raw);
    let after = mock.wait_for_cancelled(before.cancelled + 1).await;
    after.expect("the mock sees its client leave");
}

fn ended(left: Left) -> Ended {
    if left == Left::Reset {
        Ended::Reset
    } else {
        Ended::Fin
    }
}

fn is_error(wire: &Wire, status: u16, code: &str) {
    assert_eq!(wire.status, status);
    let body: serde_json::Value = serde_json::from_str(&wire.text()).expect("JSON");
    assert_eq!(body["error"]["code"], code);
}

fn is_page(wire: &Wire, status: u16) {
    assert_eq!(wire.status, status);
    assert_eq!(wire.header("content-type"), Some("text/html"));
    assert!(wire.text().starts_with("<!doctype html>"));
}

/// Two whole events and a part of the third; the body is not ended.
fn broken_off(wire: &Wire) {
    let (payload, ended) = wire.payload();
    assert!(!ended);
    let parts: Vec<_> = payload.split("\n\n").collect();
    assert_eq!(parts.len(), 3, "{parts:?}");
    assert!(parts[1].contains("Hello"), "{parts:?}");
    assert!(
        parts[2].starts_with("data: {") && !parts[2].ends_with('}'),
        "{parts:?}"
    );
}

/// The data of each event of a stream that was ended.
fn events(wire: &Wire) -> Vec<String> {
    assert_eq!(wire.header("content-type"), Some("text/event-stream"));
    let (payload, ended) = wire.payload();
    assert!(ended, "{payload}");
    let events = payload.split_terminator("\n\n");
    events
        .map(|event| event.strip_prefix("data: ").expect("data").to_owned())
        .collect()
}
