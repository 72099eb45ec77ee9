use freellmapi_sdk::testing::{call, chat, failed, head, no_body, plan};
use freellmapi_sdk::{Adapter, Quota, Verdict};

use super::{Groq, limits};

const SMALL: &str = "llama-3.1-8b-instant";
const TPD: &str = "Rate limit reached for model `m` in organization `org_EXAMPLE` on tokens per day (TPD): \
    Limit 100000, Used 99950, Requested 1200. Please try again in 16m33.6s.";

/// Unit, window, limit, what is left, until it is full.
type Row<'a> = (&'a str, u64, Option<u64>, Option<u64>, Option<u64>);

fn row(quota: &Quota) -> Row<'_> {
    let (unit, window_s) = (quota.unit.as_str(), quota.window_s);
    (unit, window_s, quota.limit, quota.remaining, quota.reset_ms)
}

fn rows(quotas: &[Quota]) -> Vec<Row<'_>> {
    quotas.iter().map(row).collect()
}

#[test]
fn a_chat_loses_what_groq_refuses() {
    assert_eq!(
        plan::<Groq>(&chat(SMALL, true)),
        "POST https://api.groq.com/openai/v1/chat/completions\n\
         authorization: Bearer {api-key}\n\
         remove /logprobs\nremove /top_logprobs\nremove /logit_bias\n\
         remove /top_k\nremove /min_p\nremove /repetition_penalty\n\
         remove /messages/*/name\nremove /messages/*/reasoning_content\n\
         remove /reasoning_effort\n\
         set /stream_options {\"include_usage\":true}\n"
    );
    assert!(plan::<Groq>(&chat(SMALL, false)).ends_with("remove /stream_options\n"));
    let models = "GET https://api.groq.com/openai/v1/models\nauthorization: Bearer {api-key}\n";
    assert_eq!(plan::<Groq>(&call("models", "")), models);
    assert_eq!(plan::<Groq>(&call("key-check", "")), models);
}

#[test]
fn each_model_gets_the_words_of_effort_that_it_knows() {
    for (model, line) in [
        (
            "openai/gpt-oss-20b",
            "replace /reasoning_effort \"minimal\" \"low\"\n",
        ),
        (
            "qwen/qwen3-32b",
            "replace /reasoning_effort \"high\" \"default\"\n",
        ),
        ("groq/compound", "remove /reasoning_effort\n"),
    ] {
        let plan = plan::<Groq>(&chat(model, false));
        assert!(plan.contains(line), "{model}: {plan}");
    }
}

#[test]
fn several_choices_are_for_someone_else() {
    let mut call = chat(SMALL, false);
    call.outline.traits.push("many".to_owned());
    let failure = Groq::encode(&call, &no_body()).expect_err("n > 1");
    assert_eq!(failure.kind, "unsupported");
}

#[test]
fn requests_are_told_by_the_day_and_tokens_by_the_minute() {
    let headers = [
        ("x-ratelimit-limit-requests", "14400"),
        ("x-ratelimit-remaining-requests", "14370"),
        ("x-ratelimit-reset-requests", "2m59.56s"),
        ("x-ratelimit-limit-tokens", "7000"),
        ("x-ratelimit-remaining-tokens", "0"),
        ("x-ratelimit-reset-tokens", "7.66s"),
    ];
    let day = (
        "requests",
        86_400,
        Some(14_400),
        Some(14_370),
        Some(179_560),
    );
    let minute = ("tokens", 60, Some(7_000), Some(0), Some(7_660));
    let told = Groq::quotas(&chat(SMALL, false), &head(200, &headers));
    assert_eq!(rows(&told), [day, minute]);

    // Without `retry-after` the wait is that of the meter that is spent.
    let failure = failed::<Groq>(429, &headers, "{}").expect("no second try");
    assert_eq!(
        (failure.kind.as_str(), failure.retry_after_ms),
        ("rate-limited", Some(7_660))
    );
    assert_eq!(rows(&failure.quotas), [day, minute]);
}

#[test]
fn a_days_tokens_are_read_from_the_prose() {
    let body = format!(
        r#"{{"error":{{"message":"{TPD}","type":"tokens","code":"rate_limit_exceeded"}}}}"#
    );
    let failure = failed::<Groq>(429, &[], &body).expect("no second try");
    assert_eq!(failure.kind, "quota-exhausted");
    assert_eq!(failure.retry_after_ms, Some(993_600));
    let day = ("tokens", 86_400, Some(100_000), Some(50), None);
    assert_eq!(rows(&failure.quotas), [day]);
    assert!(
        !failure.message.contains("org_EXAMPLE"),
        "{}",
        failure.message
    );
    assert!(
        failure.message.contains("model `m` on tokens per day"),
        "{}",
        failure.message
    );
}

