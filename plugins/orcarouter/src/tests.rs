use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, head, kept, refused, refuses_as_usual, sent};

use super::*;

#[test]
fn a_chat_goes_its_way() {
    let body = json!({"model": "orcarouter/free", "messages": []});
    let sent = sent::<OrcaRouter>(&call("chat", "orcarouter/free"), &body);
    assert_eq!(sent.url, "api.orcarouter.ai/v1/chat/completions");
    assert_eq!(sent.body, body);
    refuses_as_usual::<OrcaRouter>();
}

#[test]
fn a_key_is_asked_for_since_the_list_is_public() {
    let call = call("key-check", "");
    let sent = sent::<OrcaRouter>(&call, &json!(null));
    assert_eq!(
        (sent.method.as_str(), sent.url.as_str()),
        ("POST", "api.orcarouter.ai/v1/chat/completions")
    );
    let no = refused::<OrcaRouter>(
        &call,
        &head(401, &[]),
        r#"{"error":{"message":"Invalid token"}}"#,
    );
    assert_eq!(no.kind, "key-invalid");
}

#[test]
fn only_free_models_are_kept() {
    let list =
        r#"{"data":[{"id":"orcarouter/free"},{"id":"tencent/hy3-free"},{"id":"openai/gpt-5.5"}]}"#;
    assert_eq!(
        kept::<OrcaRouter>(list),
        ["orcarouter/free", "tencent/hy3-free"]
    );
}
