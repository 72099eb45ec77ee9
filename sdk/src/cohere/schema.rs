//! JSON schemas, without what Cohere refuses.
//!
//! Names are only taken away where they are keywords: a property may well be called `minimum`.

use serde_json::{Map, Value as Json, json};

/// Refused in any schema.
const NEVER: &[&str] = &["$schema", "$id", "additionalProperties"];

/// Refused where the answer must keep to the schema, by the documentation's list of what is not supported there.
const NOT_KEPT_TO: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "default",
    "examples",
];

/// How deep a schema is followed; what lies deeper is taken away.
const DEPTH: usize = 64;

/// Of a tool's parameters: always an object, if only an empty one.
pub(super) fn of_tool(schema: &Json) -> Json {
    let mut schema = lowered(schema, false, DEPTH);
    match schema.as_object_mut() {
        Some(members) => {
            members.entry("type").or_insert_with(|| json!("object"));
            members.entry("properties").or_insert_with(|| json!({}));
            schema
        }
        None => json!({"type": "object", "properties": {}}),
    }
}

/// Of an answer.
pub(super) fn of_answer(schema: &Json) -> Json {
    lowered(schema, true, DEPTH)
}

fn lowered(schema: &Json, strict: bool, depth: usize) -> Json {
    let Json::Object(members) = schema else {
        // `true` allows anything, and so does an empty schema; lists of schemas come through `each`.
        return match schema {
            Json::Bool(_) => json!({}),
            other => other.clone(),
        };
    };
    if depth == 0 {
        return json!({});
    }
    let mut out = Map::new();
    for (name, value) in members {
        let refused =
            NEVER.contains(&name.as_str()) || (strict && NOT_KEPT_TO.contains(&name.as_str()));
        if refused {
            continue;
        }
        let value = match name.as_str() {
            "properties" | "$defs" | "definitions" => named(value, strict, depth - 1),
            "items" if !value.is_array() => lowered(value, strict, depth - 1),
            "anyOf" | "oneOf" | "allOf" => each(value, strict, depth - 1),
            _ => value.clone(),
        };
        match name.as_str() {
            "const" => drop(out.insert("enum".to_owned(), json!([value]))),
            "oneOf" => drop(out.insert("anyOf".to_owned(), value)),
            "type" if strict && value.is_array() => {
                let kinds = value.as_array().into_iter().flatten();
                let each = kinds.map(|kind| json!({"type": kind})).collect();
                out.insert("anyOf".to_owned(), each);
            }
            _ => drop(out.insert(name.clone(), value)),
        }
    }
    Json::Object(out)
}

fn named(members: &Json, strict: bool, depth: usize) -> Json {
    let members = members.as_object().into_iter().flatten();
    members
        .map(|(name, schema)| (name.clone(), lowered(schema, strict, depth)))
        .collect::<Map<_, _>>()
        .into()
}

fn each(list: &Json, strict: bool, depth: usize) -> Json {
    let list = list.as_array().into_iter().flatten();
    list.map(|schema| lowered(schema, strict, depth)).collect()
}
