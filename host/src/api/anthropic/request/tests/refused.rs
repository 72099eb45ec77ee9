//! Bad requests: the member at fault is named.

use super::*;

#[test]
fn the_member_at_fault_is_named() {
    let user = |content: Value| json!({ "messages": [{ "role": "user", "content": content }] });
    let called = json!([{ "type": "tool_use", "id": "1", "name": "f", "input": {} }]);
    let assistant = |content: Value| json!({ "messages": [{ "role": "user", "content": "q" }, { "role": "assistant", "content": content }] });
    let image = |source: Value| user(json!([{ "type": "image", "source": source }]));
    for (more, path) in [
        (json!({ "model": null }), "model: "),
        (json!({ "model": "" }), "model: "),
        (json!({ "model": 1 }), "model: "),
        (json!({ "max_tokens": null }), "max_tokens: "),
        (json!({ "max_tokens": 0 }), "max_tokens: "),
        (json!({ "max_tokens": -1 }), "max_tokens: "),
        (json!({ "max_tokens": "9" }), "max_tokens: "),
        (json!({ "max_tokens": 1.5 }), "max_tokens: "),
        (json!({ "temperature": 1.1 }), "temperature: "),
        (json!({ "temperature": "hot" }), "temperature: "),
        (json!({ "top_p": -0.1 }), "top_p: "),
        (json!({ "top_k": 0.5 }), "top_k: "),
        (json!({ "stream": "yes" }), "stream: "),
        (json!({ "stop_sequences": "END" }), "stop_sequences: "),
        (json!({ "stop_sequences": [" \n"] }), "stop_sequences.0: "),
        (json!({ "stop_sequences": ["a", 1] }), "stop_sequences.1: "),
        (
            json!({ "stop_sequences": vec!["x"; 65] }),
            "stop_sequences: ",
        ),
        (json!({ "metadata": [] }), "metadata: "),
        (
            json!({ "metadata": { "user_id": 1 } }),
            "metadata.user_id: ",
        ),
        (json!({ "thinking": true }), "thinking: "),
        (
            json!({ "thinking": { "type": "sometimes" } }),
            "thinking.type: ",
        ),
        (
            json!({ "thinking": { "type": "enabled", "budget_tokens": -5 } }),
            "thinking.budget_tokens: ",
        ),
        (
            json!({ "output_config": { "effort": 1 } }),
            "output_config.effort: ",
        ),
        (
            json!({ "output_config": { "format": { "type": "xml" } } }),
            "output_config.format.type: ",
        ),
        (
            json!({ "output_config": { "format": { "type": "json_schema" } } }),
            "output_config.format.schema: ",
        ),
        (
            json!({ "output_format": { "type": "json_schema", "schema": 1 } }),
            "output_format.schema: ",
        ),
        (json!({ "system": 1 }), "system: "),
        (
            json!({ "system": [{ "type": "image" }] }),
            "system.0.type: ",
        ),
        (json!({ "system": [{ "type": "text" }] }), "system.0.text: "),
        (json!({ "tools": {} }), "tools: "),
        (json!({ "tools": [1] }), "tools.0: "),
        (
            json!({ "tools": [{ "input_schema": {} }] }),
            "tools.0.name: ",
        ),
        (
            json!({ "tools": [{ "name": "f" }] }),
            "tools.0.input_schema: ",
        ),
        (
            json!({ "tools": [{ "name": "f", "input_schema": [] }] }),
            "tools.0.input_schema: ",
        ),
        (json!({ "tool_choice": "auto" }), "tool_choice: "),
        (
            json!({ "tool_choice": { "type": "most" } }),
            "tool_choice.type: ",
        ),
        (
            json!({ "tool_choice": { "type": "tool", "name": "f" } }),
            "tool_choice.name: ",
        ),
        (
            json!({ "tool_choice": { "type": "auto", "disable_parallel_tool_use": 1 } }),
            "tool_choice.disable_parallel_tool_use: ",
        ),
        (json!({ "messages": null }), "messages: "),
        (json!({ "messages": {} }), "messages: "),
        (json!({ "messages": [] }), "messages: "),
        (json!({ "messages": ["hi"] }), "messages.0: "),
        (
            json!({ "messages": [{ "content": "hi" }] }),
            "messages.0.role: ",
        ),
        (
            json!({ "messages": [{ "role": "tool", "content": "hi" }] }),
            "messages.0.role: ",
        ),
        (
            json!({ "messages": [{ "role": "user" }] }),
            "messages.0.content: ",
        ),
        (user(json!(1)), "messages.0.content: "),
        (user(json!("")), "messages: "),
        (user(json!(["hi"])), "messages.0.content.0: "),
        (
            user(json!([{ "text": "hi" }])),
            "messages.0.content.0.type: ",
        ),
        (
            user(json!([{ "type": "text", "text": 1 }])),
            "messages.0.content.0.text: ",
        ),
        (
            user(json!([{ "type": "video" }])),
            "messages.0.content.0.type: ",
        ),
        (user(called.clone()), "messages.0.content.0.type: "),
        (
            user(json!([{ "type": "tool_result", "content": "x" }])),
            "messages.0.content.0.tool_use_id: ",
        ),
        (
            user(json!([{ "type": "tool_result", "tool_use_id": "1", "content": 1 }])),
            "messages.0.content.0.content: ",
        ),
        (
            user(json!([{ "type": "tool_result", "tool_use_id": "1", "is_error": "no" }])),
            "messages.0.content.0.is_error: ",
        ),
        (
            user(
                json!([{ "type": "tool_result", "tool_use_id": "1", "content": [{ "type": "video" }] }]),
            ),
            "messages.0.content.0.content.0.type: ",
        ),
        (
            user(json!([{ "type": "image" }])),
            "messages.0.content.0.source: ",
        ),
        (
            image(json!({ "type": "file", "file_id": "x" })),
            "messages.0.content.0.source.type: ",
        ),
        (
            image(json!({ "type": "url", "url": "file:///etc/passwd" })),
            "messages.0.content.0.source.url: ",
        ),
        (
            image(json!({ "type": "base64", "media_type": "image/svg+xml", "data": "AAAA" })),
            "messages.0.content.0.source.media_type: ",
        ),
        (
            image(json!({ "type": "base64", "media_type": "image/png", "data": "" })),
            "messages.0.content.0.source.data: ",
        ),
        (
            image(json!({ "type": "base64", "media_type": "image/png", "data": "a b" })),
            "messages.0.content.0.source.data: ",
        ),
        (
            user(
                json!([{ "type": "document", "source": { "type": "url", "url": "https://a.example/b.pdf" } }]),
            ),
            "messages.0.content.0.source.type: ",
        ),
        (
            assistant(json!([{ "type": "tool_use", "name": "f", "input": {} }])),
            "messages.1.content.0.id: ",
        ),
        (
            assistant(json!([{ "type": "tool_use", "id": "1", "input": {} }])),
            "messages.1.content.0.name: ",
        ),
        (
            assistant(json!([{ "type": "tool_use", "id": "1", "name": "f", "input": "{}" }])),
            "messages.1.content.0.input: ",
        ),
        (
            assistant(json!([{ "type": "tool_result", "tool_use_id": "1" }])),
            "messages.1.content.0.type: ",
        ),
    ] {
        let said = refusal(&with(more.clone()));
        assert!(said.starts_with(path), "{more}: {said}");
    }
}

#[test]
fn what_is_no_json_is_refused_as_such() {
    for body in [
        "",
        "{",
        "[]",
        "null",
        r#"{"model":"m","model":"n"}"#,
        "{\"model\":\"\u{1}\"}",
    ] {
        let error = read(body.as_bytes(), Purpose::Answer, str::to_owned).expect_err(body);
        assert!(error.message.starts_with("The body"), "{error}");
    }
    let deep = "[".repeat(100_000);
    assert!(read(deep.as_bytes(), Purpose::Answer, str::to_owned).is_err());
    assert!(read(b"{\"model\":\"\xff\"}", Purpose::Answer, str::to_owned).is_err());
}
