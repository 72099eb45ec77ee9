//! What is refused, and which member is named.

use serde_json::{Value as Json, json};

use super::super::ask::Past;
use super::ask_with;

#[test]
fn what_is_refused_is_named() {
    let user = json!({ "role": "user", "content": "Hi" });
    let with = |more: Json| {
        let mut body = json!({ "input": "Hi" });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let input = |item: Json| json!({ "input": [user, item] });
    let part = |part: Json| input(json!({ "role": "user", "content": [part] }));
    let table = [
        (json!({}), "input", "'input' says nothing"),
        (json!({ "input": [] }), "input", "'input' says nothing"),
        (json!({ "input": 1 }), "input", "a string or a list"),
        (with(json!({ "model": 1 })), "model", "a string"),
        (
            with(json!({ "background": true })),
            "background",
            "not supported",
        ),
        (
            with(json!({ "conversation": "conv_1" })),
            "conversation",
            "previous_response_id",
        ),
        (
            with(json!({ "prompt": { "id": "p" } })),
            "prompt",
            "instructions",
        ),
        (
            with(json!({ "truncation": "middle" })),
            "truncation",
            "auto or disabled",
        ),
        (
            with(json!({ "metadata": { "a": 1 } })),
            "metadata",
            "strings",
        ),
        (
            with(json!({ "instructions": [] })),
            "instructions",
            "a string",
        ),
        (
            with(json!({ "previous_response_id": 1 })),
            "previous_response_id",
            "a string",
        ),
        (
            with(json!({ "max_output_tokens": 0 })),
            "max_output_tokens",
            "at least 1",
        ),
        (
            with(json!({ "temperature": "hot" })),
            "temperature",
            "a number",
        ),
        (
            with(json!({ "top_logprobs": 21 })),
            "top_logprobs",
            "0 to 20",
        ),
        (with(json!({ "stream": "yes" })), "stream", "true or false"),
        (with(json!({ "store": 1 })), "store", "true or false"),
        (
            with(json!({ "include": "x" })),
            "include",
            "list of strings",
        ),
        (
            with(json!({ "reasoning": "high" })),
            "reasoning",
            "an object",
        ),
        (
            with(json!({ "text": { "format": { "type": "xml" } } })),
            "text.format.type",
            "json_schema",
        ),
        (
            with(json!({ "text": { "format": { "type": "json_schema", "name": "n" } } })),
            "text.format.schema",
            "object",
        ),
        (
            with(json!({ "text": { "verbosity": "loud" } })),
            "text.verbosity",
            "low, medium",
        ),
        (with(json!({ "tools": {} })), "tools", "a list"),
        (
            with(json!({ "tools": [{ "type": "functoin", "name": "f" }] })),
            "tools[0].type",
            "functoin",
        ),
        (
            with(json!({ "tools": [{ "type": "function" }] })),
            "tools[0].name",
            "names the tool",
        ),
        (
            with(json!({ "tools": [{ "type": "function", "function": { "name": "f" } }] })),
            "tools[0].name",
            "names",
        ),
        (
            with(json!({ "tools": [{ "type": "function", "name": "f", "parameters": [] }] })),
            "tools[0].parameters",
            "Schema",
        ),
        (
            with(
                json!({ "tools": [{ "type": "namespace", "name": "n", "tools": [{ "type": "mcp" }] }] }),
            ),
            "tools[0].tools[0].type",
            "function or custom",
        ),
        (
            with(
                json!({ "tools": [{ "type": "web_search" }], "tool_choice": { "type": "web_search" } }),
            ),
            "tool_choice",
            "web_search",
        ),
        (
            with(json!({ "tools": [{ "type": "web_search" }], "tool_choice": "required" })),
            "tool_choice",
            "web_search",
        ),
        (
            with(json!({ "tool_choice": "required" })),
            "tool_choice",
            "names no tool",
        ),
        (with(json!({ "tool_choice": "any" })), "tool_choice", "any"),
        (
            with(json!({ "tool_choice": { "type": "function", "name": "f" } })),
            "tool_choice",
            "not among 'tools'",
        ),
        (input(json!("Hi")), "input[1]", "an object"),
        (
            input(json!({ "type": "mystery" })),
            "input[1].type",
            "mystery",
        ),
        (input(json!({ "content": "Hi" })), "input[1].type", "'type'"),
        (
            input(json!({ "role": "tool", "content": "Hi" })),
            "input[1].role",
            "user, assistant",
        ),
        (
            input(json!({ "type": "compaction_trigger" })),
            "input[1]",
            "compaction",
        ),
        (
            input(json!({ "type": "function_call", "call_id": "c", "name": "f" })),
            "input[1].arguments",
            "a string",
        ),
        (
            input(
                json!({ "type": "function_call", "call_id": "c", "name": "f", "arguments": "{}" }),
            ),
            "input[1]",
            "No tool output found",
        ),
        (
            input(json!({ "type": "function_call_output", "call_id": "c1", "output": "x" })),
            "input[1]",
            "No tool call found",
        ),
        (
            input(json!({ "type": "function_call_output", "call_id": "c1" })),
            "input[1].output",
            "a string",
        ),
        (
            part(json!({ "text": "Hi" })),
            "input[1].content[0].type",
            "input_text",
        ),
        (
            part(json!({ "type": "input_text" })),
            "input[1].content[0].text",
            "a string",
        ),
        (
            part(json!({ "type": "input_image", "file_id": "file_1" })),
            "input[1].content[0].image_url",
            "keeps no files",
        ),
        (
            part(json!({ "type": "input_image", "image_url": { "url": "x" } })),
            "input[1].content[0].image_url",
            "a string",
        ),
        (
            part(json!({ "type": "input_file", "file_url": "https://x" })),
            "input[1].content[0].file_data",
            "keeps no files",
        ),
        (
            part(json!({ "type": "image_url", "image_url": "x" })),
            "input[1].content[0].type",
            "image_url",
        ),
    ];
    for (body, param, said) in table {
        let invalid = ask_with(&body, &Past::default()).expect_err(&body.to_string());
        assert_eq!(invalid.param.as_deref(), Some(param), "{body}: {invalid:?}");
        assert!(invalid.message.contains(said), "{body}: {invalid:?}");
    }
}
