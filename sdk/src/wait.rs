//! How long a provider says to wait, in every form they say it.
//!
//! All results are milliseconds from now. Whatever says more than a day is cut to a day: nobody waits longer
//! on a word of an upstream.

use serde_json::Value as Json;

use crate::{Call, Head};

/// The longest wait that is believed, milliseconds.
pub const LONGEST_MS: u64 = 86_400_000;

/// How deep a body is looked into: the forms known stand at most four levels down.
const DEPTH: usize = 6;

/// The first of these names in `head`.
#[must_use]
pub fn header<'a>(head: &'a Head, name: &str) -> Option<&'a str> {
    head.headers
        .iter()
        .find(|pair| pair.name == name)
        .map(|pair| pair.value.trim())
}

/// What a reply says: its `retry-after-ms` and `retry-after` headers first, then a field of the body, then
/// the prose of `message`.
#[must_use]
pub fn told(call: &Call, head: &Head, body: &Json, message: &str) -> Option<u64> {
    let now = header(head, "date")
        .and_then(http_date)
        .unwrap_or(call.now_ms);
    header(head, "retry-after-ms")
        .and_then(|text| number(text, 1.0))
        .or_else(|| header(head, "retry-after").and_then(|text| retry_after(text, now)))
        .or_else(|| in_body(body, DEPTH))
        .or_else(|| prose(message))
        .map(|wait| wait.min(LONGEST_MS))
}

/// The value of a `Retry-After` header: seconds, perhaps fractional, a duration, or a date counted from `now_ms`.
#[must_use]
pub fn retry_after(text: &str, now_ms: u64) -> Option<u64> {
    let text = text.trim();
    number(text, 1000.0)
        .or_else(|| duration(text))
        .or_else(|| Some(http_date(text)?.saturating_sub(now_ms)))
}

/// A duration such as `1m0.36s`, `7.66s`, `2h`, `120ms`, `1h2m3s` or `1d`.
#[must_use]
pub fn duration(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .filter(|length| *length > 0)?;
        let (amount, after) = rest.split_at(digits);
        let letters = after
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        total += amount.parse::<f64>().ok()? * unit_ms(unit)?;
        rest = after;
    }
    whole(total)
}

/// When an HTTP date (`Sun, 06 Nov 1994 08:49:37 GMT`) is, milliseconds since 1970.
#[must_use]
pub fn http_date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_once(',')?.1.split_ascii_whitespace();
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words
        .next()?
        .splitn(3, ':')
        .map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let plausible = (1970..=9999).contains(&year)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !plausible {
        return None;
    }
    u64::try_from(seconds((year, month, day), (hour, minute, second)))
        .ok()
        .map(|seconds| seconds * 1000)
}

/// The first `2026-07-25 20:00:00` in a text, or with a `T` between, as if it were UTC: milliseconds since 1970.
#[must_use]
pub fn date_time(text: &str) -> Option<u64> {
    const FORM: &[u8] = b"0000-00-00 00:00:00";
    let fits = |given: &[u8]| {
        given.iter().zip(FORM).all(|(given, form)| match form {
            b'0' => given.is_ascii_digit(),
            b' ' => matches!(given, b' ' | b'T'),
            form => given == form,
        })
    };
    let found = text
        .as_bytes()
        .windows(FORM.len())
        .find(|part| fits(part))?;
    let number = |from: usize, to: usize| {
        found[from..to]
            .iter()
            .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
    let plausible = year >= 1970
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    let since = seconds((year, month, day), (hour, minute, second));
    u64::try_from(since)
        .ok()
        .filter(|_| plausible)
        .map(|seconds| seconds * 1000)
}

/// Seconds from 1970 to a moment of UTC.
fn seconds((year, month, day): (i64, i64, i64), (hour, minute, second): (i64, i64, i64)) -> i64 {
    // Days since 1970 in a calendar whose years begin in March, so that the leap day comes last.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    ((days * 24 + hour) * 60 + minute) * 60 + second
}

/// Looks for `try again in 7.66s`, `retry after 30 seconds`, `Please retry in 48.9s`, `wait 2 minutes`.
#[must_use]
pub fn prose(message: &str) -> Option<u64> {
    let lower = message.to_ascii_lowercase();
    let leads = [
        "try again in ",
        "try again after ",
        "retry after ",
        "retry in ",
        "wait ",
        "resets in ",
        "reset in ",
    ];
    leads.iter().find_map(|lead| {
        let at = lower.find(lead)? + lead.len();
        words(&lower[at..])
    })
}

/// `7.66s`, `1m30s`, `2 minutes and 3 seconds`, `30` at the beginning of `text`.
fn words(text: &str) -> Option<u64> {
    let mut total: Option<f64> = None;
    let mut rest = text.trim_start_matches("about ").trim_start();
    loop {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let Ok(amount) = rest[..end].trim_end_matches('.').parse::<f64>() else {
            break;
        };
        let after = rest[end..].trim_start();
        let letters = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let unit = unit_ms(&after[..letters]);
        if unit.is_none() && total.is_some() {
            break;
        }
        total = Some(total.unwrap_or(0.0) + amount * unit.unwrap_or(1000.0));
        if unit.is_none() {
            break;
        }
        let next = after[letters..].trim_start_matches([' ', ',']);
        rest = next.strip_prefix("and ").unwrap_or(next);
    }
    total.and_then(whole)
}

fn unit_ms(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1000.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        "us" | "µs" => 0.001,
        "ns" => 0.000_001,
        _ => return None,
    })
}

/// A bare number in units of `scale` milliseconds.
fn number(text: &str, scale: f64) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    plain
        .then(|| text.parse::<f64>().ok())
        .flatten()
        .and_then(|amount| whole(amount * scale))
}

fn whole(ms: f64) -> Option<u64> {
    // Up and not down: a millisecond early is another refusal.
    (ms.is_finite() && ms >= 0.0).then(|| ms.ceil().min(1e15) as u64)
}

/// The first field of these names, at most `depth` levels down.
fn in_body(body: &Json, depth: usize) -> Option<u64> {
    if depth == 0 {
        return None;
    }
    match body {
        Json::Object(members) => members
            .iter()
            .find_map(|(name, value)| {
                let scale = match name.as_str() {
                    "retryDelay" | "retry_after" | "retryAfter" | "retry_after_seconds" => 1000.0,
                    "retry_after_ms" | "retryAfterMs" => 1.0,
                    _ => return None,
                };
                match value {
                    Json::Number(amount) => whole(amount.as_f64()? * scale),
                    Json::String(text) => number(text, scale).or_else(|| duration(text)),
                    _ => None,
                }
            })
            .or_else(|| members.values().find_map(|value| in_body(value, depth - 1))),
        Json::Array(list) => list.iter().find_map(|value| in_body(value, depth - 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
