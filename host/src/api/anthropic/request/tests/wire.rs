//! What real clients send, in short: the shapes are theirs, the texts are not.

use super::*;

#[test]
fn claude_codes_second_turn() {
    let body = json!({
        "model": "claude-opus-4-5",
        "messages": [
            { "role": "user", "content": [
                { "type": "text", "text": "<system-reminder>\nToday is Friday.\n</system-reminder>" },
                { "type": "text", "text": "Make a file", "cache_control": { "type": "ephemeral" } },
            ] },
            { "role": "system", "content": "Agents for the Agent tool:\n- claude" },
            { "role": "assistant", "content": [
                { "type": "tool_use", "id": "toolu_1", "name": "Bash", "input": { "command": "cat a.txt", "description": "x" } },
            ] },
            { "role": "user", "content": [
                { "tool_use_id": "toolu_1", "type": "tool_result", "content": "alpha", "is_error": false, "cache_control": { "type": "ephemeral" } },
            ] },
        ],
        "system": [
            { "type": "text", "text": "x-anthropic-billing-header: cc_version=2; cc_entrypoint=sdk-cli;" },
            { "type": "text", "text": "You are an agent.", "cache_control": { "type": "ephemeral" } },
            { "type": "text", "text": "\nHelp with software.", "cache_control": { "type": "ephemeral", "scope": "global" } },
        ],
        "tools": [
            { "name": "Bash", "description": "Runs a command.", "input_schema": { "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": { "command": { "type": "string" } }, "required": ["command"], "additionalProperties": false } },
        ],
        "metadata": { "user_id": "{\"device_id\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"session_id\":\"1\"}" },
        "max_tokens": 32000,
        "thinking": { "type": "adaptive" },
        "context_management": { "edits": [{ "type": "clear_thinking_20251015", "keep": "all" }] },
        "output_config": { "effort": "high" },
        "stream": true,
    });
    let sent = canonical(&body);
    let roles: Vec<_> = sent["messages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["role"].clone())
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool"]);
    assert_eq!(
        sent["messages"][0]["content"],
        "You are an agent.\n\n\nHelp with software."
    );
    assert!(
        sent["messages"][1]["content"]
            .as_str()
            .is_some_and(|text| text.contains("Make a file\n\n<system-reminder>\nAgents"))
    );
    assert_eq!(
        sent["messages"][2]["tool_calls"][0]["function"]["arguments"],
        r#"{"command":"cat a.txt","description":"x"}"#
    );
    assert_eq!(
        sent["messages"][3],
        json!({ "role": "tool", "tool_call_id": "toolu_1", "content": "alpha" })
    );
    assert_eq!(
        sent["tools"][0]["function"]["parameters"],
        body["tools"][0]["input_schema"]
    );
    assert_eq!(sent["reasoning_effort"], "high");
    let text = sent.to_string();
    for gone in [
        "cache_control",
        "context_management",
        "device_id",
        "billing",
    ] {
        assert!(!text.contains(gone), "{gone}");
    }
    assert!(good(&body).manner.input_tokens > 0);
}
