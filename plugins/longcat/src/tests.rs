use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, refusals, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<LongCat>("api.longcat.chat/openai/v1");
    let sent = sent::<LongCat>(&call("models", ""), &json!(null));
    assert_eq!(sent.url, "api.longcat.chat/v1/models");
}

/// Types and codes are those of the vendor's table; the texts are invented.
#[test]
fn spent_tokens_come_back_at_midnight() {
    refusals::<LongCat>(&[
        (
            403,
            &[],
            r#"{"error":{"message":"quota","type":"permission_error","code":"insufficient_quota"}}"#,
            "quota-exhausted",
            None,
        ),
        (
            402,
            &[],
            r#"{"error":{"message":"Insufficient token quota"}}"#,
            "quota-exhausted",
            None,
        ),
        (
            401,
            &[],
            r#"{"error":{"message":"bad","type":"authentication_error","code":"invalid_api_key"}}"#,
            "key-invalid",
            None,
        ),
        (
            429,
            &[],
            r#"{"error":{"message":"slow","type":"rate_limit_error","code":"rate_limit_exceeded"}}"#,
            "rate-limited",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"bad","type":"invalid_request_error","code":"invalid_parameter"}}"#,
            "invalid-request",
            None,
        ),
    ]);
}

#[test]
fn three_models_share_a_day_and_one_has_its_own() {
    let models = LongCat::manifest().build().models;
    let scopes: Vec<_> = models
        .iter()
        .map(|model| model.quotas[0].scope.as_str())
        .collect();
    assert_eq!(
        scopes,
        ["group:flash", "group:flash", "group:flash", "model"]
    );
}
