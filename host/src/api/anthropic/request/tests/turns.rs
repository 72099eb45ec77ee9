//! Conversations.

use super::*;

const PNG: &str = "iVBORw0KGgo=";

fn user(content: Value) -> Value {
    json!({ "role": "user", "content": content })
}

fn assistant(content: Value) -> Value {
    json!({ "role": "assistant", "content": content })
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

fn image() -> Value {
    json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": PNG } })
}

fn sent_image() -> Value {
    json!({ "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{PNG}") } })
}

fn call(id: &str) -> Value {
    json!({ "type": "tool_use", "id": id, "name": "f", "input": { "a": 1.0 } })
}

fn sent_call(id: &str) -> Value {
    json!({ "id": id, "type": "function", "function": { "name": "f", "arguments": "{\"a\":1.0}" } })
}

fn result(id: &str, content: Value) -> Value {
    json!({ "type": "tool_result", "tool_use_id": id, "content": content })
}

fn sent_result(id: &str, content: &str) -> Value {
    json!({ "role": "tool", "tool_call_id": id, "content": content })
}

fn called(ids: &[&str]) -> Value {
    let calls: Vec<_> = ids.iter().map(|id| sent_call(id)).collect();
    json!({ "role": "assistant", "content": null, "tool_calls": calls })
}

#[test]
fn texts_and_images() {
    for (content, becomes) in [
        (json!("hi"), json!("hi")),
        (json!([text("a"), text(""), text("b")]), json!("a\n\nb")),
        (
            json!([text("a"), image()]),
            json!([text("a"), sent_image()]),
        ),
        (
            json!([{ "type": "image", "source": { "type": "url", "url": "https://a.example/b.png" } }]),
            json!([{ "type": "image_url", "image_url": { "url": "https://a.example/b.png" } }]),
        ),
        (
            json!([{ "type": "document", "title": "T", "context": "C", "source": { "type": "text", "media_type": "text/plain", "data": "D \"1\"" } }]),
            json!("<document title=\"T\">\nC\nD \"1\"\n</document>"),
        ),
        (
            json!([{ "type": "document", "source": { "type": "content", "content": [text("a"), image(), text("b")] } }]),
            json!([sent_image(), text("<document>\na\n\nb\n</document>")]),
        ),
        (
            json!([{ "type": "search_result", "source": "s", "title": "t", "content": [text("a")] }]),
            json!("<search_result source=\"s\" title=\"t\">\na\n</search_result>"),
        ),
        (
            json!([{ "type": "text", "text": "a", "cache_control": { "type": "ephemeral", "scope": "global" }, "invented": 1 }]),
            json!("a"),
        ),
    ] {
        assert_eq!(
            messages(json!([user(content.clone())])),
            json!([user(becomes)]),
            "{content}"
        );
    }
}

#[test]
fn system_is_one_text_before_all() {
    let system =
        |system: Value| canonical(&with(json!({ "system": system })))["messages"][0].take();
    let is = |content: &str| json!({ "role": "system", "content": content });
    assert_eq!(system(json!("a")), is("a"));
    assert_eq!(
        system(json!([text("a"), text(""), text("b")])),
        is("a\n\nb")
    );
    let billing = text("x-anthropic-billing-header: cc_version=1; cch=2;");
    assert_eq!(system(json!([billing, text("b")])), is("b"));
    for empty in [json!(""), json!([]), json!(null)] {
        assert_eq!(system(empty), json!({ "role": "user", "content": "hi" }));
    }
}

#[test]
fn the_role_system_goes_to_the_front_or_stays_in_its_place_as_a_reminder() {
    let told = |content: Value| json!({ "role": "system", "content": content });
    let reminder = "<system-reminder>\nb\n</system-reminder>";
    assert_eq!(
        messages(json!([told(json!("a")), user(json!("hi"))])),
        json!([told(json!("a")), user(json!("hi"))])
    );
    assert_eq!(
        messages(json!([user(json!("hi")), told(json!([text("b")]))])),
        json!([user(json!(format!("hi\n\n{reminder}")))])
    );
    // Not between a call and its result.
    assert_eq!(
        messages(json!([
            user(json!("hi")),
            assistant(json!([call("1")])),
            told(json!("b")),
            user(json!([result("1", json!("r"))])),
        ])),
        json!([
            user(json!("hi")),
            called(&["1"]),
            sent_result("1", "r"),
            user(json!(reminder))
        ])
    );
}

#[test]
fn calls_and_results() {
    let turns = json!([
        user(json!("q")),
        assistant(json!([text("Let me see."), call("1"), call("2")])),
        user(json!([
            result("2", json!([text("b"), text("c")])),
            text("and now?"),
            { "type": "tool_result", "tool_use_id": "1", "is_error": true, "content": "no" },
        ])),
    ]);
    let mut first = called(&["1", "2"]);
    first["content"] = json!("Let me see.");
    assert_eq!(
        messages(turns),
        json!([
            user(json!("q")),
            first,
            sent_result("2", "b\n\nc"),
            sent_result("1", "[tool error] no"),
            user(json!("and now?")),
        ])
    );
}

