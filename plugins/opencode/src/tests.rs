use freellmapi_sdk::testing::{call, head, listed, refusals, refused};
use freellmapi_sdk::{Adapter as _, Input};

use super::*;

const SPENT: &str = r#"{"type":"error","error":{"type":"FreeUsageLimitError","message":"Rate limit exceeded. Please try again later."},"metadata":{}}"#;

#[test]
fn it_speaks_the_dialect() {
    freellmapi_sdk::testing::speaks_openai::<OpenCode>("opencode.ai/zen/v1");
}

#[test]
fn a_key_cannot_be_checked() {
    let input = Input {
        body: Vec::new(),
        files: Vec::new(),
        notes: Vec::new(),
        extra: Vec::new(),
    };
    assert_eq!(
        OpenCode::encode(&call("key-check", ""), &input)
            .unwrap_err()
            .kind,
        "unsupported"
    );
}

/// The first is as users report it (anomalyco/opencode#32971), and so is the text on the free tier
/// (ltmoerdani/opencode-copilot-chat#236); the others are invented in the same shape.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<OpenCode>(&[
        (
            429,
            &[("retry-after", "1970")],
            SPENT,
            "quota-exhausted",
            Some(1_970_000),
        ),
        (429, &[], SPENT, "quota-exhausted", None),
        (
            401,
            &[],
            r#"{"type":"error","error":{"type":"AuthError","message":"Invalid API key."}}"#,
            "key-invalid",
            None,
        ),
        (
            401,
            &[],
            r#"{"type":"error","error":{"type":"ModelError","message":"Model x not supported"}}"#,
            "model-missing",
            None,
        ),
        (
            401,
            &[],
            r#"{"type":"error","error":{"type":"CreditsError","message":"Insufficient balance. Manage your billing here: https://opencode.ai/"}}"#,
            "payment-required",
            None,
        ),
        (
            403,
            &[],
            r#"{"type":"error","error":{"message":"Error from provider (Console): OpenCode's free tier can only be used from within OpenCode"}}"#,
            "key-forbidden",
            None,
        ),
        (503, &[], "Upstream unavailable", "overloaded", None),
    ]);
    assert_eq!(
        refused::<OpenCode>(&call("chat", "m"), &head(429, &[]), SPENT).scope,
        "ip-model"
    );
}

/// Invented in OpenAI's shape.
#[test]
fn only_free_models_are_listed() {
    let models = listed::<OpenCode>(
        r#"{"object":"list","data":[{"id":"gpt-5.5"},{"id":"mimo-v2.5-free"},{"id":"big-pickle"}]}"#,
    );
    let ids: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["mimo-v2.5-free", "big-pickle"]);
}
