use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, head, listed, refusals, refused, sent, speaks_openai};

use super::*;

/// A and B of the report on what 402 means here (pollinations/pollinations#11603).
const QUEUE: &str = r#"{"x402Version":1,"error":"Queue full for IP: 203.0.113.7: 1 requests already queued (max: 1). Get unlimited access at https://enter.pollinations.ai","accepts":[]}"#;
const TIER: &str = r#"{"error":"Model not found or tier not high enough. Your tier: anonymous, required tier: seed.","status":402}"#;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Pollinations>("gen.pollinations.ai/v1");
}

#[test]
fn a_full_queue_is_no_unpaid_bill() {
    let failure = refused::<Pollinations>(&call("chat", "m"), &head(402, &[]), QUEUE);
    assert_eq!(
        (failure.kind.as_str(), failure.scope.as_str()),
        ("rate-limited", "ip")
    );
    assert_eq!(failure.retry_after_ms, Some(5000));
    assert!(
        !failure.message.contains("203.0.113.7"),
        "{}",
        failure.message
    );
    assert!(
        failure.message.starts_with("Queue full: 1 requests"),
        "{}",
        failure.message
    );
}

/// Beside the second report: invented in OpenAI's shape.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<Pollinations>(&[
        (402, &[], TIER, "key-forbidden", None),
        (
            402,
            &[],
            r#"{"error":{"message":"Insufficient pollen balance","code":"PAYMENT_REQUIRED"}}"#,
            "payment-required",
            None,
        ),
        (
            401,
            &[],
            r#"{"error":{"message":"Authentication required","code":"UNAUTHORIZED"}}"#,
            "key-invalid",
            None,
        ),
        (
            429,
            &[("retry-after", "2")],
            r#"{"error":"Too many requests"}"#,
            "rate-limited",
            Some(2000),
        ),
        (
            500,
            &[],
            r#"{"error":{"message":"Internal error"}}"#,
            "upstream-broken",
            None,
        ),
    ]);
}

#[test]
fn a_key_is_checked_at_the_account() {
    let check = call("key-check", "");
    let sent = sent::<Pollinations>(&check, &json!(null));
    assert_eq!(
        (sent.method.as_str(), sent.url.as_str()),
        ("GET", "gen.pollinations.ai/account/key")
    );
    for (status, kind) in [
        (401, "key-invalid"),
        (402, "unsupported"),
        (403, "upstream-broken"),
        (500, "upstream-broken"),
    ] {
        assert_eq!(
            refused::<Pollinations>(&check, &head(status, &[]), "{}").kind,
            kind
        );
    }
}

/// Invented in OpenAI's shape.
#[test]
fn the_list_is_read() {
    assert_eq!(
        listed::<Pollinations>(r#"{"object":"list","data":[{"id":"openai-fast"}]}"#)[0].id,
        "openai-fast"
    );
}
