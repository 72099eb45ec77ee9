//! What real clients send.

use serde_json::{Value as Json, json};

use super::{ask, chat};

/// What Codex 0.169 sends on its second turn, shortened.
fn codex() -> Json {
    json!({
        "model": "stub-model", "stream": true, "store": false, "tool_choice": "auto", "parallel_tool_calls": true,
        "input": [
            { "type": "message", "id": "msg_00000000-0000-0000-0000-000000000000", "role": "developer",
              "content": [{ "type": "input_text", "text": "You are a coding agent." }] },
            { "type": "message", "id": "msg_00000000-0000-0000-0000-000000000000", "role": "developer",
              "content": [{ "type": "input_text", "text": "skills" }, { "type": "input_text", "text": "permissions" }] },
            { "type": "message", "id": "msg_00000000-0000-0000-0000-000000000000", "role": "user",
              "content": [{ "type": "input_text", "text": "Make a file" }] },
            { "type": "function_call", "status": "completed", "id": "fc_stub1", "name": "exec_command",
              "arguments": "{\"cmd\":\"ls\"}", "call_id": "call_stub1" },
            { "type": "function_call_output", "id": "fco_00000000-0000-0000-0000-000000000000",
              "call_id": "call_stub1", "output": "alpha\n" },
        ],
        "tools": [
            { "type": "function", "name": "exec_command", "description": "Runs a command.", "strict": false,
              "parameters": { "type": "object", "properties": { "cmd": { "type": "string" } }, "required": ["cmd"],
                "additionalProperties": false } },
            { "type": "namespace", "name": "multi_agent_v1", "description": "Tools for agents.", "tools": [
                { "type": "function", "name": "spawn_agent", "description": "Spawns.", "strict": false,
                  "parameters": { "type": "object", "properties": {} } } ] },
            { "type": "web_search", "external_web_access": false },
        ],
        "reasoning": { "summary": "auto" }, "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "00000000-0000-0000-0000-000000000000",
        "client_metadata": { "turn_id": "00000000-0000-0000-0000-000000000000" },
    })
}

#[test]
fn codex_is_understood() {
    let body = chat(&codex());
    let roles: Vec<_> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["role"].as_str().unwrap())
        .collect();
    assert_eq!(
        roles,
        ["developer", "developer", "user", "assistant", "tool"]
    );
    assert_eq!(body["tools"].as_array().unwrap().len(), 2);
    assert_eq!(
        body["tools"][1]["function"]["name"],
        "multi_agent_v1__spawn_agent"
    );
    for gone in [
        "store",
        "include",
        "prompt_cache_key",
        "client_metadata",
        "reasoning",
    ] {
        assert!(body.get(gone).is_none(), "{gone}");
    }
    let asked = ask(&codex());
    assert!(asked.keep.is_none() && asked.plan.encrypted && asked.plan.summary);
}
