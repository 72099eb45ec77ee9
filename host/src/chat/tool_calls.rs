//! The tool calls of one choice of a stream: which call a delta continues.
//!
//! Upstreams leave out the index, send 0 for all, start at 1, leave out the id, or make up a new id for every
//! delta. Clients join deltas by index alone, so it must be right.

use crate::json::{Object, Value};

use super::Seed;
use super::mend::{self, filled};

/// The calls of a choice, in the order they began, which is the index they go out with.
#[derive(Debug, Default)]
pub(super) struct ToolCalls {
    calls: Vec<Call>,
    /// The call that the last delta belonged to.
    open: usize,
}

#[derive(Debug)]
struct Call {
    /// The index the upstream gave it.
    index: Option<u64>,
    /// The id the client knows it by; empty until one went out.
    id: String,
    named: bool,
    has_arguments: bool,
}

/// What a delta says of the call it belongs to.
struct Hint {
    index: Option<u64>,
    id: Option<String>,
    named: bool,
}

impl ToolCalls {
    /// Whether any call began.
    pub(super) fn any(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Mends the deltas of one chunk; true if anything changed.
    pub(super) fn mend(&mut self, deltas: &mut Vec<Value<'_>>, choice: u64, seed: &Seed) -> bool {
        let before = deltas.len();
        deltas.retain(|delta| matches!(delta, Value::Object(_)));
        let mut changed = deltas.len() != before;
        for delta in deltas.iter_mut().filter_map(Value::as_object_mut) {
            changed |= self.mend_one(delta, choice, seed);
        }
        changed
    }

    fn mend_one(&mut self, delta: &mut Object<'_>, choice: u64, seed: &Seed) -> bool {
        let function = delta.get("function");
        let hint = Hint {
            index: delta.get("index").and_then(Value::as_u64),
            id: delta
                .get("id")
                .filter(|id| filled(id))
                .and_then(Value::as_str)
                .map(std::borrow::Cow::into_owned),
            named: function
                .and_then(|function| function.get("name"))
                .is_some_and(filled),
        };
        let mut changed = mend::arguments(delta);
        if let Some(Value::Object(function)) = delta.get_mut("function")
            && !matches!(
                function.get("name"),
                None | Some(Value::Null | Value::String(_))
            )
        {
            function.remove("name");
            changed = true;
        }
        let has_arguments = delta
            .get("function")
            .and_then(|function| function.get("arguments"))
            .is_some_and(filled);
        let found = self.find(&hint);
        let at = found.unwrap_or_else(|| {
            self.calls.push(Call {
                index: hint.index,
                id: String::new(),
                named: false,
                has_arguments: false,
            });
            self.calls.len() - 1
        });
        self.open = at;
        let Some(call) = self.calls.get_mut(at) else {
            return changed;
        };
        call.named |= hint.named;
        call.has_arguments |= has_arguments;
        if hint.index != Some(at as u64) {
            delta.insert("index", Value::from(at as u64));
            changed = true;
        }
        match hint.id {
            Some(id) if call.id.is_empty() => call.id = id,
            // A made-up id for a later delta: the client knows the call by its first.
            Some(id) if id != call.id => {
                delta.insert("id", Value::from(call.id.clone()));
                changed = true;
            }
            None if found.is_none() => {
                let id = mend::call_id(seed, choice, at);
                call.id = id.as_str().unwrap_or_default().into_owned();
                delta.insert("id", id);
                changed = true;
            }
            _ => {}
        }
        if found.is_none() && !delta.get("type").is_some_and(filled) {
            delta.insert("type", Value::from("function"));
            changed = true;
        }
        changed
    }

    /// The call a delta continues; `None` if it begins one.
    fn find(&self, hint: &Hint) -> Option<usize> {
        if let Some(id) = &hint.id
            && let Some(at) = self.calls.iter().position(|call| call.id == *id)
        {
            return Some(at);
        }
        match (hint.index, &hint.id) {
            (Some(index), id) => {
                let at = self
                    .calls
                    .iter()
                    .rposition(|call| call.index == Some(index))?;
                // The same index with a new id and a name: an upstream that gives every call the index 0.
                (id.is_none() || !hint.named).then_some(at)
            }
            (None, Some(_)) => None,
            (None, None) => {
                let open = self.calls.get(self.open)?;
                // A name where the open call has its name and arguments: the next of several whole calls.
                (!(hint.named && open.named && open.has_arguments)).then_some(self.open)
            }
        }
    }
}

/// A call of a function needs the function's name; calls of other kinds are not looked into.
fn can_be_made(call: &Value<'_>) -> bool {
    match call.get("function") {
        None => call
            .get("type")
            .is_some_and(|kind| filled(kind) && kind.as_str().as_deref() != Some("function")),
        Some(function) => function.get("name").and_then(Value::as_text).is_some(),
    }
}

/// Mends the calls of a whole message; true if anything changed.
pub(super) fn mend_whole(calls: &mut Vec<Value<'_>>, choice: u64, seed: &Seed) -> bool {
    let before = calls.len();
    calls.retain(can_be_made);
    let mut changed = calls.len() != before;
    for (at, call) in calls
        .iter_mut()
        .filter_map(Value::as_object_mut)
        .enumerate()
    {
        changed |= mend::arguments(call);
        if !call.get("id").is_some_and(filled) {
            call.insert("id", mend::call_id(seed, choice, at));
            changed = true;
        }
        if !call.get("type").is_some_and(filled) {
            call.insert("type", Value::from("function"));
            changed = true;
        }
        // A whole call must have arguments; a client that parses them gets an empty object.
        if let Some(Value::Object(function)) = call.get_mut("function")
            && !function.get("arguments").is_some_and(filled)
        {
            function.insert("arguments", Value::from("{}"));
            changed = true;
        }
    }
    changed
}