#[test]
fn retry_after_wins_over_prose() {
    let body = r#"{"error":{"message":"on tokens per minute (TPM): Limit 7000, Used 6148, Requested 7895. Please try again in 1m0.363142857s.","code":"rate_limit_exceeded"}}"#;
    let told = failed::<Groq>(429, &[("retry-after", "61")], body).expect("no second try");
    assert_eq!(
        (told.kind.as_str(), told.retry_after_ms),
        ("rate-limited", Some(61_000))
    );
    let said = failed::<Groq>(429, &[], body).expect("no second try");
    assert_eq!(said.retry_after_ms, Some(60_364));
}

#[test]
fn errors() {
    for (status, body, kind) in [
        (
            401,
            r#"{"error":{"message":"Invalid API Key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
            "key-invalid",
        ),
        (
            404,
            r#"{"error":{"message":"The model `x` does not exist or you do not have access to it.","type":"invalid_request_error","code":"model_not_found"}}"#,
            "model-missing",
        ),
        (
            400,
            r#"{"error":{"message":"The model `x` has been decommissioned and is no longer supported.","type":"invalid_request_error","code":"model_decommissioned"}}"#,
            "model-missing",
        ),
        (
            400,
            r#"{"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
            "too-long",
        ),
        (
            413,
            r#"{"error":{"message":"Request too large for model `m` in organization `org_EXAMPLE` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 9000","type":"tokens","code":"rate_limit_exceeded"}}"#,
            "too-long",
        ),
        (
            400,
            r#"{"error":{"message":"This model does not support response format `json_schema`.","type":"invalid_request_error","param":"response_format"}}"#,
            "unsupported",
        ),
        (
            498,
            r#"{"error":{"message":"Flex tier capacity exceeded","type":"capacity"}}"#,
            "overloaded",
        ),
        (503, "", "overloaded"),
    ] {
        let failure = failed::<Groq>(status, &[], body).expect("no second try");
        assert_eq!(failure.kind, kind, "{body}");
        assert!(!failure.message.contains("org_"), "{}", failure.message);
    }
}

#[test]
fn a_call_that_is_none_is_thrown_again_once_and_is_nobodys_fault() {
    let body = br#"{"error":{"message":"Failed to call a function.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<function=read={}</function>"}}"#;
    let mut call = chat("llama-3.3-70b-versatile", false);
    let Verdict::Again(more) = Groq::classify(&call, &head(400, &[]), body) else {
        panic!("a second throw");
    };
    assert_eq!(
        more.request,
        Groq::encode(&call, &no_body()).expect("a plan")
    );
    call.step = 1;
    let streamed = chat("llama-3.3-70b-versatile", true);
    for (call, status) in [(call, 400), (streamed, 200)] {
        match Groq::classify(&call, &head(status, &[]), body) {
            Verdict::Failed(failure) => assert_eq!(failure.kind, "unsupported"),
            Verdict::Again(_) => panic!("no third throw, and none within a stream"),
        }
    }
}

#[test]
fn the_list_tells_what_is_switched_off_and_what_does_not_chat() {
    let body = br#"{"object":"list","data":[
        {"id":"llama-3.1-8b-instant","object":"model","owned_by":"Meta","active":true,"context_window":131072,"max_completion_tokens":131072},
        {"id":"whisper-large-v3","object":"model","owned_by":"OpenAI","active":true,"context_window":448},
        {"id":"old","object":"model","active":false,"context_window":8192}]}"#;
    let listing = Groq::decode_models(&call("models", ""), &head(200, &[]), body);
    let models = listing.expect("a list").models;
    assert_eq!(models.len(), 2);
    assert_eq!(
        (models[0].context, models[0].max_output),
        (Some(131_072), Some(131_072))
    );
    assert_eq!(models[1].operations, ["transcription"]);
}

#[test]
fn the_manifest_reaches_two_paths() {
    let manifest = Groq::manifest().build();
    let reaches: Vec<_> = manifest
        .reaches
        .iter()
        .map(|reach| (reach.methods[0].as_str(), reach.path.as_str()))
        .collect();
    assert_eq!(
        reaches,
        [
            ("POST", "/openai/v1/chat/completions"),
            ("GET", "/openai/v1/models")
        ]
    );
    assert_eq!(manifest.secrets[0].hosts, ["api.groq.com"]);
}

#[test]
fn prose_without_a_meter_tells_none() {
    for message in [
        "",
        "(TPM)",
        "(TPM): Limit x",
        "Limit 5",
        "(TPD): Limit 99999999999999999999999",
    ] {
        assert_eq!(limits::told(message), None, "{message}");
    }
    assert_eq!(limits::without_organisation("a in organization `b"), "a");
}
