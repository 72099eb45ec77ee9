//! Tools, which of them to use, and their names.

use serde_json::{Value as Json, json};

use super::{call, gemini, input, json_of, sent};
use crate::Call;

fn with_tools(extra: &Json) -> Json {
    let mut body = json!({"messages": [{"role": "user", "content": "hi"}], "tools": [
        {"type": "function", "function": {"name": "ls", "description": "Lists \"it\"",
            "parameters": {"type": "object", "properties": {"p": {"type": "string"}}}, "strict": true}},
        {"type": "function", "function": {"name": "now"}},
    ]});
    for (name, value) in extra.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

#[test]
fn tools_are_declared() {
    let sent = sent(
        "m",
        &with_tools(&json!({"response_format": {"type": "json_object"}})),
        &[],
    );
    assert_eq!(
        sent["tools"],
        json!([{"functionDeclarations": [
            {"name": "ls", "description": "Lists \"it\"",
                "parameters": {"type": "OBJECT", "properties": {"p": {"type": "STRING"}}}},
            {"name": "now"},
        ]}])
    );
    assert_eq!(
        sent["generationConfig"],
        json!({}),
        "no format beside functions"
    );
    assert_eq!(sent["toolConfig"], Json::Null);
}

#[test]
fn a_choice_becomes_a_mode() {
    for (choice, wanted) in [
        (json!("none"), json!({"mode": "NONE"})),
        (json!("auto"), json!({"mode": "AUTO"})),
        (json!("required"), json!({"mode": "ANY"})),
        (
            json!({"type": "function", "function": {"name": "ls"}}),
            json!({"mode": "ANY", "allowedFunctionNames": ["ls"]}),
        ),
        (
            json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [
                {"type": "function", "function": {"name": "now"}}]}}),
            json!({"mode": "ANY", "allowedFunctionNames": ["now"]}),
        ),
        (json!("whatever"), Json::Null),
    ] {
        let sent = sent("m", &with_tools(&json!({"tool_choice": choice})), &[]);
        assert_eq!(
            sent["toolConfig"]["functionCallingConfig"], wanted,
            "{choice}"
        );
    }
    let body = json!({"messages": [{"role": "user", "content": "hi"}], "tool_choice": "required"});
    assert_eq!(
        sent("m", &body, &[])["toolConfig"],
        Json::Null,
        "nothing to choose from"
    );
}

#[test]
fn a_search_is_googles_own() {
    let body = json!({"messages": [{"role": "user", "content": "hi"}], "tools": [
        {"type": "function", "function": {"name": "google_search"}}]});
    assert_eq!(
        sent("m", &body, &[])["tools"],
        json!([{"googleSearch": {}}])
    );
    let body = json!({"messages": [{"role": "user", "content": "hi"}], "tools": [
        {"type": "function", "function": {"name": "google_search", "parameters":
            {"type": "object", "properties": {"q": {"type": "string"}}}}}]});
    assert_eq!(
        sent("m", &body, &[])["tools"][0]["functionDeclarations"][0]["name"],
        "google_search"
    );
}

#[test]
fn refused_names_are_changed_and_come_back() {
    let long = |end: char| {
        format!(
            "mcp__very-long-server-name-0123456789__a/tool.with.dots-{}{end}",
            "0123456789-".repeat(3)
        )
    };
    let names = [long('a'), long('b'), "7up".to_owned(), "Bash".to_owned()];
    let tools: Vec<_> = names
        .iter()
        .map(|name| json!({"type": "function", "function": {"name": name}}))
        .collect();
    let body = json!({"tools": tools, "tool_choice": {"type": "function", "function": {"name": names[0]}}, "messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": names[0], "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "1", "content": "ok"},
    ]});
    let plan = gemini()
        .encode(&call("m"), &input(&body, &[]))
        .expect("a plan");
    let sent = json_of(&plan);
    let told: Vec<String> = (0..4)
        .map(|at| {
            sent["tools"][0]["functionDeclarations"][at]["name"]
                .as_str()
                .expect("a name")
                .to_owned()
        })
        .collect();
    for name in &told {
        assert!(
            name.len() <= 64 && !name.contains('/') && !name.starts_with('7'),
            "{name}"
        );
    }
    assert_ne!(told[0], told[1]);
    assert_eq!(told[3], "Bash");
    assert_eq!(
        sent["contents"][1]["parts"][0]["functionCall"]["name"],
        told[0].as_str()
    );
    assert_eq!(
        sent["contents"][2]["parts"][0]["functionResponse"]["name"],
        told[0].as_str()
    );
    assert_eq!(
        sent["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"][0],
        told[0].as_str()
    );

    let later = Call {
        memo: plan.memo,
        ..call("m")
    };
    let reply = json!({"candidates": [{"content": {"parts": [
        {"functionCall": {"name": told[1]}}, {"functionCall": {"name": "unheard_of"}}]}, "finishReason": "STOP"}]});
    let (answer, _) = super::decoded(&later, &reply.to_string()).expect("an answer");
    let calls = &answer["choices"][0]["message"]["tool_calls"];
    assert_eq!(calls[0]["function"]["name"], names[1].as_str());
    assert_eq!(calls[1]["function"]["name"], "unheard_of");
}
