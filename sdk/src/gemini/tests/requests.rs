//! What Google is sent for what clients say.

use serde_json::{Value as Json, json};

use super::{call, gemini, input, json_of, refused, sent};
use crate::{Call, Origin, Value};

const MODEL: &str = "gemini-2.5-flash";

fn asked(extra: &Json) -> Json {
    let mut body = json!({"model": MODEL, "messages": [{"role": "user", "content": "hi"}]});
    for (name, value) in extra.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

/// What is sent of the conversation.
fn told(model: &str, body: &Json) -> Json {
    let mut sent = sent(model, body, &[]);
    assert_eq!(sent["generationConfig"].take(), json!({}));
    sent.as_object_mut()
        .expect("an object")
        .remove("generationConfig");
    sent
}

#[test]
fn the_key_and_the_method_stand_where_they_belong() {
    let body = asked(&json!({}));
    for (streaming, method, query) in [
        (false, "generateContent", None),
        (true, "streamGenerateContent", Some("alt")),
    ] {
        let call = Call {
            streaming,
            ..call(MODEL)
        };
        let plan = gemini().encode(&call, &input(&body, &[])).expect("a plan");
        assert_eq!(plan.method, "POST");
        assert_eq!(plan.path, format!("/v1beta/models/{MODEL}:{method}"));
        assert_eq!(
            plan.origin,
            Origin::Host("generativelanguage.googleapis.com".to_owned())
        );
        assert_eq!(plan.query.first().map(|field| field.name.as_str()), query);
        assert_eq!(plan.headers.len(), 1);
        assert_eq!(plan.headers[0].name, "x-goog-api-key");
        assert!(
            matches!(&plan.headers[0].value, Value::Secret(secret) if secret.name == "api-key")
        );
        assert_eq!(plan.memo, "");
    }
}

#[test]
fn a_key_is_checked_by_listing() {
    for (operation, rows) in [("key-check", "1"), ("models", "1000")] {
        let call = Call {
            operation: operation.to_owned(),
            ..call("")
        };
        let plan = gemini()
            .encode(&call, &input(&json!({}), &[]))
            .expect("a plan");
        assert_eq!((&*plan.method, &*plan.path), ("GET", "/v1beta/models"));
        assert_eq!(plan.query[0].value, Value::Text(rows.to_owned()));
    }
    let call = Call {
        operation: "juggling".to_owned(),
        ..call("")
    };
    let plan = gemini().encode(&call, &input(&json!({}), &[]));
    assert_eq!(plan.expect_err("a refusal").kind, "unsupported");
}

#[test]
fn messages_become_contents() {
    let table = [
        (
            "system and developer messages are the instruction",
            json!([
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "hi \u{1F600} \"q\""},
                {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
            ]),
            json!({
                "systemInstruction": {"parts": [{"text": "Be brief."}, {"text": "Be kind."}]},
                "contents": [{"role": "user", "parts": [{"text": "hi \u{1F600} \"q\""}]}],
            }),
        ),
        (
            "with nothing else said, the instruction is what is asked",
            json!([{"role": "system", "content": "Say hi."}]),
            json!({"contents": [{"role": "user", "parts": [{"text": "Say hi."}]}]}),
        ),
        (
            "empty messages are left out",
            json!([
                {"role": "user", "content": "a"},
                {"role": "assistant", "content": ""},
                {"role": "assistant", "content": null},
                {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "b"}]},
            ]),
            json!({"contents": [
                {"role": "user", "parts": [{"text": "a"}]},
                {"role": "user", "parts": [{"text": "b"}]},
            ]}),
        ),
        (
            "media go along",
            json!([{"role": "user", "content": [
                {"type": "text", "text": "what"},
                {"type": "image_url", "image_url": {"url": "data:image/jpg;base64,QUJD", "detail": "low"}},
                {"type": "image_url", "image_url": "data:image/png;base64,QUJE"},
                {"type": "image_url", "image_url": {"url": "https://img.example/a.PNG?sig=1"}},
                {"type": "image_url", "image_url": {"url": "https://img.example/a"}},
                {"type": "input_audio", "input_audio": {"data": "QUJF", "format": "mp3"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJG"}},
            ]}]),
            json!({"contents": [{"role": "user", "parts": [
                {"text": "what"},
                {"inlineData": {"mimeType": "image/jpeg", "data": "QUJD"}},
                {"inlineData": {"mimeType": "image/png", "data": "QUJE"}},
                {"fileData": {"mimeType": "image/png", "fileUri": "https://img.example/a.PNG?sig=1"}},
                {"fileData": {"fileUri": "https://img.example/a"}},
                {"inlineData": {"mimeType": "audio/mp3", "data": "QUJF"}},
                {"inlineData": {"mimeType": "application/pdf", "data": "QUJG"}},
            ]}]}),
        ),
        (
            "an escaped slash in a data URL is a slash",
            serde_json::from_str(
                r#"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image\/png;base64,QU\/D"}}]}]"#,
            )
            .expect("JSON"),
            json!({"contents": [{"role": "user", "parts": [
                {"inlineData": {"mimeType": "image/png", "data": "QU/D"}},
            ]}]}),
        ),
    ];
    for (what, messages, wanted) in table {
        let body = json!({"model": MODEL, "messages": messages});
        assert_eq!(told(MODEL, &body), wanted, "{what}");
    }
}

#[test]
fn gemma_is_told_in_the_conversation() {
    let body = json!({"messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
    ], "reasoning_effort": "high"});
    assert_eq!(
        told("gemma-4-31b-it", &body),
        json!({"contents": [{"role": "user", "parts": [{"text": "Be brief."}, {"text": "hi"}]}]})
    );
}

