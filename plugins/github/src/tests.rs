use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, listed, refusals, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<GitHub>("models.github.ai/inference");
    for errand in ["models", "key-check"] {
        assert_eq!(
            sent::<GitHub>(&call(errand, ""), &json!(null)).url,
            "models.github.ai/catalog/models"
        );
    }
}

#[test]
fn a_chat_is_cut_to_what_the_free_plan_allows() {
    let body = json!({"model": "m", "messages": [], "max_tokens": 32_000, "top_k": 3, "reasoning_effort": "minimal"});
    assert_eq!(
        sent::<GitHub>(&call("chat", "m"), &body).body,
        json!({"model": "m", "messages": [], "max_tokens": 4000, "reasoning_effort": "low"})
    );
}

/// The first is from cline/cline#995; the second and third are as GitHub's users report them; the rest is invented in the
/// same shape.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<GitHub>(&[
        (
            413,
            &[],
            r#"{"error":{"code":"tokens_limit_reached","message":"Request body too large for gpt-4.1 model. Max size: 8000 tokens.","details":"Request body too large for gpt-4.1 model. Max size: 8000 tokens."}}"#,
            "too-long",
            None,
        ),
        (
            429,
            &[],
            r#"{"error":{"code":"RateLimitReached","message":"Rate limit of 10 per 60s exceeded for UserByModelByMinute. Please wait 41 seconds before retrying.","details":""}}"#,
            "rate-limited",
            Some(41_000),
        ),
        (
            429,
            &[("retry-after", "54000")],
            r#"{"error":{"code":"RateLimitReached","message":"Rate limit of 50 per 86400s exceeded for UserByModelByDay. Please wait 54000 seconds before retrying.","details":""}}"#,
            "quota-exhausted",
            Some(54_000_000),
        ),
        (
            401,
            &[],
            r#"{"error":{"code":"unauthorized","message":"Bad credentials"}}"#,
            "key-invalid",
            None,
        ),
        (
            403,
            &[],
            r#"{"error":{"code":"no_access","message":"No access to model: x"}}"#,
            "key-forbidden",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"code":"unknown_model","message":"Unknown model: x"}}"#,
            "model-missing",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"code":"unavailable_model","message":"Unavailable model: x"}}"#,
            "model-missing",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"code":"content_filter","message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy."}}"#,
            "content-filtered",
            None,
        ),
    ]);
}

/// Invented in the documented shape of the catalogue.
#[test]
fn the_catalogue_is_read() {
    let models = listed::<GitHub>(
        r#"[{"id":"openai/gpt-4.1-mini","name":"OpenAI GPT-4.1-mini","publisher":"OpenAI","rate_limit_tier":"low",
            "supported_input_modalities":["text","image"],"capabilities":["streaming","tool-calling"],
            "limits":{"max_input_tokens":1048576,"max_output_tokens":32768}},
           {"id":"openai/text-embedding-3-small","rate_limit_tier":"embeddings","limits":{"max_input_tokens":8191}}]"#,
    );
    let [chat, embedding] = &models[..] else {
        panic!("two models");
    };
    assert_eq!(
        (chat.context, &chat.traits[..]),
        (Some(8000), &["tools".to_owned(), "vision".to_owned()][..])
    );
    let limits: Vec<_> = chat.quotas.iter().map(|q| (q.window_s, q.limit)).collect();
    assert_eq!(limits, [(60, Some(15)), (86_400, Some(150))]);
    assert_eq!(embedding.operations, ["embeddings"]);
}
