//! Joining the chunks of a stream into a whole answer.

use std::collections::BTreeMap;

use crate::json::{Object, Options, Value, parse};

use super::super::{Broken, Usage};
use super::{empty_choice, index_of, whole};

/// A stream so far.
#[derive(Debug, Default)]
pub struct Fold {
    /// Members of the chunks themselves; the last one counts.
    head: Object<'static>,
    choices: BTreeMap<u64, Joined>,
}

#[derive(Debug)]
struct Joined {
    choice: Object<'static>,
    /// Tool calls by their index.
    calls: BTreeMap<u64, Object<'static>>,
}

impl Fold {
    /// Of no chunk yet.
    #[must_use]
    pub fn new() -> Self {
        Fold::default()
    }

    /// Adds a chunk, as [`super::super::ChunkNormaliser`] passes it on.
    ///
    /// # Errors
    /// Bytes that are no chunk.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Broken> {
        let body = parse(chunk, &Options::LENIENT).map_err(|error| Broken::of(chunk, error))?;
        let Value::Object(mut head) = body.into_owned() else {
            return Err(Broken::Shape("an event is no object"));
        };
        let choices = head.remove("choices");
        head.remove("usage");
        for (name, value) in head {
            self.head.insert(name, value);
        }
        if let Some(Value::Array(choices)) = choices {
            for choice in choices {
                let Value::Object(choice) = choice else {
                    return Err(Broken::Shape("a choice is no object"));
                };
                let index = index_of(&choice);
                let joined = self.choices.entry(index).or_insert_with(|| Joined {
                    choice: empty_choice(index),
                    calls: BTreeMap::new(),
                });
                joined.add(choice);
            }
        }
        Ok(())
    }

    /// The whole answer, with this usage.
    #[must_use]
    pub fn finish(self, usage: Option<Usage>) -> Vec<u8> {
        let choices = self.choices.into_values().map(Joined::finish).collect();
        whole(self.head, choices, usage)
    }
}

impl Joined {
    fn add(&mut self, choice: Object<'static>) {
        for (name, value) in choice {
            match (&*name, value) {
                ("index", _) => {}
                ("delta", Value::Object(delta)) => self.add_delta(delta),
                ("logprobs", Value::Object(more)) => {
                    if let Some(logprobs) = add_lists(self.choice.get_mut("logprobs"), more) {
                        drop(self.choice.insert("logprobs", logprobs));
                    }
                }
                // A null says "not yet" and takes nothing back.
                (_, Value::Null) if self.choice.contains_key(&name) => {}
                (_, value) => drop(self.choice.insert(name, value)),
            }
        }
    }

    fn add_delta(&mut self, delta: Object<'static>) {
        let Some(Value::Object(message)) = self.choice.get_mut("message") else {
            return;
        };
        for (name, value) in delta {
            if let ("tool_calls", Value::Array(deltas)) = (&*name, &value) {
                for delta in deltas.iter().filter_map(Value::as_object) {
                    add_call(&mut self.calls, delta);
                }
                continue;
            }
            join(message, name.into_owned(), value);
        }
    }

    fn finish(mut self) -> Value<'static> {
        if !self.calls.is_empty()
            && let Some(Value::Object(message)) = self.choice.get_mut("message")
        {
            message.insert(
                "tool_calls",
                Value::Array(self.calls.into_values().map(Value::Object).collect()),
            );
        }
        Value::Object(self.choice)
    }
}

/// Members of a message that come in pieces. All others come whole.
fn in_pieces(name: &str) -> bool {
    matches!(
        name,
        "content" | "reasoning_content" | "reasoning" | "refusal"
    )
}

fn join(message: &mut Object<'static>, name: String, value: Value<'static>) {
    let pieces = in_pieces(&name);
    match (message.get_mut(&name), value) {
        (Some(Value::String(before)), Value::String(more)) if pieces => before.push(&more),
        (Some(Value::Array(before)), Value::Array(more)) => before.extend(more),
        (Some(Value::Object(before)), Value::Object(more)) => {
            more.into_iter().for_each(|(inner, value)| {
                // Sound comes in pieces of base64, and so does what it says; a legacy call's arguments do too.
                match (before.get_mut(&inner), value) {
                    (Some(Value::String(so_far)), Value::String(piece))
                        if matches!(&*inner, "data" | "transcript" | "arguments") =>
                    {
                        so_far.push(&piece);
                    }
                    (_, value) => drop(before.insert(inner, value)),
                }
            });
        }
        (Some(_), Value::Null) => {}
        (_, value) => drop(message.insert(name, value)),
    }
}

fn add_call(calls: &mut BTreeMap<u64, Object<'static>>, delta: &Object<'static>) {
    let index = delta.get("index").and_then(Value::as_u64).unwrap_or(0);
    let call = calls.entry(index).or_default();
    for (name, value) in delta
        .iter()
        .filter(|(name, value)| *name != "index" && !value.is_null())
    {
        match (call.get_mut(name), value) {
            (Some(Value::Object(function)), Value::Object(more)) if name == "function" => {
                add_function(function, more);
            }
            (Some(Value::String(before)), value)
                if value
                    .as_text()
                    .is_some_and(|text| text == before || text.is_empty()) => {}
            (_, value) => drop(call.insert(name.to_owned(), value.clone())),
        }
    }
}

/// Arguments are joined. So are names, since some upstreams send them in two pieces, unless the piece is
/// the whole name again.
fn add_function(function: &mut Object<'static>, more: &Object<'static>) {
    for (name, value) in more.iter().filter(|(_, value)| !value.is_null()) {
        match (function.get_mut(name), value) {
            (Some(Value::String(before)), Value::String(piece)) if name == "arguments" => {
                before.push(piece);
            }
            (Some(Value::String(before)), Value::String(piece)) if name == "name" => {
                if before != piece {
                    before.push(piece);
                }
            }
            (_, value) => drop(function.insert(name.to_owned(), value.clone())),
        }
    }
}

/// Log-probabilities come as lists that follow one another. What could not be added to `before` comes back.
fn add_lists(before: Option<&mut Value<'static>>, more: Object<'static>) -> Option<Value<'static>> {
    let Some(Value::Object(before)) = before else {
        return Some(Value::Object(more));
    };
    for (name, value) in more {
        match (before.get_mut(&name), value) {
            (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
            (Some(_), Value::Null) => {}
            (_, value) => drop(before.insert(name, value)),
        }
    }
    None
}
