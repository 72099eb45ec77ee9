//! `text`: the format of the answer and how wordy it is.

use super::{invalid, wrong};
use crate::chat::Invalid;
use crate::json::{Object, Value, object};

/// Puts `text` into a canonical body.
pub(super) fn read<'a>(text: Option<&Value<'a>>, chat: &mut Object<'a>) -> Result<(), Invalid> {
    let text = match text {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(text)) => text,
        Some(other) => return Err(wrong("text", "an object", other)),
    };
    match text.get("verbosity") {
        None | Some(Value::Null) => {}
        Some(Value::String(word)) if ["low", "medium", "high"].contains(&&*word.text()) => {
            chat.insert("verbosity", Value::String(word.clone()));
        }
        Some(_) => {
            return Err(invalid(
                "text.verbosity",
                "'text.verbosity' must be one of low, medium and high.",
            ));
        }
    }
    match text.get("format") {
        None | Some(Value::Null) => Ok(()),
        Some(format) => {
            if let Some(format) = response_format(format)? {
                chat.insert("response_format", format);
            }
            Ok(())
        }
    }
}

/// `response_format`; `None` for plain text.
fn response_format<'a>(format: &Value<'a>) -> Result<Option<Value<'a>>, Invalid> {
    let kind = format.get("type").and_then(Value::as_str);
    match kind.as_deref() {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(object([("type", Value::from("json_object"))]))),
        Some("json_schema") => {
            let name = format.get("name").filter(|name| name.as_text().is_some());
            let Some(name) = name else {
                let what = "'text.format.name' must be a string that names the schema.";
                return Err(invalid("text.format.name", what));
            };
            let schema = match format.get("schema") {
                Some(schema @ Value::Object(_)) => schema,
                other => {
                    let other = other.unwrap_or(&Value::Null);
                    return Err(wrong("text.format.schema", "a JSON Schema object", other));
                }
            };
            let mut inner = Object::new();
            inner.insert("name", name.clone());
            for member in ["description", "strict"] {
                if let Some(value) = format.get(member).filter(|value| !value.is_null()) {
                    inner.insert(member, value.clone());
                }
            }
            inner.insert("schema", schema.clone());
            Ok(Some(object([
                ("type", Value::from("json_schema")),
                ("json_schema", Value::Object(inner)),
            ])))
        }
        _ => Err(invalid(
            "text.format.type",
            "'text.format.type' must be one of text, json_object and json_schema.",
        )),
    }
}
