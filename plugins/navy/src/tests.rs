use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, kept, refuses_as_usual, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Navy>("api.navy/v1");
    refuses_as_usual::<Navy>();
}

#[test]
fn it_says_what_it_is() {
    for (operation, url) in [
        ("chat", "api.navy/v1/chat/completions"),
        ("models", "api.navy/v1/models"),
        ("key-check", "api.navy/v1/usage"),
    ] {
        let sent = sent::<Navy>(&call(operation, "m"), &json!({}));
        assert_eq!(sent.url, url);
        let agent = ("user-agent".into(), "FreeLLMAPI/1.0".into());
        assert!(sent.headers.contains(&agent), "{operation}");
    }
}

#[test]
fn only_free_models_are_kept() {
    let list = r#"{"data":[{"id":"a","premium":false},{"id":"b","premium":true},{"id":"c"}]}"#;
    assert_eq!(kept::<Navy>(list), ["a", "c"]);
}
