use serde_json::json;

use super::*;
use crate::openai::Dialect;
use crate::testing::call;
use crate::{Content, Origin};

/// The edits that this dialect plans for a chat, carried out; `stream_options` is taken away by every plan.
fn after(dialect: Dialect, mut body: Json) -> Json {
    let request = dialect.plan(&call("chat", "m")).expect("a chat");
    assert!(matches!(request.origin, Origin::Host(_)));
    let Content::Edits(edits) = request.content else {
        panic!("a chat is edited");
    };
    carry_out(&edits, &mut body);
    body
}

fn dialect() -> Dialect {
    Dialect::at("x.test", "/v1")
}

#[test]
fn every_quirk_does_what_the_contract_says() {
    let d = dialect;
    for (dialect, was, becomes) in [
        (d().drop(&["a"]), json!({"a": 1, "b": 2}), json!({"b": 2})),
        (
            d().remove("/l/*/x"),
            json!({"l": [{"x": 1}, {"y": 2}]}),
            json!({"l": [{}, {"y": 2}]}),
        ),
        (
            d().remove("/l/*"),
            json!({"l": [1, 2, 3]}),
            json!({"l": []}),
        ),
        (
            d().remove_deep("/t", &["x"]),
            json!({"x": 1, "t": [{"a": {"x": 1}}]}),
            json!({"x": 1, "t": [{"a": {}}]}),
        ),
        (
            d().retain("/m/*", &["k"]),
            json!({"m": [{"k": 1, "z": 2}]}),
            json!({"m": [{"k": 1}]}),
        ),
        (d().set("/a", 2), json!({"a": 1}), json!({"a": 2})),
        (d().set("/l/-", 2), json!({"l": [1]}), json!({"l": [1, 2]})),
        (d().set("/no/a", 2), json!({}), json!({})),
        (d().fill("/a", 2), json!({"a": 1}), json!({"a": 1})),
        (d().fill("/a", 2), json!({}), json!({"a": 2})),
        (
            d().replace("/m/*/r", "d", Some("s")),
            json!({"m": [{"r": "d"}, {"r": "u"}]}),
            json!({"m": [{"r": "s"}, {"r": "u"}]}),
        ),
        (
            d().replace("/a", 1, None::<()>),
            json!({"a": 1, "b": 1}),
            json!({"b": 1}),
        ),
        (
            d().rename("/a", "b"),
            json!({"a": 1, "b": 2}),
            json!({"b": 1}),
        ),
        (d().rename("/a", "b"), json!({"b": 2}), json!({"b": 2})),
        (
            d().join_text("/c"),
            json!({"c": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}),
            json!({"c": "a\nb"}),
        ),
        (d().join_text("/c"), json!({"c": null}), json!({"c": ""})),
        (d().join_text("/c"), json!({}), json!({"c": ""})),
        (
            d().join_text("/c"),
            json!({"c": [{"type": "image_url"}]}),
            json!({"c": [{"type": "image_url"}]}),
        ),
        (
            d().clamp("/n", Some(1.0), Some(4.0)),
            json!({"n": 9}),
            json!({"n": 4}),
        ),
        (
            d().clamp("/n", None, Some(1.5)),
            json!({"n": 2}),
            json!({"n": 1.5}),
        ),
        (
            d().clamp("/n", Some(1.0), None),
            json!({"n": "9"}),
            json!({"n": "9"}),
        ),
        (
            d().cut_list("/s", 1),
            json!({"s": [1, 2]}),
            json!({"s": [1]}),
        ),
        (d().as_list("/s"), json!({"s": "x"}), json!({"s": ["x"]})),
        (
            d().remove("/a~1b/c~0d"),
            json!({"a/b": {"c~d": 1}}),
            json!({"a/b": {}}),
        ),
    ] {
        assert_eq!(after(dialect, was.clone()), becomes, "{was}");
    }
}

#[test]
fn call_ids_are_mapped_alike_in_calls_and_results() {
    let good = "aB3456789";
    let body = after(
        dialect().map_call_ids(9),
        json!({"messages": [
            {"tool_calls": [{"id": "toolu_01-xyz"}, {"id": "toolu_01-xyy"}, {"id": good}]},
            {"tool_call_id": "toolu_01-xyz"},
        ]}),
    );
    let id = |at: &str| body.pointer(at).and_then(Json::as_str).unwrap().to_owned();
    let first = id("/messages/0/tool_calls/0/id");
    assert_eq!(first, id("/messages/1/tool_call_id"));
    assert_ne!(first, id("/messages/0/tool_calls/1/id"));
    assert_eq!(id("/messages/0/tool_calls/2/id"), good);
    assert!(first.len() == 9 && first.bytes().all(|byte| byte.is_ascii_alphanumeric()));
}
