//! Canonical answers as Ollama's lines.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;

use super::error;
use crate::api::answer::Encode;
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;
use crate::chat::Usage;
use crate::chat::convert::chunks;
use crate::clock::Clock;
use crate::json::{Object, Options, Value, object, parse};

/// Which of the two routes asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `/api/chat`: a `message`.
    Chat,
    /// `/api/generate`: a `response`.
    Generate,
}

/// Writes one answer.
pub(super) struct Encoder {
    shape: Shape,
    model: String,
    thoughts: bool,
    clock: Clock,
    begun_ms: i64,
    first_ms: Option<i64>,
    calls: BTreeMap<u64, Call>,
    finish: String,
    usage: Usage,
}

/// A tool call under way; Ollama has no form for part of one.
#[derive(Debug, Default)]
struct Call {
    id: String,
    name: String,
    arguments: String,
}

/// What a chunk, or a whole answer, says.
#[derive(Debug, Default)]
struct Said {
    content: String,
    thinking: String,
}

impl Encoder {
    /// For an answer under this name of the model; `thoughts` are shown or left out.
    pub(super) fn new(shape: Shape, model: &str, thoughts: bool, clock: &Clock) -> Self {
        Self {
            shape,
            model: model.to_owned(),
            thoughts,
            begun_ms: clock.now_ms(),
            clock: clock.clone(),
            first_ms: None,
            calls: BTreeMap::new(),
            finish: "stop".to_owned(),
            usage: Usage::default(),
        }
    }

    /// The answer to a request that asks nothing.
    pub(super) fn loaded(&mut self) -> Value<'static> {
        let mut line = self.line(Said::default());
        if let Some(members) = line.as_object_mut() {
            members.insert("done", Value::from(true));
            members.insert("done_reason", Value::from("load"));
        }
        line
    }

    /// A line that says this.
    fn line(&mut self, said: Said) -> Value<'static> {
        let at = UNIX_EPOCH + Duration::from_millis(self.clock.now_ms().unsigned_abs());
        let mut line = object([
            ("model", self.model.clone().into()),
            (
                "created_at",
                humantime::format_rfc3339_millis(at).to_string().into(),
            ),
        ]);
        let Some(members) = line.as_object_mut() else {
            return line;
        };
        match self.shape {
            Shape::Chat => {
                let mut message = Object::new();
                message.insert("role", Value::from("assistant"));
                message.insert("content", Value::from(said.content));
                if !said.thinking.is_empty() {
                    message.insert("thinking", Value::from(said.thinking));
                }
                members.insert("message", Value::Object(message));
            }
            Shape::Generate => {
                members.insert("response", Value::from(said.content));
                if !said.thinking.is_empty() {
                    members.insert("thinking", Value::from(said.thinking));
                }
            }
        }
        members.insert("done", Value::from(false));
        line
    }

    /// Takes a canonical chunk in. `None` when there is nothing to show of it.
    fn take(&mut self, chunk: &[u8]) -> Option<Said> {
        let chunk = parse(chunk, &Options::LENIENT).ok()?;
        if let Some(usage) = chunk.get("usage").and_then(Usage::read) {
            self.usage = usage;
        }
        let choice = chunk.pointer("/choices/0")?;
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = if reason == "length" { "length" } else { "stop" }.to_owned();
        }
        let text = |name: &str| {
            let text = choice.get("delta")?.get(name)?.as_str()?;
            (!text.is_empty()).then(|| text.into_owned())
        };
        let said = Said {
            content: text("content")
                .or_else(|| text("refusal"))
                .unwrap_or_default(),
            thinking: text("reasoning_content")
                .filter(|_| self.thoughts)
                .unwrap_or_default(),
        };
        let calls = choice
            .pointer("/delta/tool_calls")
            .and_then(Value::as_array);
        for (place, call) in calls.into_iter().flatten().enumerate() {
            let index = call
                .get("index")
                .and_then(Value::as_u64)
                .unwrap_or(place as u64);
            let under_way = self.calls.entry(index).or_default();
            let text = |pointer: &str| {
                call.pointer(pointer)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            under_way.id.push_str(&text("/id"));
            under_way.name.push_str(&text("/function/name"));
            under_way.arguments.push_str(&text("/function/arguments"));
        }
        if self.first_ms.is_none() {
            self.first_ms = Some(self.clock.now_ms());
        }
        (!said.content.is_empty() || !said.thinking.is_empty()).then_some(said)
    }

    /// The calls, each whole.
    fn calls(&mut self) -> Option<Value<'static>> {
        let calls = std::mem::take(&mut self.calls);
        let list: Vec<_> = calls
            .into_iter()
            .map(|(index, call)| {
                let arguments = parse(call.arguments.as_bytes(), &Options::LENIENT)
                    .ok()
                    .map(Value::into_owned)
                    .filter(|arguments| arguments.as_object().is_some())
                    .unwrap_or_else(|| Value::Object(Object::new()));
                let function = object([
                    ("index", index.into()),
                    ("name", call.name.into()),
                    ("arguments", arguments),
                ]);
                // Older clients drop it; what they send back is matched by order and name.
                object([("id", call.id.into()), ("function", function)])
            })
            .collect();
        (!list.is_empty()).then_some(Value::Array(list))
    }

    /// The last line, with what it took.
    fn last(&mut self, said: Said) -> Value<'static> {
        let calls = self.calls();
        let mut line = self.line(said);
        let now_ms = self.clock.now_ms();
        let first_ms = self.first_ms.unwrap_or(now_ms);
        let nanos = |ms: i64| Value::from(u64::try_from(ms).unwrap_or(0).saturating_mul(1_000_000));
        let Some(members) = line.as_object_mut() else {
            return line;
        };
        if let Some(calls) = calls {
            match members.get_mut("message").and_then(Value::as_object_mut) {
                Some(message) => drop(message.insert("tool_calls", calls)),
                None => drop(members.insert("tool_calls", calls)),
            }
        }
        members.insert("done", Value::from(true));
        members.insert("done_reason", Value::from(self.finish.clone()));
        members.insert("total_duration", nanos(now_ms - self.begun_ms));
        members.insert("load_duration", Value::from(0_u64));
        members.insert(
            "prompt_eval_count",
            Value::from(self.usage.input.unwrap_or(0)),
        );
        members.insert("prompt_eval_duration", nanos(first_ms - self.begun_ms));
        members.insert("eval_count", Value::from(self.usage.output.unwrap_or(0)));
        members.insert("eval_duration", nanos(now_ms - first_ms));
        line
    }
}

