use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{call, head};
use crate::{Content, Edit, Input, PartData};

#[test]
fn lists_of_local_servers_are_read() {
    for (list, expected) in [
        // LM Studio.
        (
            json!({"object": "list", "data": [{"id": "qwen3-8b", "object": "model", "owned_by": "organization_owner"},
            {"id": "text-embedding-nomic-embed-text-v1.5", "object": "model"}]}),
            &[
                ("qwen3-8b", "chat", None),
                ("text-embedding-nomic-embed-text-v1.5", "embeddings", None),
            ][..],
        ),
        // llama.cpp gives one list in two shapes.
        (
            json!({"models": [{"name": "m.gguf", "model": "m.gguf"}], "object": "list",
            "data": [{"id": "m.gguf", "object": "model", "meta": {"n_ctx_train": 131_072}}]}),
            &[("m.gguf", "chat", Some(131_072))],
        ),
        // vLLM.
        (
            json!({"object": "list", "data": [{"id": "Qwen/Qwen3-8B", "max_model_len": 40_960, "permission": [{}]}]}),
            &[("Qwen/Qwen3-8B", "chat", Some(40_960))],
        ),
        // Ollama, with and without models.
        (
            json!({"object": "list", "data": [{"id": "llama3.2:3b", "owned_by": "library"}]}),
            &[("llama3.2:3b", "chat", None)],
        ),
        (json!({"object": "list", "data": null}), &[]),
        // Bare lists, rows that are no models, models that are off.
        (
            json!(["a", {"id": ""}, {"x": 1}, 7, {"id": "b", "active": false}]),
            &[("a", "chat", None)],
        ),
    ] {
        let models = listing(list.to_string().as_bytes()).expect("a list").models;
        let seen: Vec<_> = models
            .iter()
            .map(|model| {
                (
                    model.id.as_str(),
                    model.operations[0].as_str(),
                    model.context,
                )
            })
            .collect();
        assert_eq!(seen, expected, "{list}");
    }
    assert_eq!(listing(b"<html>").unwrap_err().kind, "malformed-reply");
    assert_eq!(listing(b"{}").unwrap_err().kind, "malformed-reply");
}

#[test]
fn statuses_and_words_make_the_kind() {
    for (status, body, kind) in [
        (
            401,
            r#"{"error":{"message":"Unauthorized","type":"api_error"}}"#,
            "key-invalid",
        ),
        (
            400,
            r#"{"error":{"message":"Incorrect API key provided"}}"#,
            "key-invalid",
        ),
        (
            403,
            r#"{"error":{"message":"country not allowed"}}"#,
            "key-forbidden",
        ),
        (
            402,
            r#"{"error":"You have exceeded your monthly included credits"}"#,
            "payment-required",
        ),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#,
            "payment-required",
        ),
        (429, "slow down", "rate-limited"),
        (404, "404 page not found", "model-missing"),
        (413, "", "too-long"),
        (
            400,
            r#"{"error":{"message":"prompt too long; exceeded max context length by 7 tokens"}}"#,
            "too-long",
        ),
        (
            400,
            r#"{"error":{"message":"The total length of all messages is too long.","code":400}}"#,
            "too-long",
        ),
        (
            400,
            r#"{"error":{"message":"bad","code":"content_filter"}}"#,
            "content-filtered",
        ),
        (
            400,
            r#"{"error":{"message":"temperature must be a number"}}"#,
            "invalid-request",
        ),
        (
            500,
            r#"{"error":{"message":"The model is overloaded"}}"#,
            "overloaded",
        ),
        (500, "<html>oops</html>", "upstream-broken"),
        (503, "", "overloaded"),
        (302, "", "upstream-broken"),
        (
            200,
            r#"{"error":{"message":"rate limit exceeded","code":429}}"#,
            "rate-limited",
        ),
        (200, r#"{"error":{"message":"?"}}"#, "upstream-broken"),
    ] {
        let failure = failure(&call("chat", "m"), &head(status, &[]), body.as_bytes());
        assert_eq!(failure.kind, kind, "{status} {body}");
        assert!(!failure.message.is_empty() && !failure.message.contains('<'));
    }
}

#[test]
fn a_spent_meter_tells_how_long_to_wait() {
    let head = head(
        429,
        &[
            ("x-ratelimit-remaining-requests", "5"),
            ("x-ratelimit-reset-requests", "2h"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "7.66s"),
        ],
    );
    let failure = failure(&call("chat", "m"), &head, b"");
    assert_eq!(failure.retry_after_ms, Some(7_660));
    assert_eq!(failure.quotas.len(), 2);
}

#[test]
fn a_moment_since_1970_is_no_wait() {
    let head = head(
        200,
        &[
            ("x-ratelimit-limit-requests", "10"),
            ("x-ratelimit-reset-requests", "1767225600"),
        ],
    );
    assert_eq!(quotas(&head, (60, 60))[0].reset_ms, None);
}

#[test]
fn a_stream_asks_for_usage_unless_that_is_refused() {
    let mut call = call("chat", "m");
    call.streaming = true;
    let edits = |dialect: Dialect| match dialect.plan(&call).expect("a chat").content {
        Content::Edits(edits) => edits,
        other => panic!("{other:?}"),
    };
    assert!(
        matches!(&edits(Dialect::at("h", ""))[..], [Edit::Set(to)] if to.at == "/stream_options")
    );
    assert!(matches!(
        &edits(Dialect::at("h", "").no_stream_options())[..],
        [Edit::Remove(_)]
    ));
}

