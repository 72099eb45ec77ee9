//! How long a reply says to wait, in every form in which upstreams say it in headers.

use std::time::UNIX_EPOCH;

use http::HeaderMap;

/// Milliseconds from now. `Retry-After` in its forms first; then the reset of a limit that has nothing left.
#[must_use]
pub fn from_headers(headers: &HeaderMap, now_ms: i64) -> Option<u64> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(number) {
        return Some(whole(ms));
    }
    if let Some(told) = text("retry-after").and_then(|value| retry_after(value, now_ms)) {
        return Some(told);
    }
    ["requests", "tokens"]
        .iter()
        .filter_map(|unit| {
            let left = text(&format!("x-ratelimit-remaining-{unit}")).and_then(number)?;
            let reset = text(&format!("x-ratelimit-reset-{unit}")).and_then(span)?;
            (left <= 0.0).then_some(reset)
        })
        .max()
}

/// Seconds, a span of time, or a date.
fn retry_after(value: &str, now_ms: i64) -> Option<u64> {
    if let Some(seconds) = number(value) {
        return Some(whole(seconds * 1000.0));
    }
    if let Some(ms) = span(value) {
        return Some(ms);
    }
    let at = httpdate::parse_http_date(value).ok()?;
    let at_ms = i64::try_from(at.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()?;
    Some(u64::try_from(at_ms - now_ms).unwrap_or(0))
}

/// `1m26.4s`, `350ms`, `2h`; each part with its unit.
fn span(value: &str) -> Option<u64> {
    let mut rest = value;
    let mut ms = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let amount: f64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..]
            .find(|letter: char| letter.is_ascii_digit())
            .map_or(rest.len(), |at| digits + at);
        ms += amount
            * match &rest[digits..unit_end] {
                "ms" => 1.0,
                "s" => 1_000.0,
                "m" => 60_000.0,
                "h" => 3_600_000.0,
                "d" => 86_400_000.0,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    (!value.is_empty()).then(|| whole(ms))
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded to a hundred years just before"
)]
fn whole(ms: f64) -> u64 {
    ms.ceil().clamp(0.0, 3.2e12) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-25 12:00:00 UTC.
    const NOW: i64 = 1_795_608_000_000;

    fn read(pairs: &[(&'static str, &str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        from_headers(&headers, NOW)
    }

    #[test]
    fn every_form() {
        for (value, ms) in [
            ("30", Some(30_000)),
            ("0", Some(0)),
            ("1.5", Some(1_500)),
            ("-5", Some(0)),
            ("30s", Some(30_000)),
            ("1m26.4s", Some(86_400)),
            ("350ms", Some(350)),
            ("1h0m5s", Some(3_605_000)),
            ("Wed, 25 Nov 2026 12:01:00 GMT", Some(60_000)),
            ("Wed, 25 Nov 2026 11:00:00 GMT", Some(0)),
            ("soon", None),
            ("", None),
            ("1e999", None),
            ("NaN", None),
            ("5 apples", None),
        ] {
            assert_eq!(read(&[("retry-after", value)]), ms, "{value:?}");
        }
    }

    #[test]
    fn which_header_counts() {
        assert_eq!(
            read(&[("retry-after-ms", "1234"), ("retry-after", "9")]),
            Some(1_234)
        );
        assert_eq!(
            read(&[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "2m")
            ]),
            Some(120_000)
        );
        assert_eq!(
            read(&[
                ("x-ratelimit-remaining-requests", "3"),
                ("x-ratelimit-reset-requests", "2m")
            ]),
            None
        );
        // Without a unit it could be seconds, milliseconds or a date.
        assert_eq!(
            read(&[
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "120")
            ]),
            None
        );
        assert_eq!(read(&[]), None);
    }
}
