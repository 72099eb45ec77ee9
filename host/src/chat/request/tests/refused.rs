//! Bad bodies: the member at fault, and a word of what is wrong.

use super::{refusal, with};

#[test]
fn a_bad_member_is_named() {
    let table: &[(&str, &str, &str)] = &[
        (r#""model":7"#, "model", "but got 7"),
        (r#""model":["a"]"#, "model", "but got an array"),
        (
            r#""temperature":"hot""#,
            "temperature",
            "expected a number, but got a string",
        ),
        (r#""top_p":true"#, "top_p", "but got a boolean"),
        (
            r#""frequency_penalty":{}"#,
            "frequency_penalty",
            "but got an object",
        ),
        (
            r#""presence_penalty":[]"#,
            "presence_penalty",
            "but got an array",
        ),
        (r#""seed":1.5"#, "seed", "expected an integer, but got 1.5"),
        (r#""top_logprobs":-1"#, "top_logprobs", "but got -1"),
        (
            r#""stream":"true""#,
            "stream",
            "expected true or false, but got a string",
        ),
        (r#""stream":1"#, "stream", "but got 1"),
        (r#""logprobs":3"#, "logprobs", "true or false"),
        (
            r#""parallel_tool_calls":0"#,
            "parallel_tool_calls",
            "true or false",
        ),
        (r#""store":"no""#, "store", "true or false"),
        (
            r#""max_tokens":0"#,
            "max_tokens",
            "an integer of at least 1, but got 0",
        ),
        (r#""max_tokens":-5"#, "max_tokens", "but got -5"),
        (r#""max_tokens":"9""#, "max_tokens", "but got a string"),
        (
            r#""max_completion_tokens":1.5"#,
            "max_completion_tokens",
            "but got 1.5",
        ),
        (r#""n":0"#, "n", "from 1 to 128, but got 0"),
        (r#""n":129"#, "n", "but got 129"),
        (r#""logit_bias":[]"#, "logit_bias", "an object"),
        (r#""stop":7"#, "stop", "a string or a list of strings"),
        (r#""stop":["a",1]"#, "stop", "a string or a list of strings"),
        (r#""stream_options":true"#, "stream_options", "an object"),
        (
            r#""stream_options":{"include_usage":"yes"}"#,
            "stream_options.include_usage",
            "true or false",
        ),
        (r#""tools":{}"#, "tools", "a list of tools"),
        (r#""tools":["f"]"#, "tools[0].type", "\"function\""),
        (
            r#""tools":[{"function":{"name":"f"}}]"#,
            "tools[0].type",
            "must be a string",
        ),
        (
            r#""tools":[{"type":"function"}]"#,
            "tools[0].function.name",
            "names the function",
        ),
        (
            r#""tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":""}}]"#,
            "tools[1].function.name",
            "names the function",
        ),
        (
            r#""tools":[{"type":"function","function":{"name":"f","parameters":"{}"}}]"#,
            "tools[0].function.parameters",
            "a JSON Schema object",
        ),
        (r#""tool_choice":true"#, "tool_choice", "\"required\""),
        (
            r#""response_format":"json""#,
            "response_format.type",
            "one of text, json_object and json_schema",
        ),
        (
            r#""response_format":{"type":"xml"}"#,
            "response_format.type",
            "one of",
        ),
        (
            r#""response_format":{"type":"json_schema"}"#,
            "response_format.json_schema",
            "but got null",
        ),
    ];
    for (members, param, word) in table {
        let invalid = refusal(&with(members));
        assert_eq!(invalid.param.as_deref(), Some(*param), "{members}");
        assert!(invalid.message.contains(word), "{members}: {invalid}");
        assert!(invalid.message.contains(param), "{members}: {invalid}");
    }
}

#[test]
fn a_bad_message_is_named_by_its_place() {
    let table: &[(&str, &str, &str)] = &[
        (
            r#""hi""#,
            "messages[1]",
            "expected an object with 'role' and 'content', but got a string",
        ),
        (
            r#"{"content":"x"}"#,
            "messages[1].role",
            "Missing required parameter",
        ),
        (
            r#"{"role":null,"content":"x"}"#,
            "messages[1].role",
            "must be a string",
        ),
        (
            r#"{"role":"bot","content":"x"}"#,
            "messages[1].role",
            "'bot', which is no role",
        ),
        (
            r#"{"role":"user"}"#,
            "messages[1].content",
            "role user needs",
        ),
        (
            r#"{"role":"system","content":null}"#,
            "messages[1].content",
            "role system needs",
        ),
        (
            r#"{"role":"user","content":7}"#,
            "messages[1].content",
            "but got 7",
        ),
        (
            r#"{"role":"user","content":["x"]}"#,
            "messages[1].content[0].type",
            "string 'type'",
        ),
        (
            r#"{"role":"user","content":[{"text":"x"}]}"#,
            "messages[1].content[0].type",
            "string 'type'",
        ),
        (
            r#"{"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":null}]}"#,
            "messages[1].content[1].text",
            "must be a string",
        ),
        (
            r#"{"role":"user","content":[{"type":"image_url","image_url":7}]}"#,
            "messages[1].content[0].image_url",
            "must be an object",
        ),
        (
            r#"{"role":"user","content":[{"type":"input_audio","input_audio":"x"}]}"#,
            "messages[1].content[0].input_audio",
            "must be an object",
        ),
        (
            r#"{"role":"tool","content":"x"}"#,
            "messages[1].tool_call_id",
            "must be a string",
        ),
        (
            r#"{"role":"tool","tool_call_id":"a"}"#,
            "messages[1].content",
            "role tool needs",
        ),
        (
            r#"{"role":"assistant","tool_calls":{}}"#,
            "messages[1].tool_calls",
            "a list of tool calls",
        ),
        (
            r#"{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":"{}"}}]}"#,
            "messages[1].tool_calls[0].id",
            "tool_call_id",
        ),
        (
            r#"{"role":"assistant","tool_calls":[{"id":"a","type":"function"}]}"#,
            "messages[1].tool_calls[0].function.name",
            "must be a string",
        ),
        (
            r#"{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":{}}}]}"#,
            "messages[1].tool_calls[0].function.arguments",
            "string that holds JSON",
        ),
    ];
    for (message, param, word) in table {
        let body = format!(r#"{{"messages":[{{"role":"user","content":"hi"}},{message}]}}"#);
        let invalid = refusal(&body);
        assert_eq!(invalid.param.as_deref(), Some(*param), "{message}");
        assert!(invalid.message.contains(word), "{message}: {invalid}");
    }
}

#[test]
fn a_body_that_is_no_request_is_refused() {
    for (body, param, word) in [
        ("", None, "not valid JSON"),
        ("{", None, "not valid JSON"),
        (r#"{"messages":[]} x"#, None, "not valid JSON"),
        (r#"{"temperature":NaN}"#, None, "not valid JSON"),
        ("[]", None, "must be a JSON object, not an array"),
        ("null", None, "must be a JSON object, not null"),
        ("{}", Some("messages"), "Missing required parameter"),
        (
            r#"{"messages":null}"#,
            Some("messages"),
            "Missing required parameter",
        ),
        (
            r#"{"messages":"hi"}"#,
            Some("messages"),
            "a list of messages",
        ),
        (r#"{"messages":[]}"#, Some("messages"), "is empty"),
    ] {
        let invalid = refusal(body);
        assert_eq!(invalid.param.as_deref(), param, "{body}");
        assert!(invalid.message.contains(word), "{body}: {invalid}");
    }
}

#[test]
fn a_key_that_comes_twice_is_refused_at_any_depth() {
    for body in [
        with(r#""model":"a","model":"b""#),
        with(r#""model":"a","\u006dodel":"b""#),
        r#"{"messages":[{"role":"user","role":"system","content":"x"}]}"#.to_owned(),
        with(r#""metadata":{"deep":[{"a":1,"a":1}]}"#),
    ] {
        assert!(refusal(&body).message.contains("not valid JSON"), "{body}");
    }
}
