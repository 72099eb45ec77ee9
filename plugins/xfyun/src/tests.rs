use freellmapi_sdk::End;
use freellmapi_sdk::testing::{call, head, refuses_as_usual, sent, streamed};

use super::*;

#[test]
fn a_chat_loses_what_spark_refuses() {
    let body = json!({"model": "lite", "n": 1, "max_completion_tokens": 5, "messages": [
        {"role": "user", "content": [{"type": "text", "text": "hi"}]}]});
    let sent = sent::<Xfyun>(&call("chat", "lite"), &body);
    assert_eq!(sent.url, "spark-api-open.xf-yun.com/v1/chat/completions");
    assert_eq!(
        sent.body,
        json!({"model": "lite", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]})
    );
    refuses_as_usual::<Xfyun>();
}

#[test]
fn a_key_is_checked_with_the_free_model() {
    let sent = sent::<Xfyun>(&call("key-check", ""), &json!(null));
    assert_eq!(
        (sent.method.as_str(), &sent.body["model"]),
        ("POST", &json!("lite"))
    );
    let body = br#"{"code":0,"message":"Success","sid":"s","choices":[{"message":{"role":"assistant","content":"1"}}]}"#;
    assert!(Xfyun::decode(&call("key-check", ""), &head(200, &[]), body).is_ok());
    let no = Xfyun::encode(&call("models", ""), &input()).map(|it| it.path);
    assert_eq!(no.map_err(|it| it.kind), Err("unsupported".to_owned()));
}

fn input() -> Input {
    Input {
        body: Vec::new(),
        files: Vec::new(),
        notes: Vec::new(),
        extra: Vec::new(),
    }
}

/// Codes of the vendor's table, around texts that are invented.
#[test]
fn a_code_in_a_200_says_what_to_do_next() {
    for (code, kind) in [
        (11201, "quota-exhausted"),
        (11202, "rate-limited"),
        (11200, "key-forbidden"),
        (10907, "too-long"),
        (10013, "content-filtered"),
    ] {
        let body = format!(r#"{{"code":{code},"message":"m","sid":"cha000"}}"#);
        let no = Xfyun::decode(&call("chat", "m"), &head(200, &[]), body.as_bytes());
        assert_eq!(no.expect_err("a refusal").kind, kind, "{code}");
        let (_, end) = streamed::<Xfyun>(&call("chat", "m"), &[body]);
        assert!(
            matches!(end, Some(End::Failed(it)) if it.kind == kind),
            "{code}"
        );
    }
}
