//! Limits as the common `x-ratelimit-*` headers tell them.

use crate::wait::{duration, header};
use crate::{Head, Quota};

/// Reads `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`. `windows` are the seconds that the one
/// and the other count.
#[must_use]
pub fn quotas(head: &Head, windows: (u64, u64)) -> Vec<Quota> {
    meters(
        head,
        &[
            ("requests", windows.0, "requests"),
            ("tokens", windows.1, "tokens"),
        ],
    )
}

/// Reads `x-ratelimit-{limit,remaining,reset}-{word}`, where a row is a unit, the seconds it counts, and the provider's
/// word for it: `("tokens", 60, "tokens-minute")`.
#[must_use]
pub fn meters(head: &Head, rows: &[(&str, u64, &str)]) -> Vec<Quota> {
    let mut quotas = Vec::new();
    for (unit, window_s, word) in rows {
        let read = |what: &str| header(head, &format!("x-ratelimit-{what}-{word}"));
        let amount = |what| read(what).and_then(|text| text.parse::<u64>().ok());
        let (limit, remaining) = (amount("limit"), amount("remaining"));
        if limit.is_none() && remaining.is_none() {
            continue;
        }
        quotas.push(Quota {
            unit: (*unit).to_owned(),
            window_s: *window_s,
            scope: "model".to_owned(),
            anchor: String::new(),
            limit,
            remaining,
            reset_ms: read("reset").and_then(|text| {
                duration(text).or_else(|| {
                    // Bare seconds. A moment since 1970, which some send, is not told from now.
                    let seconds = text.parse::<f64>().ok()?;
                    (0.0..1e8)
                        .contains(&seconds)
                        .then(|| (seconds * 1000.0).ceil() as u64)
                })
            }),
            extra: Vec::new(),
        });
    }
    quotas
}
