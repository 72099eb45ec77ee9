use freellmapi_sdk::testing::{call, head, refused, sent, sent_with, uploaded};
use freellmapi_sdk::{Answer, Content, json};

use super::*;

const BAD_CALL: &str = r#"{"error":{"message":"Failed to call a function. Please adjust your prompt.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<function=read>"}}"#;

/// As recorded: 14,399 requests are left of the day's, 5,987 tokens of the minute's.
const HEADERS: &[(&str, &str)] = &[
    ("x-ratelimit-limit-requests", "14400"),
    ("x-ratelimit-remaining-requests", "14399"),
    ("x-ratelimit-reset-requests", "6s"),
    ("x-ratelimit-limit-tokens", "6000"),
    ("x-ratelimit-remaining-tokens", "5987"),
    ("x-ratelimit-reset-tokens", "130ms"),
];

fn told(quotas: &[Quota]) -> Vec<(&str, u64, Option<u64>, Option<u64>)> {
    quotas
        .iter()
        .map(|q| (q.unit.as_str(), q.window_s, q.remaining, q.reset_ms))
        .collect()
}

#[test]
fn a_chat_loses_what_groq_refuses() {
    let body = json!({
        "model": "m", "logprobs": true, "logit_bias": {}, "top_k": 3, "temperature": 0.5,
        "messages": [{"role": "assistant", "content": "a", "reasoning_content": "r"}],
    });
    let sent = sent::<Groq>(&call("chat", "m"), &body);
    assert_eq!(sent.method, "POST");
    assert_eq!(sent.url, "api.groq.com/openai/v1/chat/completions");
    assert_eq!(
        sent.headers,
        [("authorization".into(), "Bearer {api-key}".into())]
    );
    assert_eq!(
        sent.body,
        json!({"model": "m", "temperature": 0.5, "messages": [{"role": "assistant", "content": "a"}]})
    );
}

#[test]
fn a_stream_asks_for_usage() {
    let mut call = call("chat", "m");
    call.streaming = true;
    let sent = sent::<Groq>(&call, &json!({"messages": []}));
    assert_eq!(
        sent.body,
        json!({"messages": [], "stream_options": {"include_usage": true}})
    );
}

#[test]
fn several_choices_are_for_another_provider() {
    let mut call = call("chat", "m");
    call.outline.traits.push("many".to_owned());
    let input = Input {
        body: Vec::new(),
        files: Vec::new(),
        notes: Vec::new(),
        extra: Vec::new(),
    };
    assert_eq!(Groq::encode(&call, &input).unwrap_err().kind, "unsupported");
}

#[test]
fn keys_are_checked_and_models_listed_at_one_place() {
    for operation in ["key-check", "models"] {
        let sent = sent::<Groq>(&call(operation, ""), &json!(null));
        assert_eq!(
            (sent.method.as_str(), sent.url.as_str()),
            ("GET", "api.groq.com/openai/v1/models")
        );
    }
    let list = br#"{"object":"list","data":[
        {"id":"llama-3.1-8b-instant","active":true,"context_window":131072,"max_completion_tokens":131072},
        {"id":"retired","active":false},
        {"id":"whisper-large-v3","active":true,"context_window":448}]}"#;
    let models = Groq::decode_models(&call("models", ""), &head(200, &[]), list)
        .unwrap()
        .models;
    let seen: Vec<_> = models
        .iter()
        .map(|m| (m.id.as_str(), m.operations[0].as_str(), m.context))
        .collect();
    assert_eq!(
        seen,
        [
            ("llama-3.1-8b-instant", "chat", Some(131_072)),
            ("whisper-large-v3", "transcription", Some(448)),
        ]
    );
}

#[test]
fn refusals_say_what_to_do_next() {
    for (status, headers, body, kind, wait) in [
        (
            429,
            &[("retry-after", "61")][..],
            r#"{"error":{"message":"Rate limit reached for model `m` in organization `org_1` service tier `on_demand` on tokens per minute (TPM): Limit 7000, Used 6148, Requested 7895. Please try again in 1m0.363142857s.","type":"tokens","code":"rate_limit_exceeded"}}"#,
            "rate-limited",
            Some(61_000),
        ),
        (
            429,
            &[],
            r#"{"error":{"message":"Rate limit reached for model `m` in organization `org_1` on tokens per minute (TPM): Limit 7000, Used 6148, Requested 7895. Please try again in 1m0.363142857s.","code":"rate_limit_exceeded"}}"#,
            "rate-limited",
            Some(60_364),
        ),
        (
            429,
            &[],
            r#"{"error":{"message":"Rate limit reached for model `m` in organization `org_1` on tokens per day (TPD): Limit 100000, Used 99950, Requested 1200. Please try again in 16m33.6s.","type":"tokens","code":"rate_limit_exceeded"}}"#,
            "quota-exhausted",
            Some(993_600),
        ),
        (
            413,
            &[],
            r#"{"error":{"message":"Request too large for model `m` in organization `org_1` on tokens per minute (TPM): Limit 6000, Requested 9000","code":"rate_limit_exceeded"}}"#,
            "too-long",
            None,
        ),
        (
            401,
            &[],
            r#"{"error":{"message":"Invalid API Key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
            "key-invalid",
            None,
        ),
        (
            404,
            &[],
            r#"{"error":{"message":"The model `x` does not exist or you do not have access to it.","code":"model_not_found"}}"#,
            "model-missing",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"This model does not support response format `json_schema`.","type":"invalid_request_error","param":"response_format"}}"#,
            "unsupported",
            None,
        ),
        (
            498,
            &[],
            r#"{"error":{"message":"Flex tier capacity exceeded"}}"#,
            "overloaded",
            None,
        ),
    ] {
        let failure = refused::<Groq>(&call("chat", "m"), &head(status, headers), body);
        assert_eq!(
            (failure.kind.as_str(), failure.retry_after_ms),
            (kind, wait),
            "{body}"
        );
        assert!(!failure.message.contains("org_1"), "{}", failure.message);
    }
}

