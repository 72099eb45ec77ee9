//! Canonical answers as `GenerateContentResponse`s.

mod candidate;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bytes::Bytes;

use self::candidate::Candidate;
use super::error;
use crate::api::answer::Encode;
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;
use crate::chat::Usage;
use crate::json::{Options, Value, object, parse};

/// Writes one answer. `ARRAY`: a stream is one JSON array that grows, and not server-sent events.
pub(super) struct Encoder<const ARRAY: bool> {
    model: String,
    thoughts: bool,
    id: String,
    candidates: BTreeMap<u64, Candidate>,
    usage: Option<Usage>,
    begun: bool,
}

impl<const ARRAY: bool> Encoder<ARRAY> {
    /// For an answer under this name of the model; `thoughts` are shown or left out.
    pub(super) fn new(model: &str, thoughts: bool) -> Self {
        Self {
            model: model.to_owned(),
            thoughts,
            id: String::new(),
            candidates: BTreeMap::new(),
            usage: None,
            begun: false,
        }
    }

    /// A response of these candidates.
    fn response(&self, candidates: Vec<Value<'static>>) -> Value<'static> {
        let mut response = object([
            ("candidates", Value::Array(candidates)),
            ("modelVersion", self.model.clone().into()),
            ("responseId", self.id.clone().into()),
        ]);
        if let (Some(members), Some(usage)) = (response.as_object_mut(), self.usage) {
            members.insert("usageMetadata", metadata(usage));
        }
        response
    }

    fn send(&mut self, data: &[u8], out: &mut Vec<u8>) {
        if ARRAY {
            out.extend_from_slice(if self.begun { b",\r\n" } else { b"[" });
            out.extend_from_slice(data);
        } else {
            out.extend_from_slice(b"data: ");
            out.extend_from_slice(data);
            out.extend_from_slice(b"\n\n");
        }
        self.begun = true;
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if ARRAY {
            out.extend_from_slice(if self.begun { b"]" } else { b"[]" });
        }
    }

    /// Takes a canonical chunk in; what can be shown at once comes back.
    fn take(&mut self, chunk: &[u8]) -> Option<Value<'static>> {
        let chunk = parse(chunk, &Options::LENIENT).ok()?;
        if let Some(id) = chunk.get("id").and_then(Value::as_str) {
            self.id = id.into_owned();
        }
        if let Some(usage) = chunk.get("usage").and_then(Usage::read) {
            self.usage = Some(usage);
        }
        let mut shown = Vec::new();
        for choice in chunk
            .get("choices")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let index = choice.get("index").and_then(Value::as_u64).unwrap_or(0);
            let candidate = self.candidates.entry(index).or_default();
            candidate.take(choice, self.thoughts);
            if let Some(parts) = candidate.ready() {
                shown.push(candidate::content(index, parts, None));
            }
        }
        (!shown.is_empty()).then(|| self.response(shown))
    }

    /// What is left, with the finish reasons and the usage.
    fn rest(&mut self) -> Value<'static> {
        let candidates = std::mem::take(&mut self.candidates);
        let last = candidates
            .into_iter()
            .map(|(index, candidate)| candidate.finish(index))
            .collect();
        self.response(last)
    }
}

impl<const ARRAY: bool> Encode for Encoder<ARRAY> {
    const DIALECT: Dialect = Dialect::Gemini;
    const MEDIA_TYPE: &'static str = if ARRAY {
        "application/json"
    } else {
        "text/event-stream"
    };

    /// White space in the array, a comment in the events.
    fn keep_alive(&mut self, out: &mut Vec<u8>) {
        if !ARRAY {
            out.extend_from_slice(b": keep-alive\n\n");
        } else if self.begun {
            out.extend_from_slice(b"\r\n");
        } else {
            // White space may stand before the array too.
            out.push(b' ');
        }
    }

    fn chunk(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        if let Some(response) = self.take(chunk) {
            self.send(&response.to_vec(), out);
        }
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        let last = self.rest().to_vec();
        self.send(&last, out);
        self.end(out);
    }

    fn failed(&mut self, problem: &Problem, out: &mut Vec<u8>) {
        self.send(&error::body(problem), out);
        self.end(out);
    }

    fn whole(&mut self, answer: Bytes) -> Bytes {
        let Ok(chunks) = crate::chat::convert::chunks(&answer) else {
            return answer;
        };
        for chunk in &chunks {
            // A whole answer is one response: nothing of it is shown before the end.
            let Ok(chunk) = parse(chunk, &Options::LENIENT) else {
                continue;
            };
            for choice in chunk
                .get("choices")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let index = choice.get("index").and_then(Value::as_u64).unwrap_or(0);
                self.candidates
                    .entry(index)
                    .or_default()
                    .take(choice, self.thoughts);
            }
        }
        if let Ok(answer) = parse(&answer, &Options::LENIENT) {
            self.usage = answer.get("usage").and_then(Usage::read);
            self.id = answer
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .into_owned();
        }
        self.rest().to_vec().into()
    }
}

/// Google counts thoughts beside the answer's tokens, and not among them.
fn metadata(usage: Usage) -> Value<'static> {
    let (input, output) = (usage.input.unwrap_or(0), usage.output.unwrap_or(0));
    let thoughts = usage.reasoning.unwrap_or(0).min(output);
    let mut metadata = object([
        ("promptTokenCount", input.into()),
        ("candidatesTokenCount", (output - thoughts).into()),
        ("totalTokenCount", input.saturating_add(output).into()),
    ]);
    if let Some(members) = metadata.as_object_mut() {
        if thoughts > 0 {
            members.insert("thoughtsTokenCount", Value::from(thoughts));
        }
        if let Some(cached) = usage.cached.filter(|cached| *cached > 0) {
            members.insert("cachedContentTokenCount", Value::from(cached));
        }
    }
    metadata
}
