use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, head, listed, refusals, refused, sent, speaks_openai};

use super::*;

const SPENT: &str = r#"{"error":"you (someone) have reached your weekly usage limit, upgrade for higher limits: https://ollama.com/upgrade"}"#;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Ollama>("ollama.com/v1");
}

#[test]
fn what_a_model_thought_goes_back_under_the_name_it_came_with() {
    let body =
        json!({"messages": [{"role": "assistant", "content": "a", "reasoning_content": "r"}]});
    assert_eq!(
        sent::<Ollama>(&call("chat", "m"), &body).body,
        json!({"messages": [{"role": "assistant", "content": "a", "reasoning": "r"}]})
    );
}

#[test]
fn it_can_be_used_without_a_key() {
    let manifest = Ollama::manifest().build();
    assert!(manifest.keyless && manifest.secrets[0].optional);
}

/// The first two are as recorded (crmne/ruby_llm, cassettes `chat_real_error_scenarios_ollama_cloud…` and
/// `chat_error_handling_with_ollama_cloud…`); those on usage limits as users report them (continuedev/continue#9233 and
/// #11444, diegosouzapw/OmniRoute#3709); the others are invented in the same shape.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<Ollama>(&[
        (
            400,
            &[],
            r#"{"error":{"message":"prompt too long; exceeded max context length by 1119046 tokens (ref: 00000000-0000-0000-0000-000000000000)","type":"invalid_request_error","param":null,"code":null}}"#,
            "too-long",
            None,
        ),
        (
            401,
            &[],
            r#"{"error":{"message":"Unauthorized","type":"api_error","param":null,"code":null}}"#,
            "key-invalid",
            None,
        ),
        (429, &[], SPENT, "quota-exhausted", None),
        (
            429,
            &[],
            r#"{"error":"you've reached your hourly usage limit, please wait or upgrade to continue"}"#,
            "quota-exhausted",
            None,
        ),
        (
            403,
            &[],
            r#"{"error":"this model requires a subscription, upgrade for access: https://ollama.com/upgrade"}"#,
            "key-forbidden",
            None,
        ),
        (
            404,
            &[],
            r#"{"error":"model 'x' not found"}"#,
            "model-missing",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":"m does not support tools"}"#,
            "unsupported",
            None,
        ),
        (
            429,
            &[("retry-after", "5")],
            r#"{"error":"too many concurrent requests"}"#,
            "rate-limited",
            Some(5000),
        ),
        (
            502,
            &[],
            r#"{"error":"upstream error"}"#,
            "upstream-broken",
            None,
        ),
    ]);
    let failure = refused::<Ollama>(&call("chat", "m"), &head(429, &[]), SPENT);
    assert_eq!(failure.scope, "key");
    assert!(
        failure.message.starts_with("you have reached"),
        "{}",
        failure.message
    );
}

/// Invented in the documented shape.
#[test]
fn the_list_is_read() {
    let models = listed::<Ollama>(
        r#"{"object":"list","data":[{"id":"gpt-oss:120b","object":"model","created":1754352000,"owned_by":"ollama"}]}"#,
    );
    assert_eq!(models[0].id, "gpt-oss:120b");
    assert!(listed::<Ollama>(r#"{"object":"list","data":null}"#).is_empty());
}
