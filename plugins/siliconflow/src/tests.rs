use freellmapi_sdk::json;
use freellmapi_sdk::plan::pair;
use freellmapi_sdk::testing::{call, carried, head, listed, refused, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<SiliconFlow>("api.siliconflow.com/v1");
}

/// Bodies that are no objects, as reported of a key of the other host (chatboxai/chatbox#2573); invented variations.
#[test]
fn a_key_that_one_host_refuses_is_tried_at_the_other() {
    for body in [
        r#""Invalid token""#,
        r#"{"code":20015,"message":"Api key is invalid","data":null}"#,
        "null",
        "[]",
        "42",
        "",
    ] {
        let mut asked = call("key-check", "");
        let Verdict::Again(next) = SiliconFlow::classify(&asked, &head(401, &[]), body.as_bytes())
        else {
            panic!("the other host is not asked: {body}");
        };
        asked.memo.clone_from(&next.request.memo);
        asked.step = 1;
        let sent = carried(
            &SiliconFlow::manifest().build(),
            &asked,
            next.request,
            &json!(null),
        );
        assert_eq!(sent.url, "api.siliconflow.cn/v1/models");
        let failure = refused::<SiliconFlow>(&asked, &head(401, &[]), body);
        assert_eq!(failure.kind, "key-invalid");
        assert!(!failure.message.is_empty());
        let Ok(Outcome::Done(reply)) = SiliconFlow::decode(&asked, &head(200, &[]), b"{}") else {
            panic!("the key is good");
        };
        assert_eq!(reply.learned, [pair("console", "china")]);
    }
    let mut known = call("chat", "m");
    known.settings.push(pair("console", "china"));
    assert_eq!(
        sent::<SiliconFlow>(&known, &json!({})).url,
        "api.siliconflow.cn/v1/chat/completions"
    );
    assert_eq!(
        refused::<SiliconFlow>(&known, &head(401, &[]), "").kind,
        "key-invalid"
    );
}

/// The first is the documentation's own example (page on error codes); the others are invented in its shape.
#[test]
fn refusals_say_what_to_do_next() {
    for (status, body, kind, scope) in [
        (
            400,
            r#"{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}"#,
            "model-missing",
            "",
        ),
        (
            403,
            r#"{"code":30001,"message":"Sorry, your account balance is insufficient","data":null}"#,
            "payment-required",
            "model",
        ),
        (
            403,
            r#"{"code":30003,"message":"Model disabled.","data":null}"#,
            "key-forbidden",
            "",
        ),
        (
            429,
            r#"{"message":"Request was rejected due to rate limiting. Details:RPM limit reached.","data":null}"#,
            "rate-limited",
            "",
        ),
        (
            429,
            r#"{"message":"Request was rejected due to rate limiting. Details:TPD limit reached.","data":null}"#,
            "quota-exhausted",
            "",
        ),
        (
            503,
            r#"{"code":50505,"message":"Model service overloaded. Please try again later.","data":null}"#,
            "overloaded",
            "",
        ),
        (
            400,
            r#"{"code":20015,"message":"The parameter is invalid. Please check again.","data":null}"#,
            "invalid-request",
            "",
        ),
    ] {
        let failure = refused::<SiliconFlow>(&call("chat", "m"), &head(status, &[]), body);
        assert_eq!(
            (failure.kind.as_str(), failure.scope.as_str()),
            (kind, scope),
            "{body}"
        );
    }
}

/// Invented in the documented shape.
#[test]
fn the_list_is_read() {
    let models = listed::<SiliconFlow>(
        r#"{"object":"list","data":[{"id":"Qwen/Qwen3-8B","object":"model","created":0,"owned_by":""},{"id":"black-forest-labs/FLUX.1-schnell","object":"model"}]}"#,
    );
    let told: Vec<_> = models
        .iter()
        .map(|one| one.operations[0].as_str())
        .collect();
    assert_eq!(told, ["chat", "images"]);
}
