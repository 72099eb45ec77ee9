//! Items: their ids, the form in which an answer's are sent, and the form in which a request's are kept.
//!
//! An id is made of the answer's own and the item's place, so that it is the same in every event, and tells which answer
//! the item came with.

use crate::json::{Object, Value, object};

/// Hexadecimal digits of an answer's id.
const DIGITS: usize = 32;

/// Places of input items begin here, those of output items at 0.
const INPUT: u64 = 0x8000;

/// Whether an item is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Completed,
    Incomplete,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Incomplete => "incomplete",
        }
    }
}

/// The id of an answer, of 16 bytes by chance.
pub(super) fn response_id(chance: [u8; 16]) -> String {
    format!("resp_{}", crate::vault::hex(&chance))
}

/// The id of the item at a place of an answer.
pub(super) fn id(prefix: &str, response: &str, place: u64) -> String {
    let digits = response.strip_prefix("resp_").unwrap_or(response);
    format!("{prefix}_{digits}{place:04x}")
}

/// The answer that an item came with, if the id is one of ours.
pub(super) fn response_of(item: &str) -> Option<String> {
    let (_, digits) = item.split_once('_')?;
    let digits = digits.get(..DIGITS)?;
    let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hex.then(|| format!("resp_{digits}"))
}

/// What an item's id begins with.
fn prefix(kind: &str) -> &'static str {
    match kind {
        "message" => "msg",
        "function_call" => "fc",
        "function_call_output" => "fco",
        "custom_tool_call" => "ctc",
        "custom_tool_call_output" => "ctco",
        "reasoning" => "rs",
        _ => "item",
    }
}

/// The input in the form in which it is listed: each item with a type and an id, content as a list of parts.
pub(super) fn kept(
    input: Option<&Value<'_>>,
    items: &[Value<'_>],
    response: &str,
) -> Vec<Value<'static>> {
    if let Some(text @ Value::String(_)) = input {
        let said = object([("role", Value::from("user")), ("content", text.clone())]);
        return vec![listed(&said, response, INPUT)];
    }
    (INPUT..)
        .zip(items)
        .map(|(place, item)| listed(item, response, place))
        .collect()
}

fn listed(item: &Value<'_>, response: &str, place: u64) -> Value<'static> {
    let Some(members) = item.as_object() else {
        return Value::Null;
    };
    let kind = members.get("type").and_then(Value::as_str);
    let kind = kind.map_or_else(|| "message".to_owned(), std::borrow::Cow::into_owned);
    let own = members
        .get("id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty());
    let id = own.map_or_else(
        || id(prefix(&kind), response, place),
        std::borrow::Cow::into_owned,
    );
    let mut listed = Object::new();
    listed.insert("id", Value::from(id));
    listed.insert("type", Value::from(kind.clone()));
    if !members.contains_key("status") && kind != "reasoning" {
        listed.insert("status", Value::from("completed"));
    }
    for (name, value) in members.iter() {
        if matches!(name, "id" | "type") {
            continue;
        }
        let value = match value {
            Value::String(_) if kind == "message" && name == "content" => {
                let said = members
                    .get("role")
                    .and_then(Value::as_text)
                    .is_some_and(|role| role == "assistant");
                Value::Array(vec![if said {
                    output_text(value.clone())
                } else {
                    input_text(value.clone())
                }])
            }
            other => other.clone(),
        };
        listed.insert(name.to_owned(), value.into_owned());
    }
    Value::Object(listed)
}

fn input_text(text: Value<'_>) -> Value<'_> {
    object([("type", Value::from("input_text")), ("text", text)])
}

fn output_text(text: Value<'_>) -> Value<'_> {
    object([
        ("type", Value::from("output_text")),
        ("annotations", Value::Array(Vec::new())),
        ("text", text),
    ])
}

/// A message of the answer.
pub(super) fn message(id: &str, status: Status, content: Vec<Value<'static>>) -> Value<'static> {
    object([
        ("id", Value::from(id.to_owned())),
        ("type", "message".into()),
        ("status", status.word().into()),
        ("role", "assistant".into()),
        ("content", Value::Array(content)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_items_id_tells_its_answer() {
        let response = response_id([0xab; 16]);
        assert_eq!(response.len(), 5 + DIGITS);
        let item = id("fc", &response, 3);
        assert_eq!(item, format!("fc_{}0003", "ab".repeat(16)));
        assert_eq!(response_of(&item), Some(response));
        for foreign in [
            "fc_stub1",
            "msg_00000000-0000-0000-0000-000000000000",
            "",
            "fc_ü",
        ] {
            assert_eq!(response_of(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn input_is_listed_in_its_long_form() {
        let response = response_id([0; 16]);
        let text = Value::from("Hi");
        let listed = kept(Some(&text), &[], &response);
        let id = format!("msg_{}8000", "0".repeat(32));
        let want = format!(
            r#"[{{"id":"{id}","type":"message","status":"completed","role":"user","content":[{{"type":"input_text","text":"Hi"}}]}}]"#
        );
        assert_eq!(Value::Array(listed).to_vec(), want.as_bytes());
    }
}
