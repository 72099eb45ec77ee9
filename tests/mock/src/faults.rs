//! The faults of the field by name, for tables of tests, the fault server and manual use.
//!
//! Those that wait hold until the client leaves; a test that wants to release one builds it from
//! [`Answer`] with a gate of its own.

use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::answer::{Answer, End, Framing, Pause};
use crate::usual::openai;

/// Every name that [`fault`] knows, besides `status-NNN`.
pub const FAULTS: &[&str] = &[
    "retry-after-seconds",
    "retry-after-date",
    "retry-after-ms",
    "retry-after-garbage",
    "retry-info",
    "reset",
    "close",
    "silence",
    "slow-headers",
    "slow-first-token",
    "cut-stream",
    "reset-stream",
    "stalled-stream",
    "malformed-event",
    "missing-done",
    "empty-stream",
    "error-event",
    "late-error-event",
    "crlf",
    "every-byte",
    "error-200",
    "empty-200",
    "html-200",
    "html-502",
    "whitespace",
    "huge-body",
    "redirect",
    "length-too-long",
    "length-too-short",
];

/// The fault of this name, or `status-NNN` for an error of that status.
#[must_use]
pub fn fault(name: &str) -> Option<Answer> {
    if let Some(status) = name.strip_prefix("status-") {
        let status = status
            .parse()
            .ok()
            .filter(|status| (200..600).contains(status))?;
        return Some(Answer::error(status, "scripted_error", "A scripted error."));
    }
    before_the_body(name)
        .or_else(|| in_a_stream(name))
        .or_else(|| in_a_body(name))
}

fn limited() -> Answer {
    Answer::error(429, "rate_limit_exceeded", "Too many requests.")
}

fn before_the_body(name: &str) -> Option<Answer> {
    Some(match name {
        "retry-after-seconds" => limited().retry_after_seconds(2),
        "retry-after-date" => {
            limited().retry_after_date(SystemTime::now() + Duration::from_secs(3))
        }
        "retry-after-ms" => limited().retry_after_ms(1500),
        "retry-after-garbage" => limited().header("retry-after", "soon"),
        "retry-info" => Answer::json(429, &retry_info("2.5s")),
        "reset" => Answer::new(0).end(End::Reset),
        "close" => Answer::new(0).end(End::Cut),
        "silence" => Answer::new(0).end(End::Stall),
        "slow-headers" => Answer {
            before: vec![Pause::Forever],
            ..Answer::new(200)
        },
        "redirect" => {
            Answer::new(307).header("location", "http://elsewhere.invalid/v1/chat/completions")
        }
        _ => return None,
    })
}

fn in_a_stream(name: &str) -> Option<Answer> {
    let events = openai::stream("mock-model", &["Hello", " there", "."], true);
    let whole = Answer::sse(&events).done();
    // The middle of the third event's JSON.
    let middle = events
        .iter()
        .take(2)
        .map(|data| data.len() + 8)
        .sum::<usize>()
        + 40;
    Some(match name {
        "slow-first-token" => whole.pause_at(0, Pause::Forever),
        "cut-stream" => whole.cut_after(middle),
        "reset-stream" => whole.reset_after(middle),
        "stalled-stream" => whole.stall_after(middle),
        "malformed-event" => Answer::sse(events.get(..2)?)
            .event("{\"id\":\"broken\",\"choi")
            .done(),
        "missing-done" => Answer::sse(&events),
        "empty-stream" => Answer::stream().done(),
        "error-event" => Answer::stream().event(&error_body().to_string()),
        "late-error-event" => Answer::sse(events.get(..3)?).event(&error_body().to_string()),
        "crlf" => whole.crlf(),
        "every-byte" => whole.every_byte(),
        _ => return None,
    })
}

fn in_a_body(name: &str) -> Option<Answer> {
    let whole = openai::whole("mock-model", "Hello there.").to_string();
    let json = || Answer::new(200).header("content-type", "application/json");
    let page = "<!doctype html><html><head><title>Please wait</title></head><body></body></html>";
    Some(match name {
        "error-200" => Answer::json(200, &error_body()),
        "empty-200" => json(),
        "html-200" => Answer::new(200)
            .header("content-type", "text/html")
            .body(page),
        "html-502" => Answer::new(502)
            .header("content-type", "text/html")
            .body(page),
        "whitespace" => json().body(" \n\n \n").body(whole),
        // 256 MB: more than any host should keep.
        "huge-body" => json()
            .body("{\"id\":\"")
            .repeat(vec![b'x'; 1 << 20], 256)
            .body("\"}"),
        "length-too-long" => {
            let claim = whole.len() as u64 + 100;
            json().body(whole).framing(Framing::Claim(claim))
        }
        "length-too-short" => {
            let claim = whole.len() as u64 - 20;
            json().body(whole).framing(Framing::Claim(claim))
        }
        _ => return None,
    })
}

fn error_body() -> serde_json::Value {
    json!({ "error": { "message": "The model is overloaded.", "type": "server_error", "code": 503 } })
}

/// Google's way of telling when to come back.
fn retry_info(delay: &str) -> serde_json::Value {
    json!({ "error": {
        "code": 429,
        "message": "Quota exceeded.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay }],
    }})
}
