use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, listed, refusals, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Kilo>("api.kilo.ai/api/gateway/v1");
    assert_eq!(
        sent::<Kilo>(&call("key-check", ""), &json!(null)).url,
        "api.kilo.ai/api/gateway/models"
    );
}

#[test]
fn a_chat_goes_without_a_key_and_without_a_format() {
    let body = json!({"messages": [], "response_format": {"type": "json_object"}});
    let sent = sent::<Kilo>(&call("chat", "m"), &body);
    assert!(sent.headers.is_empty());
    assert_eq!(sent.body, json!({"messages": []}));
}

/// Invented in the shape of OpenRouter's, which it passes on.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<Kilo>(&[
        (
            429,
            &[("retry-after", "600")],
            r#"{"error":{"message":"Rate limit exceeded","code":429}}"#,
            "rate-limited",
            Some(600_000),
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"Provider returned error","code":400}}"#,
            "upstream-broken",
            None,
        ),
        (
            404,
            &[],
            r#"{"error":{"message":"No endpoints found for x:free.","code":404}}"#,
            "model-missing",
            None,
        ),
        (
            402,
            &[],
            r#"{"error":{"message":"Add credits","code":402}}"#,
            "payment-required",
            None,
        ),
        (524, &[], "<html>", "overloaded", None),
    ]);
}

/// Invented in the shape of OpenRouter's list.
#[test]
fn only_free_models_are_listed() {
    let models = listed::<Kilo>(
        r#"{"data":[{"id":"a/b:free","context_length":262144,"supported_parameters":["tools"]},{"id":"a/b","context_length":1}]}"#,
    );
    assert_eq!(models.len(), 1);
    assert_eq!(
        (models[0].context, &models[0].traits[..]),
        (Some(262_144), &["tools".to_owned()][..])
    );
}
