use freellmapi_sdk::{Content, Edit, Origin, Pair, Value};

use super::*;

fn call(operation: &str, streaming: bool) -> Call {
    Call {
        id: "abcdefghijklmnop".into(),
        operation: operation.into(),
        model: "m".into(),
        streaming,
        outline: freellmapi_sdk::Outline {
            body_bytes: 0,
            input_tokens: 0,
            max_output: None,
            items: 1,
            traits: Vec::new(),
            extra: Vec::new(),
        },
        settings: Vec::<Pair>::new(),
        step: 0,
        memo: String::new(),
        now_ms: 0,
        extra: Vec::new(),
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
