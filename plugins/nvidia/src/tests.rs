use freellmapi_sdk::testing::{
    answered, call, carried, head, refusals, refused, sent, speaks_openai, streamed,
};
use freellmapi_sdk::{End, json};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Nvidia>("integrate.api.nvidia.com/v1");
}

#[test]
fn tools_are_called_one_by_one() {
    let mut call = call("chat", "m");
    let body = json!({"messages": [], "parallel_tool_calls": true, "max_completion_tokens": 5});
    assert_eq!(
        sent::<Nvidia>(&call, &body).body["parallel_tool_calls"],
        true
    );
    call.outline.traits.push("tools".to_owned());
    let sent = sent::<Nvidia>(&call, &body);
    assert_eq!(
        sent.body,
        json!({"messages": [], "parallel_tool_calls": false, "max_tokens": 5})
    );
}

/// A, B and C of the report on models that are listed and cannot be called (Alishahryar1/free-claude-code#1021); the rest is
/// invented in the same shape.
#[test]
fn refusals_say_what_to_do_next() {
    const GONE: &str = r#"{"status":404,"title":"Not Found","detail":"Function '00000000-0000-0000-0000-000000000000': Not found for account 'ACCOUNT-EXAMPLE'"}"#;
    refusals::<Nvidia>(&[
        (404, &[], GONE, "model-missing", None),
        (
            400,
            &[],
            r#"{"status":400,"title":"Bad Request","detail":"Function id '00000000-0000-0000-0000-000000000000': DEGRADED function cannot be invoked"}"#,
            "overloaded",
            None,
        ),
        (404, &[], "404 page not found", "upstream-broken", None),
        (
            400,
            &[],
            r#"{"object":"error","message":"This model only supports single tool-calls at once!","type":"BadRequestError","code":400}"#,
            "unsupported",
            None,
        ),
        (
            401,
            &[],
            r#"{"status":401,"title":"Unauthorized","detail":"Authentication failed"}"#,
            "key-invalid",
            None,
        ),
        (
            403,
            &[],
            r#"{"status":403,"title":"Forbidden","detail":"Authorization failed"}"#,
            "key-forbidden",
            None,
        ),
        (
            402,
            &[],
            r#"{"status":402,"title":"Payment Required","detail":"Account 'x': Cloud credits expired"}"#,
            "payment-required",
            None,
        ),
        (
            429,
            &[],
            r#"{"status":429,"title":"Too Many Requests"}"#,
            "rate-limited",
            None,
        ),
    ]);
    let failure = refused::<Nvidia>(&call("chat", "m"), &head(404, &[]), GONE);
    assert_eq!(failure.message, "Function '…': Not found for account '…'");
}

#[test]
fn a_key_is_checked_by_an_empty_request() {
    let mut call = call("key-check", "");
    let first = sent::<Nvidia>(&call, &json!(null));
    assert_eq!(
        (first.method.as_str(), first.body),
        ("POST", json!({"model": "", "messages": []}))
    );
    let refusal = br#"{"status":400,"title":"Bad Request","detail":"messages must not be empty"}"#;
    let Verdict::Again(next) = Nvidia::classify(&call, &head(400, &[]), refusal) else {
        panic!("a good key is told what is missing");
    };
    let manifest = Nvidia::manifest().build();
    assert_eq!(
        carried(&manifest, &call, next.request, &json!(null)).method,
        "GET"
    );
    assert_eq!(
        refused::<Nvidia>(&call, &head(401, &[]), "{}").kind,
        "key-invalid"
    );
    call.step = 1;
    assert_eq!(
        refused::<Nvidia>(&call, &head(400, &[]), "{}").kind,
        "invalid-request"
    );
}

/// Invented, in the shape that MiniMax and Nemotron models answer with here.
#[test]
fn reasoning_in_the_text_is_told_apart() {
    let chunk = |text: &str, finish: Option<&str>| {
        json!({"id": "c", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}).to_string()
    };
    let events = [
        chunk("<thi", None),
        chunk("nk>so</think>\n\nYes", None),
        chunk("", Some("stop")),
        "[DONE]".to_owned(),
    ];
    let (chunks, end) = streamed::<Nvidia>(&call("chat", "m"), &events);
    assert!(matches!(end, Some(End::Complete)));
    let delta = |at: usize| &chunks[at]["choices"][0]["delta"];
    assert_eq!(*delta(0), json!({"reasoning_content": "so"}));
    assert_eq!(*delta(1), json!({"content": "Yes"}));
}

#[test]
fn a_call_in_the_text_becomes_one_if_the_tool_was_declared() {
    let mut asked = call("chat", "m");
    asked.outline.traits.push("tools".to_owned());
    let input = Input {
        body: br#"{"tools":[{"type":"function","function":{"name":"now"}}]}"#.to_vec(),
        files: Vec::new(),
        notes: Vec::new(),
        extra: Vec::new(),
    };
    asked.memo = Nvidia::encode(&asked, &input).unwrap().memo;
    let body = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"<tool_call>{\"name\":\"now\"}</tool_call>"},"finish_reason":"stop"}]}"#;
    let answer = answered::<Nvidia>(&asked, body);
    assert_eq!(
        answer["choices"][0]["message"]["tool_calls"][0]["function"]["name"],
        "now"
    );
}
