use freellmapi_sdk::testing::{listed, refusals, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Agnes>("apihub.agnes-ai.com/v1");
}

/// Invented in LiteLLM's shape.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<Agnes>(&[
        (
            429,
            &[],
            r#"{"error":{"message":"No deployments available for selected model, Try again in 60 seconds. Passed model=agnes-2.0-flash.","type":"None","param":"None","code":"429"}}"#,
            "overloaded",
            Some(60_000),
        ),
        (
            429,
            &[],
            r#"{"error":{"message":"Rate limit exceeded: 20 RPM","type":"rate_limit_error","code":"429"}}"#,
            "rate-limited",
            None,
        ),
        (
            401,
            &[],
            r#"{"error":{"message":"Authentication Error, Invalid proxy server token passed.","type":"token_not_found_in_db","param":"key","code":"401"}}"#,
            "key-invalid",
            None,
        ),
        (
            401,
            &[],
            r#"{"error":{"message":"key not allowed to access model.","type":"key_model_access_denied","param":"model","code":"401"}}"#,
            "key-forbidden",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"ExceededBudget: User over budget","type":"budget_exceeded","code":"400"}}"#,
            "payment-required",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"/chat/completions: Invalid model name passed in model=x.","type":"invalid_request_error","code":"400"}}"#,
            "model-missing",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"litellm.ContextWindowExceededError: context window exceeded","code":"400"}}"#,
            "too-long",
            None,
        ),
        (
            503,
            &[],
            r#"{"error":{"message":"busy","code":"503"}}"#,
            "overloaded",
            None,
        ),
    ]);
}

/// Invented in OpenAI's shape.
#[test]
fn the_list_is_read() {
    assert_eq!(
        listed::<Agnes>(r#"{"data":[{"id":"agnes-2.0-flash","object":"model"}]}"#)[0].id,
        "agnes-2.0-flash"
    );
}
