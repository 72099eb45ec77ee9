use freellmapi_sdk::testing::{call, carried, head, refusals, refused, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<ModelScope>("api-inference.modelscope.cn/v1");
}

#[test]
fn a_key_is_checked_by_the_list_and_then_by_the_shortest_chat() {
    let mut call = call("key-check", "");
    let list = sent::<ModelScope>(&call, &json!(null));
    assert_eq!(
        (list.method.as_str(), list.url.as_str()),
        ("GET", "api-inference.modelscope.cn/v1/models")
    );
    let rows = br#"{"data":[{"id":"iic/an-embedding-model"},{"id":"Qwen/Qwen3-8B"}]}"#;
    let Ok(Outcome::Again(next)) = ModelScope::decode(&call, &head(200, &[]), rows) else {
        panic!("one list is not enough");
    };
    let chat = carried(
        &ModelScope::manifest().build(),
        &call,
        next.request,
        &json!(null),
    );
    assert_eq!(chat.url, "api-inference.modelscope.cn/v1/chat/completions");
    assert_eq!(
        (&chat.body["model"], &chat.body["max_tokens"]),
        (&json!("Qwen/Qwen3-8B"), &json!(1))
    );
    call.step = 1;
    assert!(matches!(
        ModelScope::decode(&call, &head(200, &[]), b"{}"),
        Ok(Outcome::Done(_))
    ));
    let no = refused::<ModelScope>(
        &call,
        &head(401, &[]),
        r#"{"errors":{"message":"Authentication failed"}}"#,
    );
    assert_eq!(no.kind, "key-invalid");
}

/// The code 1008 is reported by users; the other texts are invented.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<ModelScope>(&[
        (
            429,
            &[],
            r#"{"error":{"message":"insufficient balance (1008)"}}"#,
            "model-missing",
            None,
        ),
        (
            429,
            &[],
            r#"{"errors":{"message":"You have exceeded today's quota for model m"}}"#,
            "quota-exhausted",
            None,
        ),
        (
            429,
            &[("retry-after", "2")],
            r#"{"errors":{"message":"Too many requests"}}"#,
            "rate-limited",
            Some(2000),
        ),
    ]);
}

#[test]
fn headers_tell_whose_day_is_spent() {
    let headers = |account: &'static str, model: &'static str| {
        [
            ("modelscope-ratelimit-requests-limit", "2000"),
            ("modelscope-ratelimit-requests-remaining", account),
            ("modelscope-ratelimit-model-requests-limit", "500"),
            ("modelscope-ratelimit-model-requests-remaining", model),
        ]
    };
    let told = ModelScope::quotas(&call("chat", "m"), &head(200, &headers("1999", "499")));
    let told: Vec<_> = told
        .iter()
        .map(|it| (it.scope.as_str(), it.limit, it.remaining))
        .collect();
    assert_eq!(
        told,
        [
            ("account", Some(2000), Some(1999)),
            ("model", Some(500), Some(499))
        ]
    );
    for (account, model, scope) in [("0", "3", "account"), ("7", "0", "model")] {
        let no = refused::<ModelScope>(
            &call("chat", "m"),
            &head(429, &headers(account, model)),
            "{}",
        );
        assert_eq!(
            (no.kind.as_str(), no.scope.as_str()),
            ("quota-exhausted", scope)
        );
    }
}
