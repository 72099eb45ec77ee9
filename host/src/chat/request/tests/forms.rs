//! Good bodies: untouched but for what is said in other words.

use proptest::prelude::*;

use super::{ChatRequest, canonical, with};

#[test]
fn a_good_body_keeps_order_spelling_and_unknown_members() {
    let bodies = [
        with(r#""zeta":1.0,"alpha":[1e3,-0,12345678901234567890],"model":"m","temperature":0.70,"x":{"y":null}"#),
        with(r#""model":"caf\u00e9\/\ud83d\ude00","user":"\u0061""#),
        r#"{"messages":[{"role":"developer","content":"d","name":"n"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{ }"}}]},{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"t"}]},{"role":"assistant"},{"role":"function","name":"f","content":null},{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}},{"type":"image_url","image_url":"u"},{"type":"unheard-of"}]}]}"#.to_owned(),
        with(r#""tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}},{"type":"web_search"}],"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":true"#),
        with(r#""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}},"stream":true,"stream_options":{"include_usage":true,"other":1}"#),
        with(r#""reasoning_effort":"low","seed":-9223372036854775808,"stop":["a"],"n":128,"max_tokens":1,"logit_bias":{"50256":-100}"#),
        with(r#""reasoning":{"max_tokens":5}"#),
        r#"{"messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"custom","custom":{"name":"patch","input":"x"}}]}]}"#.to_owned(),
    ];
    for body in bodies {
        assert_eq!(canonical(&body), body);
    }
}

#[test]
fn what_is_the_same_in_other_words_is_brought_to_one() {
    for (before, after) in [
        (
            r#""temperature":null,"top_p":1.0,"tools":null"#,
            r#""top_p":1.0"#,
        ),
        (r#""response_format":{"type":"text"}"#, ""),
        (
            r#""tools":[],"tool_choice":"auto","parallel_tool_calls":true"#,
            "",
        ),
        (
            r#""reasoning_effort":"xhigh""#,
            r#""reasoning_effort":"high""#,
        ),
        (
            r#""reasoning_effort":" Medium ""#,
            r#""reasoning_effort":"medium""#,
        ),
        (
            r#""reasoning_effort":"off""#,
            r#""reasoning_effort":"none""#,
        ),
        (r#""reasoning_effort":"much""#, ""),
        (r#""reasoning_effort":3"#, ""),
        (
            r#""reasoning":{"max_tokens":5,"effort":null}"#,
            r#""reasoning":{"max_tokens":5}"#,
        ),
    ] {
        assert_eq!(canonical(&with(before)), with(after), "{before}");
    }
    // An effort of its own stands over one inside.
    let message = r#""messages":[{"role":"user","content":"hi"}]"#;
    assert_eq!(
        canonical(&with(r#""reasoning":{"effort":"min"}"#)),
        format!(r#"{{{message},"reasoning_effort":"minimal"}}"#)
    );
    assert_eq!(
        canonical(&with(
            r#""reasoning":{"effort":"high"},"reasoning_effort":"low""#
        )),
        with(r#""reasoning_effort":"low""#)
    );
}

#[test]
fn what_is_asked_of_a_request_is_answered() {
    let body = with(
        r#""model":"a/b","stream":true,"stream_options":{"include_usage":true},"max_tokens":9,"max_completion_tokens":5,"n":2"#,
    );
    let request = ChatRequest::parse(body.as_bytes()).unwrap();
    assert_eq!(request.model(), "a/b");
    assert!(request.stream() && request.include_usage());
    assert_eq!((request.max_output(), request.n()), (Some(5), 2));
    for none in [
        with(""),
        with(r#""model":"""#),
        with(r#""model":null,"stream":false,"stream_options":{"include_usage":null}"#),
    ] {
        let request = ChatRequest::parse(none.as_bytes()).unwrap();
        assert_eq!(request.model(), "auto");
        assert!(!request.stream() && !request.include_usage());
        assert_eq!((request.max_output(), request.n()), (None, 1));
    }
}

#[test]
fn an_attempt_names_the_providers_model_and_changes_nothing_else() {
    let body =
        with(r#""model":"auto","x":1.0,"stream":true,"stream_options":{"include_usage":true}"#);
    let request = ChatRequest::parse(body.as_bytes()).unwrap();
    let spelt =
        |model, stream| String::from_utf8(request.for_attempt(model, stream).to_vec()).unwrap();
    assert_eq!(
        spelt("p/\"q\"", true),
        with(r#""model":"p/\"q\"","x":1.0,"stream":true,"stream_options":{"include_usage":true}"#)
    );
    assert_eq!(
        spelt("m", false),
        with(r#""model":"m","x":1.0,"stream":false"#)
    );
    // The request itself is as it was, for the next attempt.
    assert_eq!(String::from_utf8(request.body().to_vec()).unwrap(), body);
    let bare = with("");
    let bare = ChatRequest::parse(bare.as_bytes()).unwrap();
    let spelt = String::from_utf8(bare.for_attempt("m", true).to_vec()).unwrap();
    assert_eq!(
        spelt,
        r#"{"messages":[{"role":"user","content":"hi"}],"model":"m","stream":true}"#
    );
}

proptest! {
    /// Whatever a client writes in a message, its bytes are what the provider gets.
    #[test]
    fn any_text_keeps_its_bytes(texts in prop::collection::vec("\\PC{0,20}", 1..6), number in any::<f64>().prop_filter("JSON has no others", |number| number.is_finite())) {
        let messages: Vec<_> = texts.iter().map(|text| format!(r#"{{"role":"user","content":{}}}"#, serde_json::to_string(text).unwrap())).collect();
        let body = format!(r#"{{"messages":[{}],"temperature":{number:?}}}"#, messages.join(","));
        prop_assert_eq!(canonical(&body), body);
    }

    /// Any bytes are answered by a request or a refusal, and the canonical body is a fixed point.
    #[test]
    fn canonical_is_a_fixed_point(key in "[a-z_]{1,12}", value in prop_oneof!["null", "true", "-?[1-9][0-9]{0,3}", "\"[a-z]{0,8}\"", Just("[]".to_owned()), Just("{}".to_owned()), Just(r#"{"effort":"max"}"#.to_owned())]) {
        prop_assume!(key != "messages");
        let body = with(&format!(r#""{key}":{value}"#));
        if let Ok(request) = ChatRequest::parse(body.as_bytes()) {
            let once = request.body().to_vec();
            let again = ChatRequest::parse(&once).unwrap();
            prop_assert_eq!(again.body().to_vec(), once.clone());
        }
    }
}
