use freellmapi_sdk::testing::{call, head, listed, refusals, refused, speaks_openai};

use super::*;

/// From the report on its limits (mnfst/awesome-free-llm-apis#103).
const SPENT: &str = r#"{"detail":"Rate limit exceeded: 60 per 1 hour"}"#;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Llm7>("api.llm7.io/v1");
}

#[test]
fn it_can_be_used_without_a_key_and_counts_the_address_in_four_windows() {
    let manifest = Llm7::manifest().build();
    assert!(manifest.keyless && manifest.secrets[0].optional);
    let windows: Vec<_> = manifest
        .quotas
        .iter()
        .map(|q| (q.scope.as_str(), q.window_s))
        .collect();
    assert_eq!(
        windows,
        [("ip", 1), ("ip", 60), ("ip", 3600), ("ip", 86_400)]
    );
}

#[test]
fn a_refusal_tells_which_window_is_full() {
    let failure = refused::<Llm7>(
        &call("chat", "m"),
        &head(429, &[("retry-after", "41")]),
        SPENT,
    );
    assert_eq!(
        (failure.kind.as_str(), failure.scope.as_str()),
        ("rate-limited", "ip")
    );
    assert_eq!(failure.retry_after_ms, Some(41_000));
    let quota = &failure.quotas[0];
    assert_eq!(
        (quota.window_s, quota.limit, quota.remaining),
        (3600, Some(60), Some(0))
    );
    for no in [
        "",
        "Rate limit exceeded",
        "exceeded: x per 1 hour",
        "exceeded: 1 per 1 moon",
        "exceeded: 1 per 99999999999999999999 days",
    ] {
        assert!(overrun(no).is_none(), "{no}");
    }
    assert_eq!(
        overrun("Rate limit exceeded: 10 per 1 minute")
            .unwrap()
            .window_s,
        60
    );
}

/// Invented in the shape of the first.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<Llm7>(&[
        (429, &[], SPENT, "rate-limited", None),
        (
            401,
            &[],
            r#"{"detail":"Invalid token"}"#,
            "key-invalid",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"Unknown model: x"}}"#,
            "model-missing",
            None,
        ),
        (
            413,
            &[],
            r#"{"detail":"Request entity too large"}"#,
            "too-long",
            None,
        ),
        (503, &[], "", "overloaded", None),
    ]);
}

/// Invented: a bare list, as it gives.
#[test]
fn the_list_is_read() {
    assert_eq!(
        listed::<Llm7>(r#"[{"id":"codestral-latest","object":"model"}]"#)[0].id,
        "codestral-latest"
    );
}