#[test]
fn a_bad_tool_call_is_tried_once_more_and_then_elsewhere() {
    let mut call = call("chat", "m");
    let refusal = head(400, &[]);
    let Verdict::Again(next) = Groq::classify(&call, &refusal, BAD_CALL.as_bytes()) else {
        panic!("not tried again");
    };
    assert_eq!(next.request.path, "/openai/v1/chat/completions");
    call.step = 1;
    assert_eq!(
        refused::<Groq>(&call, &refusal, BAD_CALL).kind,
        "unsupported"
    );
    call.step = 0;
    assert_eq!(
        refused::<Groq>(&call, &head(200, &[]), BAD_CALL).kind,
        "unsupported"
    );
}

#[test]
fn headers_count_requests_by_the_day_and_tokens_by_the_minute() {
    let quotas = Groq::quotas(&call("chat", "m"), &head(200, HEADERS));
    assert_eq!(
        told(&quotas),
        [
            ("requests", 86_400, Some(14_399), Some(6000)),
            ("tokens", 60, Some(5987), Some(130)),
        ]
    );
}

#[test]
fn a_spent_day_of_tokens_is_told_by_prose_alone() {
    let body = r#"{"error":{"message":"on tokens per day (TPD): Limit 100000, Used 99950, Requested 1200."}}"#;
    let failure = refused::<Groq>(&call("chat", "m"), &head(429, HEADERS), body);
    assert_eq!(told(&failure.quotas)[2], ("tokens", 86_400, Some(50), None));
    assert_eq!(failure.quotas[2].limit, Some(100_000));
}

#[test]
fn speech_gets_a_voice_and_a_form_that_it_has() {
    let body = json!({"model": "m", "input": "hi", "voice": "alloy", "response_format": "mp3", "speed": 1.5});
    let sent = sent::<Groq>(&call("speech", "m"), &body);
    assert_eq!(sent.url, "api.groq.com/openai/v1/audio/speech");
    assert_eq!(
        sent.body,
        json!({"model": "m", "input": "hi", "voice": "autumn", "response_format": "wav"})
    );
}

#[test]
fn sound_is_sent_as_a_form() {
    for (operation, path) in [
        ("transcription", "transcriptions"),
        ("translation", "translations"),
    ] {
        let file = uploaded("a.mp3", "audio/mpeg");
        let sent = sent_with::<Groq>(&call(operation, "whisper-large-v3"), &json!({}), vec![file]);
        assert_eq!(sent.url, format!("api.groq.com/openai/v1/audio/{path}"));
        assert_eq!(sent.form.len(), 2);
    }
}

#[test]
fn subtitles_are_made_here() {
    let call = call("transcription", "whisper-large-v3");
    let input = Input {
        body: br#"{"response_format":"srt","language":"de"}"#.to_vec(),
        files: vec![uploaded("a.mp3", "audio/mpeg")],
        notes: Vec::new(),
        extra: Vec::new(),
    };
    let request = Groq::encode(&call, &input).expect("a plan");
    assert_eq!(request.memo, "srt");
    let Content::Form(parts) = &request.content else {
        panic!("a form");
    };
    let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["model", "language", "file", "response_format"]);
    let mut call = call;
    call.memo = request.memo;
    let body = br#"{"text":"a","segments":[{"start":0,"end":1,"text":"a"}]}"#;
    let Ok(Outcome::Done(reply)) = Groq::decode(&call, &head(200, &[]), body) else {
        panic!("an answer");
    };
    let srt = b"1\n00:00:00,000 --> 00:00:01,000\na\n\n".to_vec();
    assert_eq!(reply.answer, Answer::Bytes(srt));
    call.memo.clear();
    assert!(
        matches!(Groq::decode(&call, &head(200, &[]), body), Ok(Outcome::Done(it)) if it.answer == Answer::Keep)
    );
}
