use freellmapi_sdk::serde_json::{Value as Json, json};
use freellmapi_sdk::testing::{Sent, call, carried, head, kept, refusals, sent};
use freellmapi_sdk::{Answer, FollowUp};

use super::*;

#[test]
fn a_chat_is_cut_down_to_what_the_horde_takes() {
    let mut call = call("chat", "m");
    call.streaming = true;
    let body = json!({
        "model": "m", "stream": true, "stream_options": {"include_usage": true}, "stop": "END", "max_tokens": 3,
        "seed": 1, "response_format": {"type": "json_object"}, "temperature": 0.5,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    });
    let sent = sent::<AiHorde>(&call, &body);
    assert_eq!(sent.url, "oai.aihorde.net/v1/chat/completions");
    assert_eq!(
        sent.headers,
        [("authorization".into(), "Bearer {api-key}".into())]
    );
    assert_eq!(
        sent.body,
        json!({"model": "m", "stop": ["END"], "max_tokens": 16, "temperature": 0.5,
            "messages": [{"role": "user", "content": "hi"}]})
    );
}

#[test]
fn an_answer_gets_a_length_if_it_has_none() {
    let body = sent::<AiHorde>(&call("chat", "m"), &json!({"messages": []})).body;
    assert_eq!(body, json!({"messages": [], "max_tokens": 512}));
}

/// Texts as the horde's own interface words them, shortened.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<AiHorde>(&[
        (
            404,
            &[],
            r#"{"message":"User with api_key 'x' not found."}"#,
            "key-invalid",
            None,
        ),
        (
            429,
            &[],
            r#"{"detail":"2 per 1 second"}"#,
            "rate-limited",
            None,
        ),
        (
            403,
            &[],
            r#"{"message":"requires 10.0 kudos upfront, which you do not have"}"#,
            "overloaded",
            None,
        ),
        (
            503,
            &[],
            r#"{"detail":"no workers for this model"}"#,
            "overloaded",
            None,
        ),
    ]);
}

#[test]
fn a_key_is_checked_by_asking_whose_it_is() {
    let sent = sent::<AiHorde>(&call("key-check", ""), &json!(null));
    assert_eq!(sent.url, "aihorde.net/api/v2/find_user");
    assert_eq!(sent.headers, [("apikey".into(), "{api-key}".into())]);
    assert_eq!(
        kept::<AiHorde>(r#"{"data":[{"id":"koboldcpp/Mistral-Small"}]}"#),
        ["koboldcpp/Mistral-Small"]
    );
}

fn next(call: &mut Call, body: &str) -> (Sent, u64) {
    let Ok(Outcome::Again(FollowUp { request, delay_ms })) =
        AiHorde::decode(call, &head(200, &[]), body.as_bytes())
    else {
        panic!("over at {body}");
    };
    call.step += 1;
    call.memo.clone_from(&request.memo);
    (
        carried(&AiHorde::manifest().build(), call, request, &json!(null)),
        delay_ms,
    )
}

#[test]
fn a_picture_is_asked_for_until_it_is_done() {
    let mut call = call("images", "Deliberate");
    let body = json!({"model": "Deliberate", "prompt": "a cat", "n": 2, "size": "1000x300"});
    let first = sent::<AiHorde>(&call, &body);
    assert_eq!(
        (first.method.as_str(), first.url.as_str()),
        ("POST", "aihorde.net/api/v2/generate/async")
    );
    assert_eq!(
        first.body,
        json!({"prompt": "a cat", "params": {"n": 2, "width": 960, "height": 256}, "models": ["Deliberate"],
            "nsfw": false, "censor_nsfw": true, "r2": false})
    );
    let (check, wait) = next(&mut call, r#"{"id":"7a-b","kudos":9.0}"#);
    assert_eq!(
        (check.url.as_str(), wait),
        ("aihorde.net/api/v2/generate/check/7a-b", 2000)
    );
    let (check, wait) = next(
        &mut call,
        r#"{"done":false,"faulted":false,"is_possible":true,"wait_time":40}"#,
    );
    assert_eq!(
        (check.url.as_str(), wait),
        ("aihorde.net/api/v2/generate/check/7a-b", 10_000)
    );
    let (got, _) = next(
        &mut call,
        r#"{"done":true,"faulted":false,"is_possible":true,"wait_time":0}"#,
    );
    assert_eq!(got.url, "aihorde.net/api/v2/generate/status/7a-b");
    let done = br#"{"done":true,"generations":[{"img":"UklGRg==","censored":false},{"img":"UklGRh==","censored":true}]}"#;
    let Ok(Outcome::Done(reply)) = AiHorde::decode(&call, &head(200, &[]), done) else {
        panic!("not over");
    };
    let Answer::Json(body) = reply.answer else {
        panic!("no JSON");
    };
    let body: Json = freellmapi_sdk::serde_json::from_slice(&body).expect("JSON");
    assert_eq!(
        body,
        json!({"created": 1_767_225_600, "data": [{"b64_json": "UklGRg=="}]})
    );
}

#[test]
fn a_picture_that_cannot_be_is_for_another_provider() {
    for (memo, body, kind) in [
        ("", r#"{"message":"?"}"#, "malformed-reply"),
        ("", r#"{"id":"../x"}"#, "malformed-reply"),
        (
            "check:a",
            r#"{"done":false,"faulted":true,"is_possible":true}"#,
            "overloaded",
        ),
        (
            "check:a",
            r#"{"done":false,"faulted":false,"is_possible":false}"#,
            "overloaded",
        ),
        ("status:a", r#"{"generations":[]}"#, "malformed-reply"),
        (
            "status:a",
            r#"{"generations":[{"img":"x","censored":true}]}"#,
            "content-filtered",
        ),
    ] {
        let mut call = call("images", "m");
        call.memo = memo.to_owned();
        let no = AiHorde::decode(&call, &head(200, &[]), body.as_bytes());
        assert_eq!(no.expect_err("no picture").kind, kind, "{body}");
    }
}
