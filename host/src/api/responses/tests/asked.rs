//! What a request becomes.

use serde_json::{Value as Json, json};

use super::{ask, chat, messages, untree};

#[test]
fn text_is_a_users_message() {
    let body = chat(&json!({ "model": "m", "input": "Hi", "instructions": "Be brief." }));
    assert_eq!(
        body,
        json!({
            "model": "m",
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "Hi" },
            ],
        })
    );
}

#[test]
fn members_have_their_names_in_chat() {
    let body = chat(&json!({
        "model": "m", "input": "Hi", "stream": true, "temperature": 0.5, "top_p": 0.9, "max_output_tokens": 99,
        "top_logprobs": 2, "reasoning": { "effort": "low", "summary": "auto" },
        "text": { "format": { "type": "json_schema", "name": "n", "schema": { "type": "object" }, "strict": true },
            "verbosity": "low" },
        "truncation": "auto", "metadata": { "a": "b" }, "user": "u", "safety_identifier": "s", "prompt_cache_key": "k",
        "service_tier": "flex", "store": false, "include": ["reasoning.encrypted_content", "web_search_call.results"],
        "stream_options": { "include_obfuscation": false }, "background": false, "max_tool_calls": 3,
        "client_metadata": { "x": "y" }, "parallel_tool_calls": true, "tool_choice": "auto",
    }));
    assert_eq!(
        body,
        json!({
            "model": "m", "stream": true, "temperature": 0.5, "top_p": 0.9, "max_tokens": 99, "logprobs": true,
            "top_logprobs": 2, "reasoning_effort": "low", "verbosity": "low",
            "response_format": { "type": "json_schema",
                "json_schema": { "name": "n", "strict": true, "schema": { "type": "object" } } },
            "messages": [{ "role": "user", "content": "Hi" }],
            "stream_options": { "include_usage": true },
        })
    );
    let json = chat(&json!({ "input": "Hi", "text": { "format": { "type": "json_object" } } }));
    assert_eq!(json["response_format"], json!({ "type": "json_object" }));
    let text = chat(&json!({ "input": "Hi", "text": { "format": { "type": "text" } } }));
    assert!(text.get("response_format").is_none());
}

#[test]
fn content_parts_become_those_of_chat() {
    let seen = messages(json!([
        { "role": "developer", "content": "d" },
        { "type": "message", "role": "user", "content": [
            { "type": "input_text", "text": "What is this?" },
            { "type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto" },
            { "type": "input_image", "image_url": "https://x.example/y.png", "detail": "high" },
            { "type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA" },
            { "type": "input_audio", "input_audio": { "data": "AAAA", "format": "wav" } },
        ] },
        { "type": "message", "role": "assistant", "id": "msg_foreign", "status": "completed", "content": [
            { "type": "output_text", "text": "A cat", "annotations": [] },
            { "type": "refusal", "refusal": ", but no." },
        ] },
        { "role": "user", "content": [{ "type": "input_text", "text": "alone" }] },
        { "role": "system", "content": [{ "type": "input_text", "text": "a" }, { "type": "input_text", "text": "b" }] },
    ]));
    assert_eq!(
        seen,
        json!([
            { "role": "developer", "content": "d" },
            { "role": "user", "content": [
                { "type": "text", "text": "What is this?" },
                { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } },
                { "type": "image_url", "image_url": { "url": "https://x.example/y.png", "detail": "high" } },
                { "type": "file", "file": { "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA" } },
                { "type": "input_audio", "input_audio": { "data": "AAAA", "format": "wav" } },
            ] },
            { "role": "assistant", "content": "A cat, but no." },
            { "role": "user", "content": "alone" },
            { "role": "system", "content": [{ "type": "text", "text": "a" }, { "type": "text", "text": "b" }] },
        ])
    );
}

/// Every kind of tool, as declared.
fn tools() -> Json {
    json!([
        { "type": "function", "name": "f", "description": "F", "strict": false,
          "parameters": { "type": "object", "properties": {} } },
        { "type": "function", "name": "g", "strict": true, "parameters": { "type": "object" } },
        { "type": "custom", "name": "apply_patch", "description": "FREEFORM",
          "format": { "type": "grammar", "syntax": "lark", "definition": "start: /.+/s" } },
        { "type": "namespace", "name": "agents", "description": "Other agents.", "tools": [
            { "type": "function", "name": "f", "description": "Nested F", "parameters": { "type": "object" } },
            { "type": "custom", "name": "c" },
        ] },
        { "type": "web_search" },
        { "type": "web_search_preview_2025_03_11" },
        { "type": "mcp", "server_label": "x", "server_url": "https://x.example" },
    ])
}