#[test]
fn what_has_no_words_is_refused() {
    let part = |part: Json| json!({"messages": [{"role": "user", "content": [part]}]});
    let picture = |url: &str| part(json!({"type": "image_url", "image_url": {"url": url}}));
    for (body, kind) in [
        (picture("http://169.254.169.254/latest"), "unsupported"),
        (picture("file:///etc/passwd"), "unsupported"),
        (picture("data:image/svg+xml;base64,PHN2Zz4="), "unsupported"),
        (picture("data:image/png,abc"), "invalid-request"),
        (part(json!({"type": "image_url"})), "invalid-request"),
        (
            part(json!({"type": "file", "file": {"file_id": "file-1"}})),
            "unsupported",
        ),
        (part(json!({"type": "hologram"})), "unsupported"),
        (
            asked(&json!({"tools": [{"type": "code_interpreter"}]})),
            "unsupported",
        ),
        (
            json!({"messages": [{"role": "wizard", "content": "a"}]}),
            "invalid-request",
        ),
        (json!({"messages": 7}), "invalid-request"),
    ] {
        assert_eq!(refused(MODEL, &body).kind, kind, "{body}");
    }
}

#[test]
fn parameters_become_a_generation_config() {
    let table = [
        ("gemini-2.5-flash", json!({}), json!({})),
        (
            "gemini-2.5-flash",
            json!({"temperature": 0.7, "top_p": 1, "top_k": 40, "max_tokens": 5, "n": 2, "presence_penalty": -0.5,
                "frequency_penalty": 1.0, "seed": 7, "stop": "END", "logit_bias": {"1": 2}, "logprobs": true}),
            json!({"temperature": 0.7, "topP": 1, "topK": 40, "maxOutputTokens": 5, "candidateCount": 2,
                "presencePenalty": -0.5, "frequencyPenalty": 1.0, "seed": 7, "stopSequences": ["END"]}),
        ),
        (
            "gemini-2.5-flash",
            json!({"max_tokens": 5, "max_completion_tokens": 9, "n": 1,
                "stop": ["a", "", "b", "c", "d", "e", "f"]}),
            json!({"maxOutputTokens": 9, "stopSequences": ["a", "b", "c", "d", "e"]}),
        ),
        (
            "gemini-2.5-flash",
            json!({"seed": 8_589_934_593_i64}),
            json!({"seed": 3}),
        ),
        (
            "gemini-2.5-flash",
            json!({"response_format": {"type": "json_object"}}),
            json!({"responseMimeType": "application/json"}),
        ),
        (
            "gemini-2.5-flash",
            json!({"response_format": {"type": "json_schema", "json_schema": {"name": "a", "strict": true, "schema":
                {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}}}}),
            json!({"responseMimeType": "application/json", "responseSchema":
                {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}}),
        ),
        (
            "gemini-2.5-flash",
            json!({"reasoning_effort": "none"}),
            json!({"thinkingConfig": {"thinkingBudget": 0}}),
        ),
        (
            "gemini-2.5-pro",
            json!({"reasoning_effort": "none"}),
            json!({"thinkingConfig": {"thinkingBudget": 128}}),
        ),
        (
            "gemini-2.5-flash",
            json!({"reasoning_effort": "medium"}),
            json!({"thinkingConfig": {"thinkingBudget": 8192, "includeThoughts": true}}),
        ),
        (
            "gemini-3-flash-preview",
            json!({"reasoning_effort": "high"}),
            json!({"thinkingConfig": {"thinkingLevel": "high", "includeThoughts": true}}),
        ),
        (
            "gemini-3.1-pro-preview",
            json!({"reasoning_effort": "none"}),
            json!({"thinkingConfig": {"thinkingLevel": "low"}}),
        ),
        (
            "gemini-2.0-flash",
            json!({"reasoning_effort": "high"}),
            json!({}),
        ),
        (
            "gemini-3-flash-preview",
            json!({"reasoning_effort": "colossal"}),
            json!({}),
        ),
    ];
    for (model, extra, wanted) in table {
        assert_eq!(
            sent(model, &asked(&extra), &[])["generationConfig"],
            wanted,
            "{extra}"
        );
    }
}

#[test]
fn a_long_prompt_goes_on_as_it_was_spelt() {
    let text =
        r#"{"messages":[{"role":"user","content":"\u00e9\/\ud83d\ude00"}],"temperature":0.50}"#;
    let mut given = input(&json!({}), &[]);
    given.body = text.as_bytes().to_vec();
    let plan = gemini().encode(&call(MODEL), &given).expect("a plan");
    let crate::Content::Json(bytes) = &plan.content else {
        panic!("{plan:?}");
    };
    let sent = String::from_utf8_lossy(bytes);
    assert!(sent.contains(r#""text":"\u00e9\/\ud83d\ude00""#), "{sent}");
    assert!(sent.contains(r#""temperature":0.50"#), "{sent}");
    assert_eq!(json_of(&plan)["contents"][0]["parts"][0]["text"], "é/😀");
}
