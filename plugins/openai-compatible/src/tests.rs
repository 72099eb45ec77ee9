use freellmapi_sdk::{Content, Edit, Origin, Value, json, testing};

use super::*;

fn call(operation: &str, streaming: bool) -> Call {
    Call {
        streaming,
        ..testing::call(operation, "m")
    }
}

fn input() -> freellmapi_sdk::Input {
    freellmapi_sdk::Input {
        body: Vec::new(),
        files: Vec::new(),
        notes: Vec::new(),
        extra: Vec::new(),
    }
}

#[test]
fn a_chat_goes_below_the_address_with_the_key_in_its_hole() {
    let request = OpenAiCompatible::encode(&call("chat", true), &input()).unwrap();
    assert!(matches!(request.origin, Origin::UserBase));
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/chat/completions")
    );
    let key = request
        .headers
        .iter()
        .find(|field| field.name == "authorization")
        .unwrap();
    assert!(
        matches!(&key.value, Value::Secret(hole) if hole.name == "api-key" && hole.prefix == "Bearer ")
    );
    let Content::Edits(edits) = request.content else {
        panic!("the body is the client's, edited");
    };
    assert!(matches!(&edits[..], [Edit::Set(put)] if put.at == "/stream_options"));
}

#[test]
fn without_a_stream_nothing_is_added() {
    let request = OpenAiCompatible::encode(&call("chat", false), &input()).unwrap();
    assert!(
        matches!(request.content, Content::Edits(edits) if edits.iter().all(|edit| matches!(edit, Edit::Remove(_))))
    );
}

#[test]
fn models_are_asked_for_and_read_from_every_server() {
    let request = OpenAiCompatible::encode(&call("models", false), &input()).unwrap();
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("GET", "/models")
    );
    let head = freellmapi_sdk::Head {
        status: 200,
        headers: Vec::new(),
        extra: Vec::new(),
    };
    for (list, names) in [
        (
            r#"{"object":"list","data":[{"id":"qwen","object":"model","owned_by":"llamacpp"}]}"#,
            &["qwen"][..],
        ),
        (
            r#"{"models":[{"name":"llama3.2:3b","model":"llama3.2:3b"}],"object":"list","data":[{"id":"a"}]}"#,
            &["a"],
        ),
        (r#"{"object":"list","data":null}"#, &[]),
        (r#"[{"id":"a"},{"id":"b"}]"#, &["a", "b"]),
    ] {
        let listing =
            OpenAiCompatible::decode_models(&call("models", false), &head, list.as_bytes())
                .unwrap();
        let found: Vec<&str> = listing
            .models
            .iter()
            .map(|model| model.id.as_str())
            .collect();
        assert_eq!(found, names, "{list}");
    }
    assert!(OpenAiCompatible::decode_models(&call("models", false), &head, b"<html>").is_err());
}

#[test]
fn no_key_is_needed() {
    let manifest = OpenAiCompatible::manifest().build();
    assert!(manifest.keyless && manifest.user_base_url && manifest.secrets[0].optional);
    assert_eq!(manifest.secrets[0].hosts, ["user-base"]);
}

#[test]
fn every_task_goes_below_the_address() {
    for (operation, path, body) in [
        (
            "embeddings",
            "/embeddings",
            json!({"model": "m", "input": "a", "dimensions": 2}),
        ),
        (
            "images",
            "/images/generations",
            json!({"model": "m", "prompt": "a cat"}),
        ),
        (
            "speech",
            "/audio/speech",
            json!({"model": "m", "input": "hi", "voice": "alloy"}),
        ),
        (
            "rerank",
            "/rerank",
            json!({"model": "m", "query": "q", "documents": ["a"]}),
        ),
        (
            "completions",
            "/completions",
            json!({"model": "m", "prompt": "a"}),
        ),
    ] {
        let sent = testing::sent::<OpenAiCompatible>(&call(operation, false), &body);
        assert_eq!(sent.url, format!("user-base{path}"));
        assert_eq!(sent.body, body);
    }
}

#[test]
fn an_upload_becomes_a_form() {
    let sent = testing::sent_with::<OpenAiCompatible>(
        &call("transcription", false),
        &json!({"response_format": "srt"}),
        vec![testing::uploaded("a.wav", "audio/wav")],
    );
    assert_eq!(sent.url, "user-base/audio/transcriptions");
    let form: Vec<_> = sent
        .form
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(
        form,
        [
            ("model", "m"),
            ("response_format", "srt"),
            ("file", "{file 0}")
        ]
    );
}
