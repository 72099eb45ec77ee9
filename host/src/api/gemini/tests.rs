use super::request::read;
use crate::json::{Options, Value, parse};

/// The canonical request, as it is sent.
fn canonical(body: &str) -> Value<'static> {
    let read = read(body.as_bytes(), "m", false).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    read.chat.body().clone().into_owned()
}

#[track_caller]
fn becomes(body: &str, expected: &str) {
    let expected = parse(expected.as_bytes(), &Options::STRICT).unwrap();
    let canonical = canonical(body);
    let text = String::from_utf8(canonical.to_vec()).unwrap();
    assert!(canonical == expected, "{text}");
}

#[test]
fn a_conversation_with_tools_keeps_its_calls_together() {
    becomes(
        r#"{"system_instruction":{"parts":[{"text":"Be brief."}]},
            "contents":[
              {"role":"user","parts":[{"text":"Weather?"},{"inline_data":{"mime_type":"image/png","data":"AA=="}}]},
              {"role":"model","parts":[{"text":"Hm","thought":true},
                {"functionCall":{"name":"w","args":{"c":"Rome"}},"thoughtSignature":"sig"},
                {"functionCall":{"name":"w","args":{"c":"Oslo"}}}]},
              {"role":"user","parts":[
                {"functionResponse":{"name":"w","response":{"result":"hot"}}},
                {"functionResponse":{"name":"w","response":{"degrees":-3}}},
                {"text":"So?"}]}]}"#,
        r#"{"model":"m","stream":false,"messages":[
            {"role":"system","content":"Be brief."},
            {"role":"user","content":[{"type":"text","text":"Weather?"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
            {"role":"assistant","content":null,"reasoning_content":"Hm","tool_calls":[
              {"id":"call_00000000","type":"function","function":{"name":"w","arguments":"{\"c\":\"Rome\"}"},
               "extra_content":{"google":{"thought_signature":"sig"}}},
              {"id":"call_00000001","type":"function","function":{"name":"w","arguments":"{\"c\":\"Oslo\"}"}}]},
            {"role":"tool","tool_call_id":"call_00000000","content":"hot"},
            {"role":"tool","tool_call_id":"call_00000001","content":"{\"degrees\":-3}"},
            {"role":"user","content":"So?"}]}"#,
    );
}

#[test]
fn settings_tools_and_schemas_get_their_canonical_names() {
    becomes(
        r#"{"contents":[{"parts":[{"text":"hi"}]}],
            "tools":[{"googleSearch":{}},{"functionDeclarations":[
              {"name":"a","description":"A","parameters":{"type":"OBJECT","properties":{
                "type":{"type":"STRING","nullable":true,"enum":["X"]},"n":{"type":"ARRAY","minItems":"1","items":{"type":"INTEGER"}}}}},
              {"name":"b","parameters_json_schema":{"type":"object"}},{"name":"c"}]}],
            "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["a","c"]}},
            "generationConfig":{"temperature":1.0,"topP":0.95,"top_k":64,"maxOutputTokens":10,"stopSequences":["x"],
              "responseMimeType":"application/json","responseSchema":{"type":"BOOLEAN"},
              "thinkingConfig":{"includeThoughts":true,"thinkingBudget":0}}}"#,
        r#"{"model":"m","stream":false,"messages":[{"role":"user","content":"hi"}],
            "tools":[
              {"type":"function","function":{"name":"a","description":"A","parameters":{"type":"object","properties":{
                "type":{"type":["string","null"],"enum":["X"]},"n":{"type":"array","minItems":1,"items":{"type":"integer"}}}}}},
              {"type":"function","function":{"name":"c","parameters":{"type":"object","properties":{}}}}],
            "tool_choice":"required","temperature":1.0,"top_p":0.95,"top_k":64,"max_tokens":10,"stop":["x"],
            "response_format":{"type":"json_schema","json_schema":{"name":"response","schema":{"type":"boolean"}}},
            "reasoning_effort":"none"}"#,
    );
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    for (body, param) in [
        ("{", None),
        ("[]", None),
        ("{}", Some("contents")),
        (r#"{"contents":[]}"#, Some("contents")),
        (
            r#"{"contents":[{"role":"user"}]}"#,
            Some("contents[0].parts"),
        ),
        (
            r#"{"contents":[{"role":"x","parts":[]}]}"#,
            Some("contents[0].role"),
        ),
        (
            r#"{"contents":[{"parts":[{"videoMetadata":{}}]}]}"#,
            Some("contents[0].parts[0]"),
        ),
        (
            r#"{"contents":[{"parts":[{"inlineData":{}}]}]}"#,
            Some("contents[0].parts[0].inlineData"),
        ),
        (
            r#"{"contents":[{"parts":[{"functionResponse":{"name":"w"}}]}]}"#,
            Some("contents[0].parts[0].functionResponse"),
        ),
        (
            r#"{"contents":[{"parts":[{"text":"a"}]}],"cachedContent":"c"}"#,
            Some("cachedContent"),
        ),
        (
            r#"{"contents":[{"parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[{}]}]}"#,
            Some("tools[0].functionDeclarations[0].name"),
        ),
        (
            r#"{"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"responseMimeType":"a/b"}}"#,
            Some("generationConfig.responseMimeType"),
        ),
    ] {
        let wrong = read(body.as_bytes(), "m", false)
            .err()
            .unwrap_or_else(|| panic!("{body}"));
        assert_eq!(wrong.param.as_deref(), param, "{body}");
    }
}
