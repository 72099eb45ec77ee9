use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, kept, refusals, refuses_as_usual, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Routeway>("api.routeway.ai/v1");
    refuses_as_usual::<Routeway>();
}

#[test]
fn every_request_looks_like_a_browsers() {
    for operation in ["chat", "models", "key-check"] {
        let sent = sent::<Routeway>(&call(operation, "m"), &json!({}));
        let agent = ("user-agent".into(), "Mozilla/5.0 FreeLLMAPI/1.0".into());
        assert!(sent.headers.contains(&agent), "{operation}");
    }
}

#[test]
fn the_gate_is_no_verdict_on_the_key() {
    refusals::<Routeway>(&[(403, &[], "error code: 1010", "upstream-broken", None)]);
}

#[test]
fn only_free_models_are_kept() {
    let list =
        r#"{"data":[{"id":"gpt-oss-120b:free"},{"id":"gpt-oss-120b"},{"id":"dall-e-3:free"}]}"#;
    assert_eq!(kept::<Routeway>(list), ["gpt-oss-120b:free"]);
}
