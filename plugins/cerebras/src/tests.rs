use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, head, listed, refusals, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Cerebras>("api.cerebras.ai/v1");
}

#[test]
fn a_chat_loses_what_cerebras_refuses() {
    let body = json!({
        "model": "m", "frequency_penalty": 0, "logit_bias": {}, "seed": 1,
        "messages": [{"role": "developer", "content": "d"}, {"role": "assistant", "content": "a", "reasoning_content": "r"}],
    });
    assert_eq!(
        sent::<Cerebras>(&call("chat", "m"), &body).body,
        json!({"model": "m", "seed": 1, "messages": [{"role": "system", "content": "d"}, {"role": "assistant", "content": "a"}]})
    );
}

/// The quota, queue and schema bodies are as users reported them (nminaya/grammar-nazi-bot#958, anomalyco/opencode#7463,
/// irthomasthomas/llm-cerebras#6); the others are invented in the same shape.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<Cerebras>(&[
        (
            429,
            &[],
            r#"{"message":"Requests per minute limit exceeded - too many requests sent.","type":"too_many_requests_error","param":"quota","code":"request_quota_exceeded"}"#,
            "rate-limited",
            None,
        ),
        (
            429,
            &[("retry-after", "12")],
            r#"{"message":"Tokens per minute limit exceeded - too many tokens processed.","type":"too_many_tokens_error","param":"quota","code":"token_quota_exceeded"}"#,
            "rate-limited",
            Some(12_000),
        ),
        (
            429,
            &[],
            r#"{"message":"Tokens per day limit exceeded - too many tokens processed.","type":"too_many_tokens_error","param":"quota","code":"token_quota_exceeded"}"#,
            "quota-exhausted",
            None,
        ),
        (
            429,
            &[],
            r#"{"message":"We're experiencing high traffic right now! Please try again soon.","type":"too_many_requests_error","param":"queue","code":"queue_exceeded"}"#,
            "overloaded",
            None,
        ),
        (
            400,
            &[],
            r#"{"message":"Unsupported JSON schema fields: {'minItems', 'items'}","type":"invalid_request_error","param":"response_format","code":"wrong_api_format"}"#,
            "unsupported",
            None,
        ),
        (
            400,
            &[],
            r#"{"message":": Invalid JSON: lone leading surrogate in hex escape","type":"invalid_request_error","param":"","code":"wrong_api_format"}"#,
            "invalid-request",
            None,
        ),
        (
            400,
            &[],
            r#"{"message":"Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}"#,
            "too-long",
            None,
        ),
        (
            401,
            &[],
            r#"{"message":"Wrong API Key","type":"invalid_request_error","param":"api_key","code":"wrong_api_key"}"#,
            "key-invalid",
            None,
        ),
        (
            404,
            &[],
            r#"{"message":"Model x does not exist or you do not have access to it.","type":"not_found_error","param":"model","code":"model_not_found"}"#,
            "model-missing",
            None,
        ),
        (
            402,
            &[],
            r#"{"message":"Payment required","code":"payment_required"}"#,
            "payment-required",
            None,
        ),
        (503, &[], "<html>503</html>", "overloaded", None),
    ]);
}

/// The names are those of the documentation on rate limits; the figures are invented.
#[test]
fn headers_count_requests_by_the_day_and_tokens_by_the_minute() {
    let head = head(
        200,
        &[
            ("x-ratelimit-limit-requests-day", "2400"),
            ("x-ratelimit-remaining-requests-day", "2399"),
            ("x-ratelimit-reset-requests-day", "33011.382867"),
            ("x-ratelimit-limit-tokens-minute", "30000"),
            ("x-ratelimit-remaining-tokens-minute", "29961"),
            ("x-ratelimit-reset-tokens-minute", "11.382867"),
        ],
    );
    let told: Vec<_> = Cerebras::quotas(&call("chat", "m"), &head)
        .into_iter()
        .map(|q| (q.unit, q.window_s, q.limit, q.remaining, q.reset_ms))
        .collect();
    assert_eq!(
        told,
        [
            (
                "requests".into(),
                86_400,
                Some(2400),
                Some(2399),
                Some(33_011_383)
            ),
            (
                "tokens".into(),
                60,
                Some(30_000),
                Some(29_961),
                Some(11_383)
            ),
        ]
    );
}

/// As recorded: pydantic/pydantic-ai, cassette `test_known_model_names`.
#[test]
fn the_list_is_read() {
    let models = listed::<Cerebras>(
        r#"{"data":[{"created":0,"id":"gemma-4-31b","object":"model","owned_by":"Cerebras"},{"created":0,"id":"gpt-oss-120b","object":"model","owned_by":"Cerebras"}],"object":"list"}"#,
    );
    assert_eq!(models.len(), 2);
    assert_eq!(models[0].id, "gemma-4-31b");
}