#[test]
fn tools_become_functions() {
    let body = chat(&json!({ "input": "Hi", "tools": tools(), "parallel_tool_calls": false }));
    let input = json!({
        "type": "object",
        "properties": { "input": { "type": "string", "description": "The tool's whole input, as plain text." } },
        "required": ["input"], "additionalProperties": false,
    });
    assert_eq!(
        body["tools"],
        json!([
            { "type": "function", "function": { "name": "f", "description": "F",
              "parameters": { "type": "object", "properties": {} } } },
            { "type": "function", "function": { "name": "g", "parameters": { "type": "object" }, "strict": true } },
            { "type": "function", "function": { "name": "apply_patch",
              "description": "FREEFORM\n\nThe input must follow this lark grammar:\nstart: /.+/s", "parameters": input } },
            { "type": "function", "function": { "name": "agents__f", "description": "Other agents.\n\nNested F",
              "parameters": { "type": "object" } } },
            { "type": "function", "function": { "name": "agents__c", "description": "", "parameters": input } },
        ])
    );
    assert_eq!(body["parallel_tool_calls"], false);
    let hosted =
        chat(&json!({ "input": "Hi", "tools": [{ "type": "web_search" }], "tool_choice": "auto" }));
    assert!(hosted.get("tools").is_none() && hosted.get("tool_choice").is_none());
}

#[test]
fn tools_may_also_come_with_the_input() {
    let body = chat(&json!({ "input": [
        { "type": "additional_tools", "role": "developer", "tools": [{ "type": "function", "name": "late" }] },
        { "role": "user", "content": "Hi" },
    ] }));
    assert_eq!(body["tools"][0]["function"]["name"], "late");
    assert_eq!(
        body["messages"],
        json!([{ "role": "user", "content": "Hi" }])
    );
}

#[test]
fn choices_name_functions() {
    let choose = |choice: Json| {
        let body = chat(&json!({ "input": "Hi", "tools": tools(), "tool_choice": choice }));
        let names: Vec<String> = body["tools"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tool| tool["function"]["name"].as_str().unwrap().to_owned())
            .collect();
        (body["tool_choice"].clone(), names)
    };
    for word in ["none", "auto", "required"] {
        assert_eq!(choose(json!(word)).0, word);
    }
    let named = |name: &str| json!({ "type": "function", "function": { "name": name } });
    assert_eq!(
        choose(json!({ "type": "function", "name": "g" })).0,
        named("g")
    );
    assert_eq!(
        choose(json!({ "type": "custom", "name": "apply_patch" })).0,
        named("apply_patch")
    );
    let nested = json!({ "type": "function", "name": "f", "namespace": "agents" });
    assert_eq!(choose(nested).0, named("agents__f"));
    let (choice, names) = choose(
        json!({ "type": "allowed_tools", "mode": "required", "tools": [
        { "type": "function", "name": "g" }, { "type": "custom", "name": "apply_patch" }, { "type": "web_search" } ] }),
    );
    assert_eq!(choice, "required");
    assert_eq!(names, ["g", "apply_patch"]);
}

#[test]
fn long_and_like_names_stay_apart() {
    let long = "x".repeat(60);
    let body = chat(&json!({ "input": "Hi", "tools": [
        { "type": "function", "name": "a__b" },
        { "type": "namespace", "name": "a", "tools": [{ "type": "function", "name": "b" }] },
        { "type": "namespace", "name": "a b", "tools": [{ "type": "function", "name": "c" }] },
        { "type": "namespace", "name": "a_b", "tools": [{ "type": "function", "name": "c" }] },
        { "type": "namespace", "name": long, "tools": [
            { "type": "function", "name": format!("{long}1") }, { "type": "function", "name": format!("{long}2") } ] },
    ] }));
    let mut names: Vec<&str> = body["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect();
    assert!(names.iter().all(|name| name.len() <= 64), "{names:?}");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 6);
}

#[test]
fn what_is_kept_has_ids() {
    let asked = ask(&json!({ "input": [
        { "role": "user", "content": "Hi" },
        { "type": "function_call", "id": "fc_own", "call_id": "c", "name": "f", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "c", "output": "1" },
    ] }));
    let kept: Vec<Json> = asked.keep.unwrap().iter().map(untree).collect();
    assert_eq!(
        kept[0],
        json!({
            "id": "msg_0123456789abcdef0123456789abcdef8000", "type": "message", "status": "completed", "role": "user",
            "content": [{ "type": "input_text", "text": "Hi" }],
        })
    );
    assert_eq!(kept[1]["id"], "fc_own");
    assert_eq!(kept[2]["id"], "fco_0123456789abcdef0123456789abcdef8002");
    assert!(
        ask(&json!({ "input": "Hi", "store": false }))
            .keep
            .is_none()
    );
}
