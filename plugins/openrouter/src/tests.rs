use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, head, refused, sent};

use super::*;

#[test]
fn a_chat_goes_as_it_is_and_says_who_asks() {
    let body = json!({"model": "m", "top_k": 3, "messages": [{"role": "user", "content": "hi"}]});
    let sent = sent::<OpenRouter>(&call("chat", "m"), &body);
    assert_eq!(sent.url, "openrouter.ai/api/v1/chat/completions");
    assert_eq!(sent.body, body);
    assert_eq!(
        sent.headers,
        [
            ("authorization".into(), "Bearer {api-key}".into()),
            ("http-referer".into(), "http://localhost:3001".into()),
            ("x-title".into(), "FreeLLMAPI".to_owned()),
        ]
    );
}

#[test]
fn a_stream_asks_for_usage() {
    let mut call = call("chat", "m");
    call.streaming = true;
    let sent = sent::<OpenRouter>(&call, &json!({"messages": []}));
    assert_eq!(
        sent.body,
        json!({"messages": [], "stream_options": {"include_usage": true}})
    );
}

#[test]
fn a_key_is_checked_where_the_list_of_models_is_not() {
    let url = |operation| sent::<OpenRouter>(&call(operation, ""), &json!(null)).url;
    assert_eq!(url("key-check"), "openrouter.ai/api/v1/key");
    assert_eq!(url("models"), "openrouter.ai/api/v1/models");
}

#[test]
fn refusals_say_what_to_do_next() {
    for (status, headers, body, kind, wait) in [
        (
            404,
            &[][..],
            r#"{"error":{"message":"No endpoints found that support tool use. To learn more, visit: x","code":404}}"#,
            "unsupported",
            None,
        ),
        (
            404,
            &[],
            r#"{"error":{"message":"No endpoints found matching your data policy (Free model publication).","code":404}}"#,
            "unsupported",
            None,
        ),
        (
            404,
            &[],
            r#"{"error":{"message":"No endpoints found for a/b:free.","code":404},"user_id":"user_1"}"#,
            "model-missing",
            None,
        ),
        (
            403,
            &[],
            r#"{"error":{"code":403,"message":"Input was flagged","metadata":{"reasons":["violence"],"flagged_input":"words"}}}"#,
            "content-filtered",
            None,
        ),
        (
            402,
            &[("retry-after", "8")],
            r#"{"error":{"code":402,"message":"In-flight budget exceeded"}}"#,
            "rate-limited",
            Some(8000),
        ),
        (
            402,
            &[],
            r#"{"error":{"code":402,"message":"Insufficient credits"}}"#,
            "payment-required",
            None,
        ),
        (
            401,
            &[],
            r#"{"error":{"message":"Missing Authentication header","code":401}}"#,
            "key-invalid",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"This endpoint's maximum context length is 200000 tokens. However, you requested about 2500021 tokens.","code":400}}"#,
            "too-long",
            None,
        ),
        (
            200,
            &[],
            r#"{"id":"gen-1","error":{"code":400,"message":"Token limit reached"},"choices":[]}"#,
            "too-long",
            None,
        ),
        (
            200,
            &[],
            r#"{"id":"gen-1","error":{"code":502,"message":"Provider disconnected"},"choices":[]}"#,
            "upstream-broken",
            None,
        ),
    ] {
        let failure = refused::<OpenRouter>(&call("chat", "m"), &head(status, headers), body);
        assert_eq!(
            (failure.kind.as_str(), failure.retry_after_ms),
            (kind, wait),
            "{body}"
        );
        assert!(!failure.message.contains("words"), "{}", failure.message);
    }
}

#[test]
fn the_free_requests_belong_to_the_account() {
    let call = call("chat", "m");
    let reset = call.now_ms + 5_000;
    for (words, kind, window) in [
        (
            "free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
            "quota-exhausted",
            86_400,
        ),
        ("free-models-per-min. ", "rate-limited", 60),
    ] {
        let body = json!({"error": {"message": format!("Rate limit exceeded: {words}"), "code": 429,
            "metadata": {"headers": {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0",
                                     "X-RateLimit-Reset": reset.to_string()}}}});
        let failure = refused::<OpenRouter>(&call, &head(429, &[]), &body.to_string());
        assert_eq!(
            (failure.kind.as_str(), failure.scope.as_str()),
            (kind, "account")
        );
        assert_eq!(failure.retry_after_ms, Some(5_000));
        let quota = &failure.quotas[0];
        assert_eq!(
            (quota.window_s, quota.limit, quota.remaining),
            (window, Some(50), Some(0))
        );
    }
}

#[test]
fn a_busy_provider_behind_rests_the_model_alone() {
    let body = r#"{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"m is temporarily rate-limited upstream","provider_name":"P"}}}"#;
    let failure = refused::<OpenRouter>(&call("chat", "m"), &head(429, &[]), body);
    assert_eq!(
        (failure.kind.as_str(), failure.scope.as_str()),
        ("rate-limited", "model")
    );
}

#[test]
fn the_list_keeps_what_is_free() {
    let list = json!({"data": [
        {"id": "a/b:free", "name": "B", "context_length": 131072, "pricing": {"prompt": "0", "completion": "0"},
         "architecture": {"input_modalities": ["text", "image"]}, "top_provider": {"max_completion_tokens": 4096},
         "supported_parameters": ["tools", "response_format"]},
        {"id": "a/b", "pricing": {"prompt": "0.000001", "completion": "0"}},
        {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
    ]});
    let listing = OpenRouter::decode_models(
        &call("models", ""),
        &head(200, &[]),
        list.to_string().as_bytes(),
    );
    let models = listing.unwrap().models;
    assert_eq!(models.len(), 1);
    assert_eq!(
        (models[0].context, models[0].max_output),
        (Some(131_072), Some(4096))
    );
    assert_eq!(models[0].traits, ["tools", "json-object", "vision"]);
}

#[test]
fn vectors_have_their_place() {
    let body = json!({"model": "m", "input": ["a"]});
    let sent = sent::<OpenRouter>(&call("embeddings", "m"), &body);
    assert_eq!(
        (sent.url.as_str(), sent.body),
        ("openrouter.ai/api/v1/embeddings", body)
    );
}
