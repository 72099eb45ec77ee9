use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, kept, refuses_as_usual, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<BazaarLink>("bazaarlink.ai/api/v1");
    refuses_as_usual::<BazaarLink>();
}

#[test]
fn a_key_is_asked_about_and_not_the_public_list() {
    let sent = sent::<BazaarLink>(&call("key-check", ""), &json!(null));
    assert_eq!(sent.url, "bazaarlink.ai/api/v1/key");
}

#[test]
fn only_free_models_are_kept() {
    let list = r#"{"data":[{"id":"auto:free"},{"id":"openai/gpt-4o"}]}"#;
    assert_eq!(kept::<BazaarLink>(list), ["auto:free"]);
}
