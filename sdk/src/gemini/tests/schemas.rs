//! Schemas.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::gemini::schema::{lower, parameters};

#[test]
fn schemas_are_lowered() {
    let table = [
        ("true", json!(true), json!({"type": "STRING"})),
        ("nothing told", json!({}), json!({"type": "STRING"})),
        (
            "unknown words go",
            json!({"$schema": "x", "$id": "y", "title": "t", "type": "object", "additionalProperties": false,
                "patternProperties": {}, "x-a": 1, "properties": {"pattern": {"type": "string", "pattern": "^(?=a)",
                "format": "uri", "default": "a", "examples": ["b"], "readOnly": true, "description": "d"}}}),
            json!({"type": "OBJECT", "properties": {"pattern": {"type": "STRING", "description": "d"}}}),
        ),
        (
            "known formats and bounds stay where they fit",
            json!({"type": "object", "properties": {
                "a": {"type": "string", "format": "date-time", "minLength": 1, "minimum": 3},
                "b": {"type": "integer", "minimum": 0, "exclusiveMaximum": 9, "maxLength": 3},
                "c": {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "uniqueItems": true},
            }}),
            json!({"type": "OBJECT", "properties": {
                "a": {"type": "STRING", "format": "date-time", "minLength": 1},
                "b": {"type": "INTEGER", "minimum": 0},
                "c": {"type": "ARRAY", "items": {"type": "BOOLEAN"}, "minItems": 1},
            }}),
        ),
        (
            "sloppy ones",
            json!({"type": "object", "properties": {
                "a": {"type": "array", "items": {"required": ["x"]}},
                "b": {"type": "string", "properties": {}, "required": []},
                "c": {"type": ["string", "null"]},
                "d": {"type": "integer", "enum": [1, 2]},
                "e": {"type": "array"},
            }, "required": ["a", "ghost", "toString", "a", 7]}),
            json!({"type": "OBJECT", "properties": {
                "a": {"type": "ARRAY", "items": {"type": "STRING"}},
                "b": {"type": "STRING"},
                "c": {"type": "STRING", "nullable": true},
                "d": {"type": "INTEGER", "description": "One of: 1, 2"},
                "e": {"type": "ARRAY", "items": {"type": "STRING"}},
            }, "required": ["a"]}),
        ),
        (
            "constants and lists of values",
            json!({"type": "object", "properties": {
                "a": {"const": "x"}, "b": {"enum": ["x", "", null, 1]}, "c": {"const": 1, "description": "n."},
                "d": {"const": true}, "e": {"enum": [null]},
            }}),
            json!({"type": "OBJECT", "properties": {
                "a": {"type": "STRING", "enum": ["x"]},
                "b": {"type": "STRING", "enum": ["x", "1"], "nullable": true},
                "c": {"type": "INTEGER", "description": "n. One of: 1"},
                "d": {"type": "BOOLEAN", "description": "One of: true"},
                "e": {"type": "STRING", "nullable": true},
            }}),
        ),
        (
            "choices",
            json!({"type": "object", "properties": {
                "a": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "d", "default": null},
                "b": {"oneOf": [{"type": "string"}, {"type": "integer"}], "description": "d"},
                "c": {"type": ["string", "array"], "items": {"type": "string"}},
                "d": {"anyOf": [{"type": "null"}]},
            }}),
            json!({"type": "OBJECT", "properties": {
                "a": {"type": "STRING", "nullable": true, "description": "d"},
                "b": {"anyOf": [{"type": "STRING", "description": "d"}, {"type": "INTEGER"}]},
                "c": {"anyOf": [{"type": "STRING"}, {"type": "ARRAY", "items": {"type": "STRING"}}]},
                "d": {"type": "STRING", "nullable": true},
            }}),
        ),
        (
            "parts taken together",
            json!({"$defs": {"base": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}},
                "allOf": [{"$ref": "#/$defs/base"}, {"properties": {"b": {"type": "number"}}, "required": ["b"]}]}),
            json!({"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "NUMBER"}},
                "required": ["a", "b"]}),
        ),
        (
            "references",
            json!({"type": "object", "$defs": {"c": {"type": "string", "description": "old"}, "a/b": {"type": "number"}},
                "properties": {"a": {"$ref": "#/$defs/c", "description": "new"}, "b": {"$ref": "#/$defs/c"},
                "c": {"$ref": "#/$defs/a~1b"}, "d": {"$ref": "#/$defs/none"}, "e": {"$ref": "https://x.example/s"}}}),
            json!({"type": "OBJECT", "properties": {
                "a": {"type": "STRING", "description": "new"}, "b": {"type": "STRING", "description": "old"},
                "c": {"type": "NUMBER"}, "d": {"type": "OBJECT"}, "e": {"type": "OBJECT"}}}),
        ),
    ];
    for (what, schema, wanted) in table {
        assert_eq!(lower(&schema), wanted, "{what}");
    }
}

#[test]
fn a_schema_that_holds_itself_ends() {
    let tree = json!({"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "properties": {
        "left": {"$ref": "#/$defs/n"}, "all": {"type": "array", "items": {"$ref": "#/$defs/n"}}}}}});
    assert_eq!(
        lower(&tree),
        json!({"type": "OBJECT", "properties": {
            "left": {"type": "OBJECT"}, "all": {"type": "ARRAY", "items": {"type": "OBJECT"}}}})
    );
    // A part that stands for a description beside a reference, as some generators write it.
    let tree = json!({"$ref": "#/definitions/N", "definitions": {
        "Base": {"properties": {"id": {"type": "string"}}},
        "Named": {"allOf": [{"$ref": "#/definitions/Base"}], "required": ["id"]},
        "N": {"allOf": [{"$ref": "#/definitions/Named"}], "type": "object", "properties": {
            "next": {"allOf": [{"$ref": "#/definitions/N"}], "description": "d"}}}}});
    assert_eq!(
        lower(&tree),
        json!({"type": "OBJECT", "properties": {
            "next": {"type": "OBJECT", "description": "d"}, "id": {"type": "STRING"}}, "required": ["id"]})
    );
    let itself = json!({"$ref": "#"});
    assert!(lower(&itself).is_object());
    let itself = json!({"allOf": [{"$ref": "#"}], "properties": {"a": {"$ref": "#"}}});
    assert!(lower(&itself).is_object());
}