impl Encode for Encoder {
    const DIALECT: Dialect = Dialect::Ollama;
    const MEDIA_TYPE: &'static str = "application/x-ndjson";

    /// An answer that says nothing yet: clients read it as any other, and some of them take no blank line.
    fn keep_alive(&mut self, out: &mut Vec<u8>) {
        put(&self.line(Said::default()), out);
    }

    fn chunk(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        if let Some(said) = self.take(chunk) {
            put(&self.line(said), out);
        }
    }

    /// Calls stand in a line of their own before the last one, where clients look for them.
    fn done(&mut self, out: &mut Vec<u8>) {
        if self.shape == Shape::Chat
            && let Some(calls) = self.calls()
        {
            let mut line = self.line(Said::default());
            if let Some(message) = line.get_mut("message").and_then(Value::as_object_mut) {
                message.insert("tool_calls", calls);
            }
            put(&line, out);
        }
        put(&self.last(Said::default()), out);
    }

    fn failed(&mut self, problem: &Problem, out: &mut Vec<u8>) {
        out.extend_from_slice(&error::body(problem));
        out.push(b'\n');
    }

    fn whole(&mut self, answer: Bytes) -> Bytes {
        let mut all = Said::default();
        for chunk in chunks(&answer).unwrap_or_default() {
            if let Some(said) = self.take(&chunk) {
                all.content.push_str(&said.content);
                all.thinking.push_str(&said.thinking);
            }
        }
        let usage = parse(&answer, &Options::LENIENT).ok();
        self.usage = usage
            .and_then(|answer| Usage::read(answer.get("usage")?))
            .unwrap_or_default();
        self.last(all).to_vec().into()
    }
}

fn put(line: &Value<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(&line.to_vec());
    out.push(b'\n');
}
