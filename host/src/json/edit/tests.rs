//! Every edit by table, and what edits must never do.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{Options, Pointer, Text, Value, parse};
use super::{Edit, EditError, apply};

fn json(text: &str) -> Value<'static> {
    parse(text.as_bytes(), &Options::STRICT)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .into_owned()
}

fn at(pointer: &str) -> Pointer {
    Pointer::parse(pointer).unwrap_or_else(|error| panic!("{pointer}: {error}"))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn set(pointer: &str, value: &str) -> Edit {
    Edit::Set {
        at: at(pointer),
        value: json(value),
    }
}

fn fill(pointer: &str, value: &str) -> Edit {
    Edit::Fill {
        at: at(pointer),
        value: json(value),
    }
}

fn replace(pointer: &str, was: &str, becomes: Option<&str>) -> Edit {
    Edit::Replace {
        at: at(pointer),
        was: json(was),
        becomes: becomes.map(json),
    }
}

fn edited(body: &str, edits: &[Edit]) -> String {
    let mut value = parse(body.as_bytes(), &Options::STRICT).expect(body);
    apply(&mut value, edits).expect(body);
    String::from_utf8(value.to_vec()).expect("UTF-8")
}

#[track_caller]
fn check(cases: &[(&str, Edit, &str)]) {
    for (body, edit, expected) in cases {
        assert_eq!(
            edited(body, std::slice::from_ref(edit)),
            *expected,
            "{edit:?}"
        );
    }
}

#[test]
fn set_puts_a_value() {
    check(&[
        (r#"{"a":1,"b":2}"#, set("/a", "[]"), r#"{"a":[],"b":2}"#),
        (r#"{"a":1}"#, set("/b", "true"), r#"{"a":1,"b":true}"#),
        (r#"{"a":1}"#, set("/b/c", "true"), r#"{"a":1}"#),
        (r#"{"a":[1,2]}"#, set("/a/-", "3"), r#"{"a":[1,2,3]}"#),
        (r#"{"a":[1,2]}"#, set("/a/1", "3"), r#"{"a":[1,3]}"#),
        (r#"{"a":[1,2]}"#, set("/a/2", "3"), r#"{"a":[1,2]}"#),
        (r#"{"a":[1,2]}"#, set("/a/*", "0"), r#"{"a":[0,0]}"#),
        (
            r#"[{"r":1},{},3]"#,
            set("/*/r", "2"),
            r#"[{"r":2},{"r":2},3]"#,
        ),
        (r#"{"a":{"-":1}}"#, set("/a/-", "2"), r#"{"a":{"-":2}}"#),
        (
            r#"{"x/y":{"~":1}}"#,
            set("/x~1y/~0", "2"),
            r#"{"x/y":{"~":2}}"#,
        ),
        (r#"{"a":1}"#, set("", "null"), "null"),
    ]);
}

#[test]
fn fill_leaves_what_is_there() {
    check(&[
        (r#"{"a":1}"#, fill("/a", "2"), r#"{"a":1}"#),
        (r#"{"a":null}"#, fill("/a", "2"), r#"{"a":null}"#),
        ("{}", fill("/a", "2"), r#"{"a":2}"#),
        ("[1]", fill("/-", "2"), "[1,2]"),
        ("[1]", fill("/*", "2"), "[1]"),
        ("{}", fill("", "2"), "{}"),
        (r#"[{"p":1},{}]"#, fill("/*/p", "0"), r#"[{"p":1},{"p":0}]"#),
    ]);
}

#[test]
fn replace_exchanges_equal_values() {
    check(&[
        (
            r#"{"m":[{"role":"developer"},{"role":"user"}]}"#,
            replace("/m/*/role", r#""developer""#, Some(r#""system""#)),
            r#"{"m":[{"role":"system"},{"role":"user"}]}"#,
        ),
        (
            r#"{"n":1.0,"o":{"b":1,"a":2}}"#,
            replace("/o", r#"{"a":2,"b":1}"#, None),
            r#"{"n":1.0}"#,
        ),
        (r#"{"n":1.0}"#, replace("/n", "1", None), "{}"),
        (r#"[1,2,1]"#, replace("/*", "1", None), "[2]"),
        (
            r#"{"a":"\u0061"}"#,
            replace("/a", r#""a""#, Some("0")),
            r#"{"a":0}"#,
        ),
        (
            r#"{"a":"b"}"#,
            replace("/a", r#""a""#, Some("0")),
            r#"{"a":"b"}"#,
        ),
    ]);
}

#[test]
fn remove_and_rename() {
    let rename = |pointer, name: &str| Edit::Rename {
        at: at(pointer),
        name: name.into(),
    };
    check(&[
        (
            r#"{"a":1,"b":2,"c":3}"#,
            Edit::Remove(at("/b")),
            r#"{"a":1,"c":3}"#,
        ),
        ("[1,2,3]", Edit::Remove(at("/1")), "[1,3]"),
        ("[1,2,3]", Edit::Remove(at("/3")), "[1,2,3]"),
        (
            r#"[{"a":1},{"a":2,"b":3}]"#,
            Edit::Remove(at("/*/a")),
            r#"[{},{"b":3}]"#,
        ),
        (
            r#"{"a":{"x":1,"y":2}}"#,
            Edit::Remove(at("/a/*")),
            r#"{"a":{}}"#,
        ),
        (r#"{"a":1}"#, Edit::Remove(at("")), r#"{"a":1}"#),
        (r#"{"a":1,"b":2}"#, rename("/a", "c"), r#"{"c":1,"b":2}"#),
        (r#"{"a":1,"b":2}"#, rename("/b", "a"), r#"{"a":2}"#),
        (r#"{"a":1}"#, rename("/x", "a"), r#"{"a":1}"#),
        (r#"{"a":1,"b":2}"#, rename("/*", "c"), r#"{"c":2}"#),
    ]);
}

#[test]
fn retain_and_remove_deep() {
    let retain = |pointer, keep: &[&str]| Edit::Retain {
        at: at(pointer),
        names: names(keep),
    };
    let deep = |pointer, go: &[&str]| Edit::RemoveDeep {
        at: at(pointer),
        names: names(go),
    };
    check(&[
        (
            r#"{"a":1,"b":2,"c":3}"#,
            retain("", &["c", "a", "x"]),
            r#"{"a":1,"c":3}"#,
        ),
        (
            r#"{"m":[{"a":1,"b":2}]}"#,
            retain("/m/*", &["b"]),
            r#"{"m":[{"b":2}]}"#,
        ),
        ("[1,2]", retain("", &["b"]), "[1,2]"),
        (
            r#"{"x":{"s":1,"k":[{"s":2,"l":{"s":3}}]},"s":4}"#,
            deep("/x", &["s"]),
            r#"{"x":{"k":[{"l":{}}]},"s":4}"#,
        ),
        (r#"{"s":{"s":1}}"#, deep("", &["s", "t"]), "{}"),
        (
            r#"{"a":"{\"s\":1}"}"#,
            deep("", &["s"]),
            r#"{"a":"{\"s\":1}"}"#,
        ),
    ]);
}

#[test]
fn join_text_makes_one_string() {
    let join = |pointer| Edit::JoinText(at(pointer));
    check(&[
        (
            r#"{"c":[{"type":"text","text":"a\u00e9"},{"type":"text","text":"b"}]}"#,
            join("/c"),
            r#"{"c":"a\u00e9\nb"}"#,
        ),
        (r#"{"c":[]}"#, join("/c"), r#"{"c":""}"#),
        (r#"{"c":null}"#, join("/c"), r#"{"c":""}"#),
        (r#"[{},{"c":"x"}]"#, join("/*/c"), r#"[{"c":""},{"c":"x"}]"#),
        (
            r#"{"c":[{"type":"text","text":"a"},{"type":"image_url","image_url":{}}]}"#,
            join("/c"),
            r#"{"c":[{"type":"text","text":"a"},{"type":"image_url","image_url":{}}]}"#,
        ),
        (
            r#"{"c":[{"type":"text"}]}"#,
            join("/c"),
            r#"{"c":[{"type":"text"}]}"#,
        ),
        (r#"{"c":7}"#, join("/c"), r#"{"c":7}"#),
    ]);
}

#[test]
fn clamp_cut_and_list() {
    let clamp = |pointer, low, high| Edit::Clamp {
        at: at(pointer),
        low,
        high,
    };
    let cut = |pointer, most| Edit::CutList {
        at: at(pointer),
        most,
    };
    check(&[
        (
            r#"{"t":2.50}"#,
            clamp("/t", None, Some(1.5)),
            r#"{"t":1.5}"#,
        ),
        (r#"{"t":0}"#, clamp("/t", Some(0.01), None), r#"{"t":0.01}"#),
        (
            r#"{"n":8}"#,
            clamp("/n", Some(1.0), Some(1.0)),
            r#"{"n":1}"#,
        ),
        (
            r#"{"t":1.00}"#,
            clamp("/t", Some(0.0), Some(2.0)),
            r#"{"t":1.00}"#,
        ),
        (
            r#"{"t":"9"}"#,
            clamp("/t", Some(0.0), Some(2.0)),
            r#"{"t":"9"}"#,
        ),
        (
            r#"{"t":9}"#,
            clamp("/t", Some(f64::NAN), Some(f64::INFINITY)),
            r#"{"t":9}"#,
        ),
        (r#"{"s":[1,2,3]}"#, cut("/s", 2), r#"{"s":[1,2]}"#),
        (r#"{"s":[1]}"#, cut("/s", 2), r#"{"s":[1]}"#),
        (r#"{"s":"abc"}"#, cut("/s", 2), r#"{"s":"abc"}"#),
        (r#"{"s":"abc"}"#, Edit::AsList(at("/s")), r#"{"s":["abc"]}"#),
        (
            r#"{"s":["abc"]}"#,
            Edit::AsList(at("/s")),
            r#"{"s":["abc"]}"#,
        ),
        ("{}", Edit::AsList(at("/s")), "{}"),
    ]);
}

#[test]
fn map_ids_keeps_calls_and_results_together() {
    let body = r#"{"m":[{"calls":[{"id":"call_1"},{"id":"abcDEF123"}]},{"ref":"call_1","text":"call_1"},{"ref":"gone"}]}"#;
    let edit = Edit::MapIds {
        at: vec![at("/m/*/calls/*/id"), at("/m/*/ref")],
        length: 9,
    };
    let value = json(&edited(body, std::slice::from_ref(&edit)));
    let text = |pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .expect("a string")
            .into_owned()
    };
    let id = text("/m/0/calls/0/id");
    assert!(
        id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{id}"
    );
    assert_eq!(text("/m/1/ref"), id);
    assert_ne!(text("/m/2/ref"), id);
    assert_eq!(text("/m/0/calls/1/id"), "abcDEF123");
    assert_eq!(text("/m/1/text"), "call_1");
    // The same id comes out the same in the next, longer request.
    let longer = edited(r#"{"m":[{"ref":"other"},{"ref":"call_1"}]}"#, &[edit]);
    assert_eq!(
        json(&longer).pointer("/m/1/ref"),
        Some(&Value::from(id.as_str()))
    );
}

#[test]
fn map_ids_moves_on_where_a_hash_is_taken() {
    // One letter: 62 ids fit and collide all the time; one more cannot.
    let ids = |count: usize| {
        format!(
            "[{}]",
            (0..count)
                .map(|n| format!("\"id-{n}\""))
                .collect::<Vec<_>>()
                .join(",")
        )
    };
    let edit = Edit::MapIds {
        at: vec![at("/*")],
        length: 1,
    };
    let mut value = json(&ids(40));
    apply(&mut value, std::slice::from_ref(&edit)).expect("room for forty");
    let distinct: std::collections::BTreeSet<_> = value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(distinct.len(), 40);
    assert_eq!(
        apply(&mut json(&ids(63)), &[edit]),
        Err(EditError::BadLength(1))
    );
    for length in [0, 257] {
        assert_eq!(
            apply(&mut json("[]"), &[Edit::MapIds { at: vec![], length }]),
            Err(EditError::BadLength(length))
        );
    }
}

#[test]
fn unknown_edits_are_refused() {
    let edit = Edit::Named {
        name: "sort".into(),
        value: Value::Null,
    };
    assert_eq!(
        apply(&mut json("{}"), &[edit]),
        Err(EditError::Unknown("sort".into()))
    );
}

#[test]
fn hostile_edits_are_stopped() {
    let nest = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let deep = format!("{}/0", "/0".repeat(127));
    let mut value = json(&nest(128));
    // Depth: values at the ends of ever longer pointers.
    assert_eq!(apply(&mut value, &[set(&deep, &nest(128))]), Ok(()));
    let error = (0..200).try_for_each(|_| apply(&mut value, &[Edit::AsList(at(""))]));
    assert_eq!(error, Ok(()));
    assert!(value.depth() <= 256, "{}", value.depth());
    // Size: a large value at every one of many places.
    let mut list = json(&format!("[{}0]", "0,".repeat(2000)));
    let large = format!("\"{}\"", "x".repeat(100_000));
    assert_eq!(
        apply(&mut list, &[set("/*", &large)]),
        Err(EditError::TooMuch)
    );
    // Time: many walks over a large body.
    let mut wide = json(&format!("[{}0]", "0,".repeat(20_000)));
    let edits = vec![
        Edit::RemoveDeep {
            at: at(""),
            names: names(&["x"])
        };
        2000
    ];
    assert_eq!(apply(&mut wide, &edits), Err(EditError::TooMuch));
}

proptest! {
    #[test]
    fn equal_ids_stay_equal_and_different_ones_different(
        ids in prop::collection::vec("[a-c]{1,3}|[a-z0-9_-]{1,40}|[A-Za-z0-9]{9}", 0..40),
    ) {
        let mut value = Value::Array(ids.iter().map(|id| Value::from(id.as_str())).collect());
        apply(&mut value, &[Edit::MapIds { at: vec![at("/*")], length: 9 }]).expect("room");
        let mut forth = BTreeMap::new();
        let mut back = BTreeMap::new();
        for (old, new) in ids.iter().zip(value.as_array().into_iter().flatten()) {
            let new = new.as_str().expect("a string").into_owned();
            prop_assert!(new.len() == 9 && new.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            prop_assert_eq!(forth.entry(old.clone()).or_insert_with(|| new.clone()), &new);
            prop_assert_eq!(back.entry(new).or_insert_with(|| old.clone()), old);
            if old.len() == 9 && old.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                prop_assert_eq!(&forth[old], old);
            }
        }
    }

    #[test]
    fn prompts_are_never_touched(prompt: String) {
        let raw = Text::from_text(&prompt);
        let body = format!(
            r#"{{"model":"x","n":3,"messages":[{{"role":"user","name":"model","content":"{0}"}},{{"role":"tool","tool_call_id":"call-1","content":[{{"type":"text","text":"{0}"}}]}}]}}"#,
            raw.raw(),
        );
        let after = edited(&body, &[
            set("/model", "\"y\""),
            Edit::RemoveDeep { at: at(""), names: names(&["model", "name", "n"]) },
            Edit::JoinText(at("/messages/*/content")),
            Edit::MapIds { at: vec![at("/messages/*/tool_call_id")], length: 9 },
            Edit::Clamp { at: at("/messages/*/content"), low: Some(1.0), high: Some(1.0) },
        ]);
        let value = json(&after);
        for pointer in ["/messages/0/content", "/messages/1/content"] {
            prop_assert_eq!(value.pointer(pointer).and_then(Value::as_text).map(Text::raw), Some(raw.raw()));
        }
    }

    #[test]
    fn edits_leave_valid_json(json in crate::json::tests::any_json(), pointer in "(/[a-z0-9*-]{0,2}){0,3}") {
        let text = json.to_string();
        let place = at(&pointer);
        let edits = [
            fill(&pointer, "{\"k\":[1]}"),
            Edit::AsList(place.clone()),
            Edit::JoinText(place.clone()),
            Edit::MapIds { at: vec![place.clone()], length: 9 },
            Edit::Rename { at: place.clone(), name: "\"n\n".into() },
            replace(&pointer, "null", None),
            Edit::CutList { at: place.clone(), most: 1 },
            Edit::Remove(place),
        ];
        let mut value = parse(text.as_bytes(), &Options::STRICT).expect("valid");
        apply(&mut value, &edits).expect("within bounds");
        prop_assert!(parse(&value.to_vec(), &Options::STRICT).is_ok());
    }
}
