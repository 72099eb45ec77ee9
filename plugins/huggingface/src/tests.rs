use freellmapi_sdk::End;
use freellmapi_sdk::testing::{answered, call, listed, refusals, speaks_openai, streamed};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<HuggingFace>("router.huggingface.co/v1");
}

/// The first is as users report it (huggingface/agents-course#386); the rest is invented in the router's shape.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<HuggingFace>(&[
        (
            402,
            &[],
            r#"{"error":"You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO to get 20x more monthly included credits."}"#,
            "payment-required",
            None,
        ),
        (
            401,
            &[],
            r#"{"error":"Invalid username or password."}"#,
            "key-invalid",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"The requested model 'x' is not supported by any provider you have enabled.","type":"invalid_request_error","param":"model","code":"model_not_supported"}}"#,
            "model-missing",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"This model's maximum context length is 131072 tokens.","type":"invalid_request_error"}}"#,
            "too-long",
            None,
        ),
        (
            429,
            &[("retry-after", "3")],
            r#"{"error":"Too many requests"}"#,
            "rate-limited",
            Some(3000),
        ),
        (
            503,
            &[],
            r#"{"error":"Model is overloaded"}"#,
            "overloaded",
            None,
        ),
        (504, &[], "upstream timed out", "overloaded", None),
    ]);
}

/// As recorded: pydantic/pydantic-ai, cassette `test_cancel_recorded_provider_stream[huggingface]`.
#[test]
fn a_recorded_stream_passes_as_it_is() {
    let events = [
        r#"{"id":"ebafdc26c3296ed027c5cd6565fa1bce","object":"chat.completion.chunk","created":1786507380,"model":"meta-llama/llama-3.1-8b-instruct","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}],"system_fingerprint":"","sla_metrics":{"ttft_ms":274,"ts_us":1786507380308596}}"#,
        r#"{"id":"ebafdc26c3296ed027c5cd6565fa1bce","object":"chat.completion.chunk","created":1786507380,"model":"meta-llama/llama-3.1-8b-instruct","choices":[{"index":0,"delta":{"content":"Paris"},"finish_reason":null}],"system_fingerprint":"","sla_metrics":{"ttft_ms":274,"ts_us":1786507380308637}}"#,
        r#"{"id":"ebafdc26c3296ed027c5cd6565fa1bce","object":"chat.completion.chunk","created":1786507380,"model":"meta-llama/llama-3.1-8b-instruct","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"system_fingerprint":"","sla_metrics":{"ttft_ms":274,"ts_us":1786507380313692}}"#,
        "[DONE]",
    ];
    let (chunks, end) = streamed::<HuggingFace>(&call("chat", "m"), &events);
    assert_eq!(chunks[1]["choices"][0]["delta"]["content"], "Paris");
    assert_eq!(
        (chunks.len(), matches!(end, Some(End::Complete))),
        (3, true)
    );
}

/// Invented: what a provider without a reasoning parser of its own sends.
#[test]
fn reasoning_in_the_text_is_told_apart() {
    let body = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"<think>\nhm\n</think>\n\n4"},"finish_reason":"stop"}]}"#;
    let message = &answered::<HuggingFace>(&call("chat", "m"), body)["choices"][0]["message"];
    assert_eq!(
        (&message["content"], &message["reasoning_content"]),
        (&"4".into(), &"hm".into())
    );
}

/// Invented in the shape of the router's list.
#[test]
fn the_list_tells_what_the_best_provider_of_a_model_can() {
    let models = listed::<HuggingFace>(
        r#"{"object":"list","data":[
            {"id":"a/b","providers":[{"provider":"x","status":"live","context_length":32768,"supports_tools":true},
                                     {"provider":"y","status":"live","context_length":131072,"supports_structured_output":true},
                                     {"provider":"z","status":"error","context_length":999999}]},
            {"id":"gone/c","providers":[{"provider":"x","status":"error"}]}]}"#,
    );
    assert_eq!(models.len(), 1);
    assert_eq!(models[0].context, Some(131_072));
    assert_eq!(models[0].traits, ["tools", "json-schema"]);
}
