//! What clients are told for what Google answers and refuses.

use serde_json::{Value as Json, json};

use super::{call, decoded, gemini, head};
use crate::gemini::{classify, decode_models};
use crate::{Failure, Value, Verdict};

fn candidate(parts: &Json, finish: &str) -> String {
    json!({"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0}]})
        .to_string()
}

fn message(parts: &Json, finish: &str) -> Json {
    let (answer, _) = decoded(&call("m"), &candidate(parts, finish)).expect("an answer");
    answer["choices"][0].clone()
}

fn failed(status: u16, body: &str) -> Failure {
    match classify(&call("m"), &head(status), body.as_bytes()) {
        Verdict::Failed(failure) => failure,
        Verdict::Again(_) => panic!("asks again"),
    }
}

#[test]
fn calls_get_ids_indices_and_arguments() {
    let parts = json!([
        {"functionCall": {"name": "w", "args": {"c": "X  y"}}, "thoughtSignature": "U0lH"},
        {"functionCall": {"name": "w"}},
        {"functionCall": {"id": "abc", "name": "w", "args": {"n": 1.50}}},
    ]);
    let (answer, reply) = decoded(&call("m"), &candidate(&parts, "STOP")).expect("an answer");
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], Json::Null);
    let calls = choice["message"]["tool_calls"].as_array().expect("calls");
    let of = |name: &str| calls.iter().map(|it| it[name].clone()).collect::<Vec<_>>();
    assert_eq!(
        of("id"),
        ["call_0123456789abcdef_0", "call_0123456789abcdef_1", "abc"]
    );
    let arguments: Vec<_> = calls
        .iter()
        .map(|it| &it["function"]["arguments"])
        .collect();
    assert_eq!(arguments, [r#"{"c":"X  y"}"#, "{}", r#"{"n":1.5}"#]);
    assert_eq!(
        calls[0]["extra_content"]["google"]["thought_signature"],
        "U0lH"
    );
    assert_eq!(reply.notes.len(), 1);
    assert_eq!(reply.notes[0].id, "call_0123456789abcdef_0");
    assert_eq!(reply.notes[0].data, b"U0lH");
}

#[test]
fn thoughts_stand_apart() {
    let parts = json!([{"text": "hm", "thought": true}, {"text": "a"}, {"text": "b", "thoughtSignature": "x"}]);
    assert_eq!(
        message(&parts, "STOP")["message"],
        json!({"role": "assistant", "content": "ab", "reasoning_content": "hm"})
    );
}

#[test]
fn every_finish_is_one_of_openais() {
    let parts = json!([{"text": "a"}]);
    for (word, wanted) in [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("LANGUAGE", "content_filter"),
        ("BLOCKLIST", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("SPII", "content_filter"),
        ("IMAGE_SAFETY", "content_filter"),
        ("IMAGE_OTHER", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "stop"),
        ("FINISH_REASON_UNSPECIFIED", "stop"),
        ("INVENTED_TOMORROW", "stop"),
    ] {
        assert_eq!(message(&parts, word)["finish_reason"], wanted, "{word}");
    }
    let nothing = candidate(&json!([]), "MALFORMED_FUNCTION_CALL");
    assert_eq!(
        decoded(&call("m"), &nothing).expect_err("a fault").kind,
        "malformed-reply"
    );
}

#[test]
fn a_refused_prompt_is_an_answer() {
    let body = r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},
        "usageMetadata":{"promptTokenCount":12,"totalTokenCount":12},"modelVersion":"gemini-2.5-flash"}"#;
    let (answer, reply) = decoded(&call("m"), body).expect("an answer");
    assert_eq!(answer["choices"][0]["finish_reason"], "content_filter");
    assert_eq!(answer["choices"][0]["message"]["content"], "");
    assert_eq!(reply.usage.and_then(|usage| usage.input), Some(12));
    for body in ["{}", "[]", "nonsense", r#"{"candidates":[]}"#] {
        assert_eq!(
            decoded(&call("m"), body).expect_err("a fault").kind,
            "malformed-reply"
        );
    }
}

#[test]
fn thinking_counts_as_output() {
    let body = r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":
        {"promptTokenCount":10,"toolUsePromptTokenCount":1,"candidatesTokenCount":8,"thoughtsTokenCount":23,
        "cachedContentTokenCount":4,"totalTokenCount":42}}"#;
    let (answer, reply) = decoded(&call("m"), body).expect("an answer");
    let usage = reply.usage.expect("usage");
    assert_eq!((usage.input, usage.output), (Some(11), Some(31)));
    assert_eq!((usage.cached, usage.reasoning), (Some(4), Some(23)));
    assert_eq!(
        answer["usage"],
        json!({"prompt_tokens": 11, "completion_tokens": 31, "total_tokens": 42,
            "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 23}})
    );
}

#[test]
fn errors_are_told_apart() {
    let error = |code: u16, status: &str, message: &str, reason: &str| {
        json!({"error": {"code": code, "message": message, "status": status, "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]}})
        .to_string()
    };
    for (code, status, message, reason, wanted) in [
        (
            400,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid API key.",
            "API_KEY_INVALID",
            "key-invalid",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "API key not valid.",
            "",
            "key-invalid",
        ),
        (401, "UNAUTHENTICATED", "no credentials", "", "key-invalid"),
        (
            403,
            "PERMISSION_DENIED",
            "Your API key was reported as leaked.",
            "",
            "key-invalid",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "off",
            "SERVICE_DISABLED",
            "key-forbidden",
        ),
        (
            400,
            "FAILED_PRECONDITION",
            "User location is not supported for the API use.",
            "",
            "key-forbidden",
        ),
        (
            400,
            "FAILED_PRECONDITION",
            "Please enable billing on project 1.",
            "",
            "payment-required",
        ),
        (
            404,
            "NOT_FOUND",
            "models/x is not found for API version v1beta",
            "",
            "model-missing",
        ),
        (
            429,
            "RESOURCE_EXHAUSTED",
            "Resource has been exhausted (e.g. check quota).",
            "",
            "rate-limited",
        ),
        (
            429,
            "RESOURCE_EXHAUSTED",
            "Your prepayment credits are depleted.",
            "",
            "payment-required",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "The input token count (9) exceeds the maximum number of tokens allowed (8).",
            "",
            "too-long",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "Function call is missing a thought_signature in functionCall parts.",
            "",
            "unsupported",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "temperature must be in [0, 2]",
            "",
            "invalid-request",
        ),
        (
            500,
            "INTERNAL",
            "An internal error has occurred.",
            "",
            "upstream-broken",
        ),
        (
            503,
            "UNAVAILABLE",
            "The model is overloaded. Please try again later.",
            "",
            "overloaded",
        ),
        (504, "DEADLINE_EXCEEDED", "", "", "overloaded"),
    ] {
        let body = error(code, status, message, reason);
        assert_eq!(failed(code, &body).kind, wanted, "{body}");
        assert_eq!(failed(code, &format!("[{body}]")).kind, wanted, "[{body}]");
        assert_eq!(failed(200, &body).kind, wanted, "in a 200: {body}");
    }
    assert_eq!(
        failed(502, "<html>bad gateway</html>").kind,
        "upstream-broken"
    );
}

#[test]
fn a_days_limit_outranks_the_delay() {
    let body = |ids: &[(&str, &str)]| {
        let violations: Vec<_> = ids
            .iter()
            .map(|(id, value)| json!({"quotaId": id, "quotaValue": value, "quotaDimensions": {"model": "m"}}))
            .collect();
        json!({"error": {"code": 429, "message": "You exceeded your current quota, please check your plan and billing details.",
            "status": "RESOURCE_EXHAUSTED", "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "27.5s"}]}})
        .to_string()
    };
    let minute = (
        "GenerateContentInputTokensPerModelPerMinute-FreeTier",
        "250000",
    );
    let day = ("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "50");

    let failure = failed(429, &body(&[minute]));
    assert_eq!(failure.kind, "rate-limited");
    assert_eq!(failure.retry_after_ms, Some(27_500));
    let quota = &failure.quotas[0];
    assert_eq!(
        (&*quota.unit, quota.window_s, quota.limit),
        ("input-tokens", 60, Some(250_000))
    );
    assert_eq!(quota.reset_ms, Some(27_500));

    let failure = failed(429, &body(&[minute, day]));
    assert_eq!(failure.kind, "quota-exhausted");
    assert_eq!((failure.retry_after_ms, &*failure.scope), (None, "model"));
    let quota = &failure.quotas[1];
    assert_eq!(
        (&*quota.unit, quota.window_s, quota.limit),
        ("requests", 86_400, Some(50))
    );
    assert_eq!(
        (&*quota.anchor, &*quota.scope),
        ("America/Los_Angeles", "model")
    );
    assert_eq!((quota.remaining, quota.reset_ms), (Some(0), None));
}

#[test]
fn lists_are_paged() {
    let body = json!({"models": [
        {"name": "models/gemini-3-flash", "displayName": "Gemini 3 Flash", "inputTokenLimit": 9, "outputTokenLimit": 8,
         "supportedGenerationMethods": ["generateContent", "countTokens"], "thinking": true},
        {"name": "models/imagen-4", "supportedGenerationMethods": ["predict"]},
        {"name": "models/gemini-2.5-flash-image", "supportedGenerationMethods": ["generateContent"]},
    ], "nextPageToken": "p 2"});
    let listing = decode_models(&gemini(), body.to_string().as_bytes()).expect("a list");
    assert_eq!(listing.models.len(), 1);
    let model = &listing.models[0];
    assert_eq!(
        (&*model.id, &*model.label),
        ("gemini-3-flash", "Gemini 3 Flash")
    );
    assert_eq!((model.context, model.max_output), (Some(9), Some(8)));
    assert!(model.traits.iter().any(|it| it == "reasoning"));
    let next = listing.next.expect("a next page");
    assert_eq!(next.query[1].name, "pageToken");
    assert_eq!(next.query[1].value, Value::Text("p 2".to_owned()));

    let last = decode_models(&gemini(), br#"{"models":[]}"#).expect("a list");
    assert_eq!((last.models.len(), last.next), (0, None));
    assert_eq!(
        decode_models(&gemini(), b"{}").expect_err("no list").kind,
        "malformed-reply"
    );
}
