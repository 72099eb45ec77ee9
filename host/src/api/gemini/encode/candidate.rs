//! One candidate of an answer that comes in pieces. Text is shown as it comes; a function call only when it is whole,
//! since Google has no form for part of one.

use std::collections::BTreeMap;

use crate::json::{Object, Options, Value, object, parse};

#[derive(Debug, Default)]
pub(super) struct Candidate {
    /// Parts that have not been shown.
    parts: Vec<Value<'static>>,
    /// Calls under way, by index.
    calls: BTreeMap<u64, Call>,
    finish: Option<String>,
}

#[derive(Debug, Default)]
struct Call {
    id: String,
    name: String,
    arguments: String,
    signature: Option<String>,
}

impl Candidate {
    /// Takes a chunk's choice in.
    pub(super) fn take(&mut self, choice: &Value<'_>, thoughts: bool) {
        let Some(delta) = choice.get("delta").and_then(Value::as_object) else {
            return;
        };
        let said = |name: &str| {
            let text = delta.get(name)?.as_str()?;
            (!text.is_empty()).then(|| text.into_owned())
        };
        if let Some(thought) = said("reasoning_content").filter(|_| thoughts) {
            let part = object([("text", thought.into()), ("thought", true.into())]);
            self.parts.push(part);
        }
        for name in ["content", "refusal"] {
            if let Some(text) = said(name) {
                self.flush();
                self.parts.push(object([("text", text.into())]));
            }
        }
        let calls = delta.get("tool_calls").and_then(Value::as_array);
        for (place, call) in calls.into_iter().flatten().enumerate() {
            let index = call.get("index").and_then(Value::as_u64);
            self.calls
                .entry(index.unwrap_or(place as u64))
                .or_default()
                .take(call);
        }
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(reason.into_owned());
        }
    }

    /// The parts that can be shown, if there are any.
    pub(super) fn ready(&mut self) -> Option<Vec<Value<'static>>> {
        (!self.parts.is_empty()).then(|| std::mem::take(&mut self.parts))
    }

    /// What is left, with the reason why it is the end.
    pub(super) fn finish(mut self, index: u64) -> Value<'static> {
        self.flush();
        let reason = match self.finish.as_deref() {
            Some("length") => "MAX_TOKENS",
            Some("content_filter") => "SAFETY",
            _ => "STOP",
        };
        content(index, self.parts, Some(reason))
    }

    fn flush(&mut self) {
        let calls = std::mem::take(&mut self.calls);
        self.parts.extend(calls.into_values().map(Call::part));
    }
}

impl Call {
    fn take(&mut self, call: &Value<'_>) {
        let text = |pointer: &str| call.pointer(pointer).and_then(Value::as_str);
        if let Some(id) = text("/id").filter(|id| !id.is_empty()) {
            self.id = id.into_owned();
        }
        if let Some(name) = text("/function/name") {
            self.name.push_str(&name);
        }
        if let Some(arguments) = text("/function/arguments") {
            self.arguments.push_str(&arguments);
        }
        if let Some(signature) = text("/extra_content/google/thought_signature") {
            self.signature = Some(signature.into_owned());
        }
    }

    fn part(self) -> Value<'static> {
        // What is no object cannot be `args`; a model that wrote none meant none.
        let args = parse(self.arguments.as_bytes(), &Options::LENIENT)
            .ok()
            .map(Value::into_owned)
            .filter(|args| args.as_object().is_some())
            .unwrap_or_else(|| Value::Object(Object::new()));
        let call = object([
            ("id", self.id.into()),
            ("name", self.name.into()),
            ("args", args),
        ]);
        let mut part = object([("functionCall", call)]);
        if let (Some(members), Some(signature)) = (part.as_object_mut(), self.signature) {
            members.insert("thoughtSignature", Value::from(signature));
        }
        part
    }
}

/// A candidate of a response.
pub(super) fn content(
    index: u64,
    parts: Vec<Value<'static>>,
    reason: Option<&'static str>,
) -> Value<'static> {
    let content = object([("parts", Value::Array(parts)), ("role", "model".into())]);
    let mut candidate = object([("content", content), ("index", index.into())]);
    if let (Some(members), Some(reason)) = (candidate.as_object_mut(), reason) {
        members.insert("finishReason", Value::from(reason));
    }
    candidate
}
