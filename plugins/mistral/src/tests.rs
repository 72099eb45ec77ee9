use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, head, refused, sent};

use super::*;

#[test]
fn what_mistral_does_not_know_is_not_sent() {
    let body = json!({
        "model": "m", "stream": false, "seed": 7, "max_completion_tokens": 9, "top_k": 1,
        "logprobs": true, "reasoning_effort": "low", "user": "u", "tool_choice": "required",
        "stream_options": {"include_usage": true},
        "messages": [
            {"role": "developer", "content": "d"},
            {"role": "assistant", "content": "", "reasoning_content": "r", "tool_calls": [
                {"index": 0, "id": "toolu_01ABCdef-xyz", "type": "function", "extra_content": {},
                 "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "toolu_01ABCdef-xyz", "content": "1"},
        ],
    });
    let sent = sent::<Mistral>(&call("chat", "m"), &body);
    assert_eq!(sent.url, "api.mistral.ai/v1/chat/completions");
    assert_eq!(
        sent.headers,
        [("authorization".into(), "Bearer {api-key}".into())]
    );
    let id = sent.body["messages"][1]["tool_calls"][0]["id"].clone();
    assert_eq!(id.as_str().map(str::len), Some(9));
    assert_eq!(
        sent.body,
        json!({
            "model": "m", "stream": false, "random_seed": 7, "max_tokens": 9, "tool_choice": "any",
            "messages": [
                {"role": "system", "content": "d"},
                {"role": "assistant", "content": "", "tool_calls": [
                    {"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
                {"role": "tool", "tool_call_id": id, "content": "1"},
            ],
        })
    );
}

#[test]
fn a_stream_asks_for_no_usage_which_comes_anyway() {
    let mut call = call("chat", "m");
    call.streaming = true;
    let body =
        json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": "hi"}]});
    assert_eq!(sent::<Mistral>(&call, &body).body, body);
}

#[test]
fn vectors_are_asked_for_with_what_it_knows() {
    let body = json!({"model": "mistral-embed", "input": ["a"], "encoding_format": "base64", "dimensions": 256, "user": "u"});
    let sent = sent::<Mistral>(&call("embeddings", "mistral-embed"), &body);
    assert_eq!(
        (sent.url.as_str(), sent.body),
        (
            "api.mistral.ai/v1/embeddings",
            json!({"model": "mistral-embed", "input": ["a"]})
        )
    );
}

#[test]
fn refusals_say_what_to_do_next() {
    for (status, headers, body, kind, wait) in [
        (
            429,
            &[("retry-after", "3")][..],
            r#"{"object":"error","message":"Requests rate limit exceeded","type":"rate_limited","param":null,"code":"1300"}"#,
            "rate-limited",
            Some(3000),
        ),
        (
            429,
            &[],
            r#"{"object":"error","message":"Service tier capacity exceeded for this model.","type":"service_tier_capacity_exceeded","param":null,"code":"3505"}"#,
            "overloaded",
            None,
        ),
        (
            429,
            &[],
            r#"{"object":"error","message":"Service tier capacity exceeded for this model.","type":"invalid_request_error","param":null,"code":null}"#,
            "overloaded",
            None,
        ),
        (
            401,
            &[],
            r#"{"detail":"Unauthorized"}"#,
            "key-invalid",
            None,
        ),
        (
            400,
            &[],
            r#"{"object":"error","message":"Invalid model: nope","type":"invalid_model","param":null,"code":"1500"}"#,
            "model-missing",
            None,
        ),
        (
            400,
            &[],
            r#"{"object":"error","message":"Prompt contains 300000 tokens and 0 draft tokens, too large for model with 262144 maximum context length","type":"invalid_request_prompt","code":"3051"}"#,
            "too-long",
            None,
        ),
        (
            422,
            &[],
            r#"{"detail":[{"type":"extra_forbidden","loc":["body","x"],"msg":"Extra inputs are not permitted"}]}"#,
            "invalid-request",
            None,
        ),
    ] {
        let failure = refused::<Mistral>(&call("chat", "m"), &head(status, headers), body);
        assert_eq!(
            (failure.kind.as_str(), failure.retry_after_ms),
            (kind, wait),
            "{body}"
        );
    }
}

#[test]
fn limits_are_read_from_its_own_headers() {
    let head = head(
        200,
        &[
            ("x-ratelimit-limit-req-minute", "100"),
            ("x-ratelimit-remaining-req-minute", "99"),
            ("x-ratelimit-limit-tokens-minute", "100000"),
            ("x-ratelimit-remaining-tokens-minute", "98321"),
        ],
    );
    let quotas = Mistral::quotas(&call("chat", "m"), &head);
    let told: Vec<_> = quotas
        .iter()
        .map(|q| (q.unit.as_str(), q.window_s, q.limit, q.remaining))
        .collect();
    assert_eq!(
        told,
        [
            ("requests", 60, Some(100), Some(99)),
            ("tokens", 60, Some(100_000), Some(98_321)),
        ]
    );
}

#[test]
fn its_list_tells_what_a_model_can() {
    let list = br#"{"object":"list","data":[
        {"id":"mistral-small-latest","object":"model","name":"Mistral Small","max_context_length":131072,
         "capabilities":{"completion_chat":true,"function_calling":true,"vision":true}},
        {"id":"mistral-embed","object":"model","max_context_length":8192,"capabilities":{}}]}"#;
    let listing = Mistral::decode_models(&call("models", ""), &head(200, &[]), list).unwrap();
    let model = &listing.models[0];
    assert_eq!(model.context, Some(131_072));
    assert_eq!(model.traits, ["tools", "json-object", "vision"]);
    assert_eq!(listing.models[1].operations, ["embeddings"]);
}
