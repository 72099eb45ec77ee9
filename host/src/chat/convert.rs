//! A whole answer as a stream, and a stream as a whole answer, for a client that wants the one from an
//! upstream that gives the other. Both take what the normalisers made.

mod fold;

#[cfg(test)]
mod tests;

use crate::json::{Object, Options, Value, object, parse};

use super::{Broken, mend};

pub use fold::Fold;

/// The chunks that say what a whole answer says, in order, without usage (see [`super::chunk::usage_frame`]) and
/// without `[DONE]`. For each choice: the role, what it says, each tool call, the finish reason.
///
/// # Errors
/// Bytes that are no whole answer.
pub fn chunks(answer: &[u8]) -> Result<Vec<Vec<u8>>, Broken> {
    let body = parse(answer, &Options::LENIENT).map_err(|error| Broken::of(answer, error))?;
    let Value::Object(mut head) = body else {
        return Err(Broken::Shape("the body is no object"));
    };
    let Some(Value::Array(choices)) = head.remove("choices") else {
        return Err(Broken::Shape("`choices` is missing"));
    };
    head.remove("usage");
    head.insert("object", Value::from("chat.completion.chunk"));
    let mut chunks = Vec::new();
    for choice in choices {
        let Value::Object(choice) = choice else {
            return Err(Broken::Shape("a choice is no object"));
        };
        for choice in steps(choice) {
            let mut chunk = head.clone();
            chunk.insert("choices", Value::Array(vec![Value::Object(choice)]));
            chunks.push(Value::Object(chunk).to_vec());
        }
    }
    Ok(chunks)
}

/// The choices of the chunks of one whole choice.
fn steps(mut choice: Object<'_>) -> Vec<Object<'_>> {
    let message = choice.remove("message");
    let finish = choice.remove("finish_reason").unwrap_or(Value::Null);
    let index = choice.get("index").cloned().unwrap_or(Value::from(0_u64));
    let mut deltas = Vec::new();
    if let Some(Value::Object(mut message)) = message {
        let calls = message.remove("tool_calls");
        let mut first = Object::new();
        for name in ["role", "reasoning_content"] {
            if let Some(value) = message.remove(name) {
                first.insert(name, value);
            }
        }
        let rest = !message.is_empty();
        deltas.push(first);
        if rest {
            deltas.push(message);
        }
        if let Some(Value::Array(calls)) = calls {
            for (at, call) in calls.into_iter().enumerate() {
                deltas.push(call_delta(at, call));
            }
        }
    }
    let mut steps: Vec<Object<'_>> = deltas
        .into_iter()
        .map(|delta| {
            [
                ("index", index.clone()),
                ("delta", Value::Object(delta)),
                ("finish_reason", Value::Null),
            ]
            .into_iter()
            .collect()
        })
        .collect();
    // What else the choice holds (log-probabilities) goes with its finish, under its own names.
    choice.insert("index", index);
    choice.insert("delta", Value::Object(Object::new()));
    choice.insert("finish_reason", finish);
    steps.push(choice);
    steps
}

fn call_delta(at: usize, call: Value<'_>) -> Object<'_> {
    let mut delta = Object::new();
    delta.insert("index", Value::from(at as u64));
    if let Value::Object(call) = call {
        for (name, value) in call {
            if name != "index" {
                delta.insert(name, value);
            }
        }
    }
    let call = Value::Object(delta);
    [("tool_calls", Value::Array(vec![call]))]
        .into_iter()
        .collect()
}

/// A whole answer of these parts.
fn whole(
    mut head: Object<'static>,
    choices: Vec<Value<'static>>,
    usage: Option<super::Usage>,
) -> Vec<u8> {
    head.insert("object", Value::from("chat.completion"));
    head.insert("choices", Value::Array(choices));
    if let Some(usage) = usage {
        head.insert("usage", usage.to_value());
    }
    Value::Object(head).to_vec()
}

/// A choice that nothing was said of.
fn empty_choice(index: u64) -> Object<'static> {
    let message = object([("role", "assistant".into()), ("content", Value::Null)]);
    [
        ("index", Value::from(index)),
        ("message", message),
        ("finish_reason", Value::Null),
    ]
    .into_iter()
    .collect()
}

/// The index of a chunk's choice.
fn index_of(choice: &Object<'_>) -> u64 {
    choice
        .get("index")
        .filter(|index| !mend::absent(Some(index)))
        .and_then(Value::as_u64)
        .unwrap_or(0)
}