#[test]
fn what_has_no_path_is_unsupported() {
    let no = Dialect::at("h", "")
        .plan(&call("juggling", "m"))
        .unwrap_err();
    assert_eq!(no.kind, "unsupported");
}

proptest! {
    #[test]
    fn any_reply_is_classified_by_a_known_word(status in 100u16..600, body in "\\PC{0,60}") {
        let failure = failure(&call("chat", "m"), &head(status, &[]), body.as_bytes());
        let known = [
            "invalid-request", "content-filtered", "unsupported", "too-long", "model-missing",
            "key-invalid", "key-forbidden", "payment-required", "rate-limited", "quota-exhausted",
            "overloaded", "upstream-broken",
        ];
        prop_assert!(known.contains(&failure.kind.as_str()));
    }
}

#[test]
fn each_task_has_its_path() {
    for (operation, path) in [
        ("embeddings", "/v1/embeddings"),
        ("images", "/v1/images/generations"),
        ("speech", "/v1/audio/speech"),
        ("transcription", "/v1/audio/transcriptions"),
        ("translation", "/v1/audio/translations"),
        ("image-edits", "/v1/images/edits"),
        ("rerank", "/v1/rerank"),
        ("moderation", "/v1/moderations"),
    ] {
        let request = Dialect::at("h", "/v1").plan(&call(operation, "m"));
        assert_eq!(request.map(|it| it.path), Ok(path.to_owned()));
    }
}

#[test]
fn vectors_are_asked_for_as_numbers() {
    let request = Dialect::at("h", "")
        .plan(&call("embeddings", "m"))
        .expect("planned");
    let mut body =
        json!({"model": "m", "input": "a", "stream": false, "encoding_format": "base64"});
    let Content::Edits(edits) = request.content else {
        panic!("edited");
    };
    crate::testing::carry_out(&edits, &mut body);
    assert_eq!(body, json!({"model": "m", "input": "a"}));
}

fn upload(body: &str, files: usize) -> Input {
    let file = crate::testing::uploaded("a.mp3", "audio/mpeg");
    Input {
        body: body.as_bytes().to_vec(),
        files: vec![file; files],
        notes: Vec::new(),
        extra: Vec::new(),
    }
}

fn formed(body: &str, files: usize) -> Result<Content, crate::Failure> {
    let call = call("transcription", "m");
    let mut request = Dialect::at("h", "").plan(&call)?;
    form::fill(&mut request, &call, &upload(body, files))?;
    Ok(request.content)
}

#[test]
fn a_form_repeats_the_body_and_names_the_files() {
    let body = r#"{"model":"other","language":"de","temperature":0.2,"stream":false,
        "timestamp_granularities[]":["word","segment"]}"#;
    let Ok(Content::Form(parts)) = formed(body, 1) else {
        panic!("a form");
    };
    let seen: Vec<_> = parts
        .iter()
        .map(|part| {
            let data = match &part.data {
                PartData::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                PartData::File(index) => format!("{index} {:?}", part.file_name),
            };
            (part.name.as_str(), data)
        })
        .collect();
    let seen: Vec<_> = seen.iter().map(|(n, d)| (*n, d.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("model", "m"),
            ("language", "de"),
            ("temperature", "0.2"),
            ("timestamp_granularities[]", "word"),
            ("timestamp_granularities[]", "segment"),
            ("file", r#"0 Some("a.mp3")"#),
        ]
    );
}

#[test]
fn a_form_that_makes_no_sense_says_so() {
    for (body, files, kind) in [
        ("{}", 0, "invalid-request"),
        (r#"{"prompt":{}}"#, 1, "invalid-request"),
        ("", 1, "malformed-reply"),
    ] {
        let no = formed(body, files);
        assert_eq!(no.map_err(|it| it.kind), Err(kind.to_owned()), "{body}");
    }
}

#[test]
fn too_few_vectors_are_no_answer() {
    let vector = serde_json::value::RawValue::from_string("[0.5,-1e-3]".to_owned()).expect("raw");
    let mut call = call("embeddings", "m");
    let reply = tasks::embeddings(&call, &[&vector], Some(3)).expect("an answer");
    let crate::Answer::Json(body) = reply.answer else {
        panic!("json");
    };
    assert_eq!(
        String::from_utf8_lossy(&body),
        r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1e-3]}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3}}"#
    );
    call.outline.items = 2;
    let no = tasks::embeddings(&call, &[&vector], None);
    assert_eq!(no.map_err(|it| it.kind), Err("malformed-reply".to_owned()));
    assert!(tasks::images(&call, &[]).is_err());
}

#[test]
fn sizes_are_brought_to_what_a_provider_draws() {
    for (text, size) in [
        ("1024x768", (1024, 768)),
        ("1000x300", (960, 256)),
        ("9999x1", (1024, 64)),
        ("x", (1024, 1024)),
        ("auto", (1024, 1024)),
        ("", (1024, 1024)),
    ] {
        assert_eq!(tasks::size(text, 64, 1024), size, "{text}");
    }
    assert_eq!(tasks::size("7x9", 0, 0), (1, 1), "no division by nothing");
}
