//! The faults before the first content, and what a client sees of each.

use std::ops::RangeInclusive;

use mock_upstream::{Answer, Pause, fault, openai};

/// How the client asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// For a whole answer.
    Whole,
    /// For a stream.
    Stream,
}

/// A fault of an upstream before any content.
#[derive(Clone)]
pub(super) struct Row {
    /// Names it, and after `/` its variant.
    pub(super) name: &'static str,
    /// The upstream's answer, if it is not the mock's fault of that name.
    pub(super) answer: fn() -> Option<Answer>,
    /// Whom it can happen to.
    pub(super) modes: &'static [Mode],
    /// What the trail calls it, among the contract's kinds; any of them.
    pub(super) kinds: &'static [&'static str],
    /// Status and code where nobody else can be asked.
    pub(super) alone: (u16, &'static str),
    /// `Retry-After` then, seconds.
    pub(super) wait: Option<RangeInclusive<u64>>,
}

const BOTH: &[Mode] = &[Mode::Whole, Mode::Stream];
const WHOLE: &[Mode] = &[Mode::Whole];
const STREAM: &[Mode] = &[Mode::Stream];

const FAILED: (u16, &str) = (502, "upstream_failed");
const TIMEOUT: (u16, &str) = (504, "upstream_timeout");
const EXHAUSTED: (u16, &str) = (503, "all_keys_exhausted");

const LIMITED: &[&str] = &["rate-limited"];
const BROKEN: &[&str] = &[
    "upstream-broken",
    "malformed-reply",
    "truncated",
    "unreachable",
];
const BUSY: &[&str] = &["overloaded"];
const LATE: &[&str] = &["timeout", "overloaded", "upstream-broken"];

/// Every row.
pub(super) fn rows() -> Vec<Row> {
    let named = |name, modes, kinds, alone| Row {
        name,
        answer: || None,
        modes,
        kinds,
        alone,
        wait: None,
    };
    let limited = |name, wait| Row {
        wait: Some(wait),
        ..named(name, BOTH, LIMITED, EXHAUSTED)
    };
    let made = |name, answer, modes| Row {
        answer,
        ..named(name, modes, BROKEN, FAILED)
    };
    vec![
        limited("status-429", 1..=3600),
        limited("retry-after-seconds", 1..=2),
        limited("retry-after-date", 1..=3),
        limited("retry-after-ms", 1..=2),
        limited("retry-after-garbage", 1..=3600),
        limited("retry-info", 1..=3),
        named("status-500", BOTH, BROKEN, FAILED),
        named("status-502", BOTH, BROKEN, FAILED),
        named("status-503", BOTH, BUSY, FAILED),
        named("reset", BOTH, BROKEN, FAILED),
        named("close", BOTH, BROKEN, FAILED),
        named("silence", BOTH, LATE, TIMEOUT),
        named("slow-headers", BOTH, LATE, TIMEOUT),
        named("slow-first-token", STREAM, LATE, TIMEOUT),
        named("empty-stream", STREAM, BROKEN, FAILED),
        named(
            "error-event",
            STREAM,
            &["overloaded", "upstream-broken"],
            FAILED,
        ),
        named(
            "error-200",
            BOTH,
            &["overloaded", "upstream-broken"],
            FAILED,
        ),
        named("empty-200", BOTH, BROKEN, FAILED),
        named("html-200", BOTH, BROKEN, FAILED),
        named("html-502", BOTH, BROKEN, FAILED),
        named("redirect", BOTH, BROKEN, FAILED),
        named("length-too-long", WHOLE, BROKEN, FAILED),
        named("length-too-short", WHOLE, BROKEN, FAILED),
        made(
            "cut-before-content",
            || Some(role().cut_after(1 << 20)),
            STREAM,
        ),
        made(
            "cut-in-the-first-event",
            || Some(role().cut_after(40)),
            STREAM,
        ),
        made(
            "reset-before-content",
            || Some(role().reset_after(1 << 20)),
            STREAM,
        ),
        made(
            "malformed-first",
            || Some(role().event("{\"id\":\"x\",\"choi").done()),
            STREAM,
        ),
        made(
            "whole-cut",
            || Some(Answer::json(200, &whole()).cut_after(60)),
            WHOLE,
        ),
        Row {
            answer: || Some(role().pause_at(1, Pause::Forever)),
            ..named("stalled-after-role", STREAM, LATE, TIMEOUT)
        },
        Row {
            answer: || Some(Answer::error(401, "invalid_api_key", "No such key.")),
            ..named("key-invalid", BOTH, &["key-invalid"], FAILED)
        },
        Row {
            answer: || Some(Answer::error(402, "insufficient_credits", "Pay first.")),
            ..named("payment-required", BOTH, &["payment-required"], EXHAUSTED)
        },
        Row {
            answer: || Some(Answer::error(404, "model_not_found", "No such model.")),
            ..named("model-missing", BOTH, &["model-missing"], FAILED)
        },
    ]
}

/// A stream that told its role and no content yet.
fn role() -> Answer {
    let events = openai::stream("mock-model", &["Hello"], false);
    Answer::sse(events.iter().take(1))
}

fn whole() -> serde_json::Value {
    openai::whole("mock-model", "Hello there.")
}

impl Row {
    /// What the upstream does.
    pub(super) fn script(&self) -> Answer {
        let answer = (self.answer)().or_else(|| fault(self.name));
        answer.unwrap_or_else(|| panic!("no fault is named {}", self.name))
    }

    /// The row's name once for each way to ask.
    pub(super) fn cases(&self) -> impl Iterator<Item = (String, Mode)> {
        self.modes.iter().map(|&mode| {
            let way = if mode == Mode::Whole { "w" } else { "s" };
            (format!("{}-{way}", self.name), mode)
        })
    }
}