#[test]
fn images_of_results_come_once_after_all_results() {
    let turns = json!([
        user(json!("shot")),
        assistant(json!([call("1"), call("2")])),
        user(json!([
            result("1", json!([text("done"), image()])),
            result("2", json!([image()]))
        ])),
    ]);
    let all = messages(turns);
    assert_eq!(all[2], sent_result("1", "done"));
    assert_eq!(
        all[3],
        sent_result("2", "[an image; see the user's next message]")
    );
    assert_eq!(all[4]["role"], "user");
    assert_eq!(all[4]["content"][1], sent_image());
    assert_eq!(all[4]["content"][3], sent_image());
    assert_eq!(all.to_string().matches(PNG).count(), 2);
    assert_eq!(all.as_array().map(Vec::len), Some(5));
}

#[test]
fn results_without_their_call_are_plain_text() {
    let turns = json!([
        user(json!("summary")),
        user(json!([result("9", json!("x"))])),
        user(json!("go on")),
    ]);
    let all = messages(turns);
    assert_eq!(all.as_array().map(Vec::len), Some(1));
    let said = all[0]["content"].as_str().expect("text");
    assert!(
        said.starts_with("summary\n\n[result of the tool call 9"),
        "{said}"
    );
    assert!(said.ends_with("\nx\n\ngo on"), "{said}");
}

#[test]
fn calls_without_their_result_get_one_and_lose_their_thought() {
    let turns = json!([
        user(json!("q")),
        assistant(
            json!([{ "type": "thinking", "thinking": "hm", "signature": "s" }, call("1"), call("2")])
        ),
        user(json!([result("1", json!("r")), text("stop, do else")])),
    ]);
    let all = messages(turns);
    assert_eq!(all[1], called(&["1", "2"]));
    assert_eq!(all[2], sent_result("1", "r"));
    assert_eq!(all[3]["tool_call_id"], "2");
    assert!(
        all[3]["content"]
            .as_str()
            .is_some_and(|text| text.contains("no result"))
    );
    assert_eq!(all[4], user(json!("stop, do else")));
    // Also at the very end.
    let all = messages(json!([user(json!("q")), assistant(json!([call("1")]))]));
    assert_eq!(all[2]["role"], "tool");
}

#[test]
fn an_id_that_is_used_twice_is_made_another() {
    let turn = |n: &str| {
        [
            assistant(json!([call("c")])),
            user(json!([result("c", json!(n))])),
        ]
    };
    let mut turns = vec![user(json!("q"))];
    turns.extend(turn("one"));
    turns.extend(turn("two"));
    assert_eq!(
        messages(json!(turns)),
        json!([
            user(json!("q")),
            called(&["c"]),
            sent_result("c", "one"),
            called(&["c_2"]),
            sent_result("c_2", "two"),
        ])
    );
}

#[test]
fn roles_alternate_and_empty_messages_vanish() {
    let turns = json!([
        user(json!("a")),
        assistant(json!("")),
        assistant(json!([{ "type": "redacted_thinking", "data": "x" }])),
        user(json!([text("b")])),
        assistant(json!("c")),
        assistant(json!([text("d"), text("e")])),
        user(json!([])),
    ]);
    assert_eq!(
        messages(turns),
        json!([user(json!("a\n\nb")), { "role": "assistant", "content": "c\n\nde" }])
    );
}

#[test]
fn a_prefill_stays_the_last_message() {
    let turns = json!([user(json!("a")), assistant(json!("{\"x\":"))]);
    assert_eq!(messages(turns.clone()), turns);
}

#[test]
fn thoughts_come_back_and_what_nobody_can_read_does_not() {
    let turns = json!([
        user(json!("a")),
        assistant(json!([
            { "type": "thinking", "thinking": "one", "signature": "s" },
            { "type": "redacted_thinking", "data": "x" },
            { "type": "thinking", "thinking": "two", "signature": "s" },
            text("b"),
            { "type": "server_tool_use", "id": "srv", "name": "web_search", "input": {} },
            { "type": "web_search_tool_result", "tool_use_id": "srv", "content": [] },
            text("c"),
        ])),
        user(json!("d")),
    ]);
    assert_eq!(
        messages(turns)[1],
        json!({ "role": "assistant", "content": "bc", "reasoning_content": "one\n\ntwo" })
    );
}

#[test]
fn an_empty_text_beside_a_call_is_no_text() {
    let turns = json!([
        user(json!("x")),
        assistant(json!([text(""), call("1")])),
        user(json!([result("1", json!([text("")]))])),
    ]);
    assert_eq!(
        messages(turns),
        json!([user(json!("x")), called(&["1"]), sent_result("1", "")])
    );
}
