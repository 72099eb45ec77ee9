//! Turns of before: items of the input, and answers that were kept.

use serde_json::{Value as Json, json};

use super::super::ask::Past;
use super::{Ending, chunk};
use super::{ask_with, encoder, messages, sealer_of, stream, tree, untree, whole};

fn call(id: &str, name: &str) -> Json {
    json!({ "type": "function_call", "id": format!("fc_{id}"), "call_id": id, "name": name, "arguments": "{\"a\":1}",
            "status": "completed" })
}

fn output(id: &str, text: &str) -> Json {
    json!({ "type": "function_call_output", "call_id": id, "output": text })
}

fn called(id: &str, name: &str) -> Json {
    json!({ "id": id, "type": "function", "function": { "name": name, "arguments": "{\"a\":1}" } })
}

fn answered(id: &str, text: &str) -> Json {
    json!({ "role": "tool", "tool_call_id": id, "content": text })
}

#[test]
fn calls_and_text_of_one_turn_are_one_message() {
    let seen = messages(json!([
        { "role": "user", "content": "Hi" },
        { "type": "reasoning", "id": "rs_1", "summary": [], "content": [{ "type": "reasoning_text", "text": "hm" }] },
        { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "Let me see." }] },
        call("c1", "f"),
        call("c2", "g"),
        output("c2", "two"),
        output("c1", "one"),
        call("c3", "f"),
        output("c3", "three"),
        { "type": "message", "role": "assistant", "content": "Done." },
        { "type": "message", "role": "assistant", "content": "Really." },
    ]));
    assert_eq!(
        seen,
        json!([
            { "role": "user", "content": "Hi" },
            { "role": "assistant", "content": "Let me see.", "reasoning_content": "hm",
              "tool_calls": [called("c1", "f"), called("c2", "g")] },
            answered("c1", "one"),
            answered("c2", "two"),
            { "role": "assistant", "content": null, "tool_calls": [called("c3", "f")] },
            answered("c3", "three"),
            { "role": "assistant", "content": "Done." },
            { "role": "assistant", "content": "Really." },
        ])
    );
}

#[test]
fn outputs_follow_their_calls_whatever_came_between() {
    let seen = messages(json!([
        call("c1", "f"),
        { "role": "user", "content": "Are you there?" },
        output("c1", "one"),
    ]));
    assert_eq!(
        seen,
        json!([
            { "role": "assistant", "content": null, "tool_calls": [called("c1", "f")] },
            answered("c1", "one"),
            { "role": "user", "content": "Are you there?" },
        ])
    );
}

#[test]
fn ids_that_come_again_belong_to_the_latest_call() {
    let seen = messages(json!([
        call("c", "f"),
        output("c", "one"),
        call("c", "g"),
        output("c", "two"),
    ]));
    assert_eq!(seen[1]["content"], "one");
    assert_eq!(seen[3]["content"], "two");
}

#[test]
fn images_of_outputs_go_into_a_message_behind_them() {
    let seen = messages(json!([
        call("c1", "shot"), call("c2", "shot"),
        { "type": "function_call_output", "call_id": "c1", "output": [
            { "type": "input_text", "text": "done" }, { "type": "input_image", "image_url": "data:image/png;base64,AA" } ] },
        { "type": "function_call_output", "call_id": "c2", "output": [
            { "type": "input_image", "image_url": "data:image/png;base64,BB" } ] },
    ]));
    assert_eq!(seen[1], answered("c1", "done"));
    assert_eq!(
        seen[2],
        answered("c2", "The output is in the next message.")
    );
    assert_eq!(
        seen[3],
        json!({ "role": "user", "content": [
            { "type": "image_url", "image_url": { "url": "data:image/png;base64,AA" } },
            { "type": "image_url", "image_url": { "url": "data:image/png;base64,BB" } },
        ] })
    );
}

