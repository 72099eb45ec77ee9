//! Tools and the choice among them.

use super::*;

fn tool(name: &str) -> Value {
    json!({ "name": name, "description": "d", "input_schema": { "type": "object" }, "cache_control": { "type": "ephemeral" } })
}

fn function(name: &str) -> Value {
    json!({ "type": "function", "function": { "name": name, "description": "d", "parameters": { "type": "object" } } })
}

#[test]
fn functions_and_choices() {
    for (choice, sent) in [
        (json!({ "type": "auto" }), json!("auto")),
        (json!({ "type": "any" }), json!("required")),
        (json!({ "type": "none" }), json!("none")),
        (
            json!({ "type": "tool", "name": "f" }),
            json!({ "type": "function", "function": { "name": "f" } }),
        ),
    ] {
        let body = canonical(&with(
            json!({ "tools": [tool("f")], "tool_choice": choice }),
        ));
        assert_eq!(body["tools"], json!([function("f")]));
        assert_eq!(body["tool_choice"], sent);
        assert_eq!(body.get("parallel_tool_calls"), None);
    }
    let one = json!({ "type": "auto", "disable_parallel_tool_use": true });
    let body = canonical(&with(json!({ "tools": [tool("f")], "tool_choice": one })));
    assert_eq!(body["parallel_tool_calls"], false);
    // A choice among none is refused by some.
    let body = canonical(&with(
        json!({ "tools": [], "tool_choice": { "type": "auto" } }),
    ));
    assert_eq!((body.get("tools"), body.get("tool_choice")), (None, None));
}

#[test]
fn known_members_only() {
    let mut one = tool("f");
    one["type"] = json!("custom");
    one["strict"] = json!(true);
    one["defer_loading"] = json!(true);
    one["input_examples"] = json!([{}]);
    let mut sent = function("f");
    sent["function"]["strict"] = json!(true);
    assert_eq!(
        canonical(&with(json!({ "tools": [one] })))["tools"],
        json!([sent])
    );
}

#[test]
fn tools_of_a_type_are_functions_if_the_client_runs_them_and_left_out_otherwise() {
    let body = canonical(&with(json!({ "tools": [
        { "type": "bash_20250124", "name": "bash" },
        { "type": "text_editor_20250728", "name": "str_replace_based_edit_tool", "max_characters": 9 },
        { "type": "computer_20250124", "name": "computer", "display_width_px": 800, "display_height_px": 600 },
        { "type": "web_search_20250305", "name": "web_search", "max_uses": 5 },
        { "type": "code_execution_20250825", "name": "code_execution" },
        { "type": "mcp_toolset", "mcp_server_name": "s" },
        { "type": "of_tomorrow", "name": "own", "input_schema": { "type": "object" } },
    ] })));
    let names: Vec<_> = body["tools"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|tool| tool["function"]["name"].clone())
        .collect();
    assert_eq!(
        names,
        ["bash", "str_replace_based_edit_tool", "computer", "own"]
    );
    assert_eq!(
        body["tools"][0]["function"]["parameters"]["properties"]["command"]["type"],
        "string"
    );
    assert!(
        body["tools"][2]["function"]["description"]
            .as_str()
            .is_some_and(|text| text.contains("800 by 600"))
    );
    let body = canonical(&with(
        json!({ "tools": [{ "type": "web_search_20250305", "name": "web_search" }] }),
    ));
    assert_eq!(body.get("tools"), None);
}

#[test]
fn a_hosted_tool_that_must_be_called_is_refused() {
    for choice in [
        json!({ "type": "tool", "name": "web_search" }),
        json!({ "type": "any" }),
    ] {
        let body = with(
            json!({ "tools": [{ "type": "web_search_20250305", "name": "web_search" }], "tool_choice": choice }),
        );
        let said = refusal(&body);
        assert!(
            said.starts_with("tool_choice") && said.contains("`web_search`"),
            "{said}"
        );
    }
}

#[test]
fn long_names_go_out_changed_everywhere() {
    let long = format!("mcp__{}__do.it", "x".repeat(70));
    let body = with(json!({
        "tools": [tool(&long), tool("Bash")],
        "tool_choice": { "type": "tool", "name": long },
        "messages": [
            { "role": "user", "content": "q" },
            { "role": "assistant", "content": [{ "type": "tool_use", "id": "1", "name": long, "input": {} }] },
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "1", "content": "r" }] },
        ],
    }));
    let read = good(&body);
    let sent = canonical(&body);
    let name = sent["tools"][0]["function"]["name"]
        .as_str()
        .expect("a name");
    assert!(name.len() <= 64, "{name}");
    assert_eq!(sent["tools"][1]["function"]["name"], "Bash");
    assert_eq!(sent["tool_choice"]["function"]["name"], name);
    assert_eq!(
        sent["messages"][1]["tool_calls"][0]["function"]["name"],
        name
    );
    assert_eq!(read.manner.names.raise(name), long);
}