#[test]
fn a_schema_that_doubles_stays_small() {
    let mut defs = serde_json::Map::new();
    for level in 0..30 {
        let below = json!({"$ref": format!("#/$defs/{}", level + 1)});
        defs.insert(
            level.to_string(),
            json!({"type": "object", "properties": {"a": below, "b": below}}),
        );
    }
    let lowered = lower(&json!({"$ref": "#/$defs/0", "$defs": defs})).to_string();
    assert!(lowered.len() < 1_000_000, "{}", lowered.len());
    let deep = (0..500).fold(
        json!({}),
        |inner, _| json!({"type": "array", "items": inner}),
    );
    assert!(lower(&deep).to_string().len() < 10_000);
}

#[test]
fn no_parameters_are_no_schema() {
    assert_eq!(
        parameters(&json!({"type": "object", "properties": {}})),
        None
    );
    assert_eq!(parameters(&json!({})), None);
    let one = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    assert!(parameters(&one).is_some());
}

/// What Google's own check says of a schema, as far as it is known.
pub(super) fn strict(schema: &Json) -> Result<(), String> {
    let schema = schema.as_object().ok_or("no object")?;
    if let Some(branches) = schema.get("anyOf") {
        if schema.len() != 1 {
            return Err("anyOf: it must stand alone".to_owned());
        }
        return branches
            .as_array()
            .into_iter()
            .flatten()
            .try_for_each(strict);
    }
    let kind = schema
        .get("type")
        .and_then(Json::as_str)
        .ok_or("type: missing")?;
    let own: &[&str] = match kind {
        "STRING" => &["enum", "format", "minLength", "maxLength"],
        "INTEGER" | "NUMBER" => &["minimum", "maximum"],
        "BOOLEAN" => &[],
        "ARRAY" => &["items", "minItems", "maxItems"],
        "OBJECT" => &["properties", "required"],
        other => return Err(format!("type: {other}")),
    };
    for name in schema.keys() {
        if !own.contains(&name.as_str())
            && !["type", "description", "nullable"].contains(&name.as_str())
        {
            return Err(format!("{name}: not for {kind}"));
        }
    }
    if let Some(values) = schema.get("enum") {
        let texts = values.as_array().ok_or("enum: no list")?;
        if texts.is_empty()
            || texts
                .iter()
                .any(|text| text.as_str().is_none_or(str::is_empty))
        {
            return Err("enum: texts that are not empty".to_owned());
        }
    }
    let properties = schema.get("properties").and_then(Json::as_object);
    for name in schema
        .get("required")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
    {
        let known = name
            .as_str()
            .is_some_and(|name| properties.is_some_and(|it| it.contains_key(name)));
        if !known {
            return Err(format!("required: {name} is not defined"));
        }
    }
    if kind == "ARRAY" {
        strict(schema.get("items").ok_or("items: missing")?)?;
    }
    properties
        .into_iter()
        .flat_map(|it| it.values())
        .try_for_each(strict)
}

/// Schemas as no one should write them: every word beside every other.
fn any_schema() -> impl Strategy<Value = Json> {
    let types = prop_oneof![
        Just(json!("string")),
        Just(json!("object")),
        Just(json!("array")),
        Just(json!("integer")),
        Just(json!("null")),
        Just(json!(["string", "null"])),
        Just(json!(["object", "array", "null"])),
        Just(json!("STRING")),
        Just(json!(7)),
        Just(json!([])),
    ];
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!(null)),
        Just(json!({"$ref": "#"})),
        Just(json!({"$ref": "#/properties/a"})),
        Just(json!({"$ref": "#/nowhere"})),
        Just(json!({"const": 1})),
        Just(json!({"enum": ["", "a", null, 2]})),
        Just(json!({"enum": []})),
        Just(json!({"format": "email", "minimum": "x"})),
        types.clone().prop_map(|kind| json!({ "type": kind })),
    ];
    leaf.prop_recursive(4, 40, 4, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..3);
        let words = prop::collection::vec(
            prop_oneof![
                types.clone().prop_map(|it| ("type", it)),
                inner.clone().prop_map(|it| ("items", it)),
                list.clone().prop_map(|it| ("anyOf", json!(it))),
                list.clone().prop_map(|it| ("oneOf", json!(it))),
                list.clone().prop_map(|it| ("allOf", json!(it))),
                list.clone().prop_map(|it| ("prefixItems", json!(it))),
                (inner.clone(), inner).prop_map(|(a, b)| ("properties", json!({"a": a, "b": b}))),
                Just(("required", json!(["a", "c", 1]))),
                Just(("enum", json!(["x", 1, ""]))),
                Just(("description", json!("d"))),
                Just(("additionalProperties", json!(false))),
            ],
            0..5,
        );
        words.prop_map(|words| {
            Json::Object(
                words
                    .into_iter()
                    .map(|(name, it)| (name.to_owned(), it))
                    .collect(),
            )
        })
    })
}

proptest! {
    #[test]
    fn whatever_comes_is_taken(schema in any_schema()) {
        let lowered = lower(&schema);
        prop_assert_eq!(strict(&lowered), Ok(()), "{}", lowered);
    }
}