#[test]
fn custom_calls_come_back_as_calls_of_their_functions() {
    let seen = messages(json!([
        { "type": "custom_tool_call", "id": "ctc_1", "call_id": "c1", "name": "apply_patch", "input": "*** \"x\"" },
        { "type": "custom_tool_call_output", "call_id": "c1", "output": "ok" },
        { "type": "function_call", "call_id": "c2", "namespace": "agents", "name": "spawn", "arguments": "{}" },
        output("c2", "ok"),
    ]));
    let function = &seen[0]["tool_calls"][0]["function"];
    assert_eq!(function["name"], "apply_patch");
    assert_eq!(function["arguments"], r#"{"input":"*** \"x\""}"#);
    assert_eq!(
        seen[2]["tool_calls"][0]["function"]["name"],
        "agents__spawn"
    );
}

#[test]
fn items_of_hosted_tools_are_left_out() {
    let seen = messages(json!([
        { "role": "user", "content": "Hi" },
        { "type": "web_search_call", "id": "ws_1", "status": "completed" },
        { "type": "local_shell_call", "id": "x", "call_id": "y", "action": {}, "status": "completed" },
        { "type": "local_shell_call_output", "id": "y", "output": "" },
        { "type": "compaction", "id": "z", "encrypted_content": "…" },
        { "type": "mcp_call", "id": "x", "name": "n", "arguments": "{}", "server_label": "s" },
    ]));
    assert_eq!(seen, json!([{ "role": "user", "content": "Hi" }]));
}

#[test]
fn reasoning_comes_back_only_where_it_is_ours() {
    let asked = json!({ "input": "Hi", "include": ["reasoning.encrypted_content"], "reasoning": { "summary": "auto" } });
    let response = whole(
        &asked,
        &json!({ "role": "assistant", "reasoning_content": "deep", "content": "x" }),
        "stop",
    );
    let item = response["output"][0].clone();
    assert_eq!(item["type"], "reasoning");
    let sealed = item["encrypted_content"].as_str().unwrap();
    assert!(!sealed.contains("deep"));
    let said = json!({ "type": "message", "role": "assistant", "content": "x" });
    let back = messages(json!([item, said, { "role": "user", "content": "And?" }]));
    assert_eq!(
        back[0],
        json!({ "role": "assistant", "content": "x", "reasoning_content": "deep" })
    );
    assert_eq!(
        sealer_of("client-b").read(&tree(&response["output"][0])),
        None
    );
    for foreign in [
        json!("gAAAAABopenai"),
        json!("freellmapi1:AAAA"),
        json!("freellmapi1:?"),
    ] {
        let mut item = response["output"][0].clone();
        item["encrypted_content"] = foreign;
        let back = messages(json!([item, said]));
        assert_eq!(back, json!([{ "role": "assistant", "content": "x" }]));
    }
    // Thoughts that led to nothing are no message.
    assert_eq!(
        messages(json!([response["output"][0], { "role": "user", "content": "And?" }])),
        json!([{ "role": "user", "content": "And?" }])
    );
}

#[test]
fn a_kept_answer_is_gone_on_from() {
    let tools = json!([{ "type": "function", "name": "f" }]);
    let first = whole(
        &json!({ "input": "Hi", "tools": tools }),
        &json!({ "role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": [called("c1", "f")] }),
        "tool_calls",
    );
    let mut past = Past::default();
    past.history
        .push(tree(&json!({ "role": "user", "content": "Hi" })));
    past.history
        .extend(first["output"].as_array().unwrap().iter().map(tree));
    let second = json!({ "input": [output("c1", "42")], "previous_response_id": "resp_A", "instructions": "New." });
    let asked = ask_with(&second, &past).unwrap();
    assert_eq!(asked.previous.as_deref(), Some("resp_A"));
    assert_eq!(
        untree(asked.request.body())["messages"],
        json!([
            { "role": "system", "content": "New." },
            { "role": "user", "content": "Hi" },
            { "role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": [called("c1", "f")] },
            answered("c1", "42"),
        ])
    );
}

#[test]
fn items_can_be_named_by_their_ids() {
    let mut past = Past::default();
    past.items.insert("fc_x".to_owned(), tree(&call("c1", "f")));
    let body = json!({ "input": [
        { "type": "item_reference", "id": "rs_gone" },
        { "id": "fc_x" },
        output("c1", "42"),
    ] });
    let asked = ask_with(&body, &past).unwrap();
    let seen = untree(asked.request.body());
    assert_eq!(
        seen["messages"][0]["tool_calls"],
        json!([called("c1", "f")])
    );
    let lost = json!({ "input": [{ "type": "item_reference", "id": "msg_gone" }] });
    let invalid = ask_with(&lost, &Past::default()).unwrap_err();
    assert_eq!(invalid.param.as_deref(), Some("input[0].id"));
}

#[test]
fn an_answer_is_an_input() {
    // All that the machine makes can be sent back.
    let body = json!({ "input": "Hi", "tools": [{ "type": "custom", "name": "c" }, { "type": "function", "name": "f" }] });
    let calls = json!({ "content": "x", "refusal": "no", "reasoning_content": "hm", "tool_calls": [
        { "index": 0, "id": "a", "function": { "name": "c", "arguments": "{\"input\":\"p\"}" } },
        { "index": 1, "id": "b", "function": { "name": "f", "arguments": "{}" } } ] });
    let events = stream(&body, &[chunk(&calls, &json!("tool_calls"))], Ending::Whole);
    let mut items = events.last().unwrap()["response"]["output"]
        .as_array()
        .unwrap()
        .clone();
    items.push(json!({ "type": "custom_tool_call_output", "call_id": "a", "output": "1" }));
    items.push(output("b", "2"));
    let seen = messages(json!(items));
    assert_eq!(seen[0]["content"], "xno");
    assert_eq!(
        seen[0]["tool_calls"][0]["function"]["arguments"],
        r#"{"input":"p"}"#
    );
    assert_eq!(seen.as_array().unwrap().len(), 3);
    drop(encoder(&body));
}
