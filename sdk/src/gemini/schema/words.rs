//! The words of one schema, apart from what stands below it.

use serde_json::{Map, Value as Json, json};

/// Puts the description that stood beside a schema into what it was lowered to; `over`: in the place of its own.
pub(super) fn describe(beside: &Map<String, Json>, lowered: &mut Map<String, Json>, over: bool) {
    if let Some(text @ Json::String(_)) = beside.get("description") {
        annotate(lowered, "description", text, over);
    }
}

/// Adds a word to a schema, or to the first branch of a choice, beside which nothing may stand.
pub(super) fn annotate(schema: &mut Map<String, Json>, name: &str, value: &Json, over: bool) {
    if let Some(Json::Object(first)) = schema.get_mut("anyOf").and_then(|list| list.get_mut(0)) {
        annotate(first, name, value, over);
    } else if over || !schema.contains_key(name) {
        schema.insert(name.to_owned(), value.clone());
    }
}

pub(super) fn of_type(kind: &str) -> Map<String, Json> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), Json::String(kind.to_owned()));
    schema
}

/// The type as told, in Google's spelling, or as the other words imply it.
pub(super) fn kind(schema: &Map<String, Json>) -> &'static str {
    let told = schema
        .get("type")
        .and_then(Json::as_str)
        .unwrap_or_default();
    match told.to_ascii_lowercase().as_str() {
        "string" => "STRING",
        "integer" => "INTEGER",
        "number" => "NUMBER",
        "boolean" => "BOOLEAN",
        "array" => "ARRAY",
        "object" => "OBJECT",
        _ if schema.contains_key("properties") || schema.contains_key("additionalProperties") => {
            "OBJECT"
        }
        _ if schema.contains_key("items") || schema.contains_key("prefixItems") => "ARRAY",
        _ => match values(schema).first() {
            Some(Json::Bool(_)) => "BOOLEAN",
            Some(Json::Number(number)) if number.is_f64() => "NUMBER",
            Some(Json::Number(_)) => "INTEGER",
            _ => "STRING",
        },
    }
}

/// The values allowed; a constant is a list of one.
pub(super) fn values(schema: &Map<String, Json>) -> Vec<&Json> {
    match (schema.get("enum"), schema.get("const")) {
        (Some(Json::Array(values)), _) => values.iter().collect(),
        (_, Some(value)) => vec![value],
        _ => Vec::new(),
    }
}

/// Only texts may be listed, and no empty one.
pub(super) fn strings(schema: &Map<String, Json>, values: &[&Json], out: &mut Map<String, Json>) {
    keep(schema, &["minLength", "maxLength"], Json::is_u64, out);
    let texts: Vec<String> = values
        .iter()
        .filter_map(|value| match value {
            Json::Null => None,
            Json::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        })
        .filter(|text| !text.is_empty())
        .collect();
    if !texts.is_empty() {
        out.insert("enum".to_owned(), json!(texts));
    }
    if let Some(Json::String(format)) = schema.get("format")
        && matches!(format.as_str(), "enum" | "date-time")
    {
        out.insert("format".to_owned(), Json::String(format.clone()));
    }
}

/// Numbers may not be listed; the model is told of them in words.
pub(super) fn describe_values(values: &[&Json], description: &mut String) {
    let listed: Vec<String> = values
        .iter()
        .filter(|value| !value.is_null())
        .map(ToString::to_string)
        .collect();
    if listed.is_empty() {
        return;
    }
    if !description.is_empty() {
        description.push(' ');
    }
    description.push_str("One of: ");
    description.push_str(&listed.join(", "));
}

pub(super) fn keep(
    schema: &Map<String, Json>,
    names: &[&str],
    good: fn(&Json) -> bool,
    out: &mut Map<String, Json>,
) {
    for name in names {
        if let Some(value) = schema.get(*name).filter(|value| good(value)) {
            out.insert((*name).to_owned(), value.clone());
        }
    }
}
