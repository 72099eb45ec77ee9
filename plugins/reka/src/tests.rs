use freellmapi_sdk::json;
use freellmapi_sdk::testing::{answered, call, listed, refusals, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Reka>("api.reka.ai/v1");
}

#[test]
fn an_object_is_asked_for_by_a_schema() {
    let format = |format| {
        sent::<Reka>(&call("chat", "m"), &json!({"response_format": format})).body["response_format"].clone()
    };
    let upgraded = format(json!({"type": "json_object"}));
    assert_eq!(upgraded["type"], "json_schema");
    assert_eq!(
        upgraded["json_schema"]["schema"],
        json!({"type": "object", "properties": {}, "additionalProperties": true})
    );
    for kept in [
        json!({"type": "text"}),
        json!({"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}),
    ] {
        assert_eq!(format(kept.clone()), kept);
    }
}

/// Invented: Reka Flash 3 was trained to think between these tags.
#[test]
fn reasoning_in_the_text_is_told_apart() {
    let body = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"<reasoning>two and two</reasoning> 4"},"finish_reason":"stop"}]}"#;
    let message = &answered::<Reka>(&call("chat", "reka-flash-3"), body)["choices"][0]["message"];
    assert_eq!(
        (&message["content"], &message["reasoning_content"]),
        (&json!("4"), &json!("two and two"))
    );
}

/// Invented in the shapes that its framework gives.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<Reka>(&[
        (
            401,
            &[],
            r#"{"detail":"Invalid API key"}"#,
            "key-invalid",
            None,
        ),
        (
            402,
            &[],
            r#"{"detail":"Insufficient credits"}"#,
            "payment-required",
            None,
        ),
        (
            422,
            &[],
            r#"{"detail":[{"loc":["body","model"],"msg":"unknown model x","type":"value_error"}]}"#,
            "model-missing",
            None,
        ),
        (
            429,
            &[("retry-after", "7")],
            r#"{"detail":"Too many requests"}"#,
            "rate-limited",
            Some(7000),
        ),
        (
            503,
            &[],
            r#"{"detail":"Service unavailable"}"#,
            "overloaded",
            None,
        ),
    ]);
}

/// Invented in OpenAI's shape.
#[test]
fn the_list_is_read() {
    assert_eq!(
        listed::<Reka>(r#"{"object":"list","data":[{"id":"reka-flash-3"}]}"#)[0].id,
        "reka-flash-3"
    );
}
