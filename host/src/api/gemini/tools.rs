//! Function declarations, and Google's schemas as JSON Schema.

use super::request::{member, wrong};
use crate::chat::Invalid;
use crate::json::{Object, Value, object};

/// Tools that Google runs itself. Another provider has none of them: a request that offers them goes on without.
const HOSTED: [&str; 7] = [
    "googleSearch",
    "googleSearchRetrieval",
    "codeExecution",
    "urlContext",
    "computerUse",
    "googleMaps",
    "fileSearch",
];

/// Puts the tools and the choice among them into the canonical request.
pub(super) fn read(body: &Object<'static>, chat: &mut Object<'static>) -> Result<(), Invalid> {
    let mut functions = Vec::new();
    let mut offered = match member(body, "tools") {
        None => [].as_slice(),
        Some(Value::Array(list)) => list.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        Some(_) => return Err(wrong("tools", "`tools` must be a list.")),
    }
    .iter()
    .enumerate();
    offered.try_for_each(|(at, tool)| {
        let Some(members) = tool.as_object() else {
            return Err(wrong(format!("tools[{at}]"), "A tool must be an object."));
        };
        let declared = member(members, "functionDeclarations").and_then(Value::as_array);
        if declared.is_none()
            && !HOSTED.iter().any(|name| member(members, name).is_some())
            && !members.is_empty()
        {
            return Err(wrong(
                format!("tools[{at}]"),
                "This kind of tool is not known; declare functions in `functionDeclarations`.",
            ));
        }
        for (place, one) in declared.into_iter().flatten().enumerate() {
            let place = format!("tools[{at}].functionDeclarations[{place}]");
            functions.push(function(one, &place)?);
        }
        Ok(())
    })?;
    if functions.is_empty() {
        return Ok(());
    }
    let calling = member(body, "toolConfig")
        .and_then(Value::as_object)
        .and_then(|config| member(config, "functionCallingConfig")?.as_object());
    if let Some(calling) = calling {
        choice(calling, &mut functions, chat)?;
    }
    chat.insert("tools", Value::Array(functions));
    Ok(())
}

fn function(declared: &Value<'static>, at: &str) -> Result<Value<'static>, Invalid> {
    let members = declared.as_object();
    let name = declared
        .get("name")
        .and_then(Value::as_str)
        .filter(|name| !name.is_empty());
    let (Some(members), Some(name)) = (members, name) else {
        return Err(wrong(format!("{at}.name"), "A function needs a `name`."));
    };
    let mut function = object([("name", name.into_owned().into())]);
    if let Some(function) = function.as_object_mut() {
        if let Some(text) = member(members, "description") {
            function.insert("description", text.clone());
        }
        let schema = member(members, "parametersJsonSchema")
            .cloned()
            .or_else(|| member(members, "parameters").map(json_schema));
        let empty = || object([("type", "object".into()), ("properties", object([]))]);
        function.insert("parameters", schema.unwrap_or_else(empty));
    }
    Ok(object([
        ("type", "function".into()),
        ("function", function),
    ]))
}

/// The mode, and which functions are allowed: the others are not offered.
fn choice(
    calling: &Object<'static>,
    functions: &mut Vec<Value<'static>>,
    chat: &mut Object<'static>,
) -> Result<(), Invalid> {
    let mode = member(calling, "mode").and_then(Value::as_str);
    let mode = mode
        .map(|mode| mode.to_ascii_uppercase())
        .unwrap_or_default();
    let choice = match mode.as_str() {
        "" | "AUTO" | "MODE_UNSPECIFIED" | "VALIDATED" => "auto",
        "ANY" => "required",
        "NONE" => "none",
        _ => {
            return Err(wrong(
                "toolConfig.functionCallingConfig.mode",
                "`mode` must be AUTO, ANY, NONE or VALIDATED.",
            ));
        }
    };
    let allowed = member(calling, "allowedFunctionNames").and_then(Value::as_array);
    if let Some(allowed) = allowed.filter(|allowed| !allowed.is_empty()) {
        functions.retain(|one| {
            let name = one.pointer("/function/name").and_then(Value::as_text);
            name.is_some_and(|name| allowed.iter().any(|one| one.as_text() == Some(name)))
        });
        if functions.is_empty() {
            return Err(wrong(
                "toolConfig.functionCallingConfig.allowedFunctionNames",
                "None of the allowed functions is declared in `tools`.",
            ));
        }
    }
    chat.insert("tool_choice", Value::from(choice));
    Ok(())
}

/// Google's schema (OpenAPI's, types in capitals, `nullable`) as JSON Schema. Values that users chose (`enum`,
/// `example`, `default`) stay as they are.
pub(super) fn json_schema(schema: &Value<'static>) -> Value<'static> {
    let Value::Object(members) = schema else {
        return schema.clone();
    };
    let mut read = Object::new();
    let nullable = members.get("nullable").and_then(Value::as_bool) == Some(true);
    for (name, value) in members.iter() {
        let value = match (name, value) {
            ("type", Value::String(word)) => {
                let word = word.text().to_ascii_lowercase();
                match (word.as_str(), nullable) {
                    ("type_unspecified", _) => continue,
                    (_, false) => Value::from(word),
                    (_, true) => Value::Array(vec![Value::from(word), "null".into()]),
                }
            }
            ("properties" | "$defs" | "defs", Value::Object(inner)) => Value::Object(
                inner
                    .iter()
                    .map(|(name, schema)| (name.to_owned(), json_schema(schema)))
                    .collect(),
            ),
            ("items" | "additionalProperties" | "additional_properties", inner) => {
                json_schema(inner)
            }
            (
                "anyOf" | "any_of" | "oneOf" | "allOf" | "prefixItems" | "prefix_items",
                Value::Array(list),
            ) => Value::Array(list.iter().map(json_schema).collect()),
            ("nullable" | "propertyOrdering" | "property_ordering", _) => continue,
            // 64-bit integers come as strings in Google's JSON.
            (
                "minItems" | "maxItems" | "minLength" | "maxLength" | "minProperties"
                | "maxProperties" | "min_items" | "max_items" | "min_length" | "max_length",
                Value::String(number),
            ) => number
                .text()
                .parse::<u64>()
                .map_or_else(|_| value.clone(), Value::from),
            _ => value.clone(),
        };
        read.insert(standard(name).to_owned(), value);
    }
    Value::Object(read)
}

/// JSON Schema's own spelling of a keyword.
fn standard(name: &str) -> &str {
    match name {
        "any_of" => "anyOf",
        "prefix_items" => "prefixItems",
        "additional_properties" => "additionalProperties",
        "min_items" => "minItems",
        "max_items" => "maxItems",
        "min_length" => "minLength",
        "max_length" => "maxLength",
        "defs" => "$defs",
        other => other,
    }
}
