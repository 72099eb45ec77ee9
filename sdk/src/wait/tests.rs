use proptest::prelude::*;

use super::*;

#[test]
fn forms_of_retry_after() {
    let now = 784_111_777_000;
    for (text, wait) in [
        ("30", Some(30_000)),
        ("2.5", Some(2_500)),
        ("0", Some(0)),
        ("1m0.36s", Some(60_360)),
        ("120ms", Some(120)),
        ("1h2m3s", Some(3_723_000)),
        ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30_000)),
        ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
        ("soon", None),
        ("", None),
        ("-5", None),
    ] {
        assert_eq!(retry_after(text, now), wait, "{text:?}");
    }
}

#[test]
fn dates() {
    assert_eq!(
        http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
        Some(784_111_777_000)
    );
    assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    assert_eq!(
        http_date("Thu, 29 Feb 2024 12:00:00 GMT"),
        Some(1_709_208_000_000)
    );
    assert_eq!(http_date("Thu, 29 Foo 2024 12:00:00 GMT"), None);
}

#[test]
fn prose_in_messages() {
    for (text, wait) in [
        ("Please try again in 7.66s. Visit", Some(7_660)),
        ("Please try again in 1m2.5s.", Some(62_500)),
        ("Please retry in 48.939935699s.", Some(48_940)),
        ("retry after 30 seconds", Some(30_000)),
        (
            "You must wait 2 minutes and 3 seconds, then go on",
            Some(123_000),
        ),
        ("try again in 250ms", Some(250)),
        ("try again in 2h", Some(7_200_000)),
        ("Try again in 5.", Some(5_000)),
        ("wait for it", None),
        ("", None),
    ] {
        assert_eq!(prose(text), wait, "{text:?}");
    }
}

#[test]
fn fields_of_bodies() {
    let body = serde_json::json!({"error": {"details": [{"a": 1}, {"retryDelay": "27s"}]}});
    assert_eq!(in_body(&body, DEPTH), Some(27_000));
    let body = serde_json::json!({"retry_after": 1.5});
    assert_eq!(in_body(&body, DEPTH), Some(1_500));
    assert_eq!(
        in_body(&serde_json::json!({"retry_after": null}), DEPTH),
        None
    );
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,40}", now in any::<u64>()) {
        let waits = [retry_after(&text, now), prose(&format!("try again in {text}"))];
        prop_assert!(waits.iter().flatten().all(|wait| *wait < u64::MAX));
        let _ = http_date(&text);
    }

    #[test]
    fn whole_seconds_come_back(seconds in 0u64..100_000) {
        prop_assert_eq!(retry_after(&seconds.to_string(), 0), Some(seconds * 1000));
        prop_assert_eq!(duration(&format!("{seconds}s")), Some(seconds * 1000));
    }
}

#[test]
fn a_moment_is_found_in_prose() {
    let at = |text| date_time(text);
    assert_eq!(
        at("您的限额将在 2026-07-25 20:00:00 重置"),
        Some(1_785_009_600_000)
    );
    assert_eq!(at("2026-07-25T20:00:00Z"), Some(1_785_009_600_000));
    assert_eq!(at("1970-01-01 00:00:00"), Some(0));
    for none in [
        "",
        "2026-07-25",
        "2026-13-25 20:00:00",
        "1969-12-31 23:59:59",
        "2026-07-25 24:00:00",
    ] {
        assert_eq!(at(none), None, "{none}");
    }
}
