//! A message as it comes: a state machine from canonical chunks to events.
//!
//! Blocks follow one another and never overlap, and every block that begins ends. The calls of a canonical stream may
//! come in any order, so one block at a time is open, and what belongs to later ones waits. What is said after a call
//! has begun waits for the end of all calls.

mod calls;

use crate::chat::Usage;
use crate::json::{Object, Options, Text, Value, object, parse};

use super::event::{self, Kind, delta, event, message_id};
use super::request::Manner;
use super::stop::{Cutter, Ending};
use super::usage;
use calls::Calls;

/// One message.
pub(super) struct Stream {
    manner: Manner,
    /// The `message_start` is out.
    begun: bool,
    /// How many blocks have begun.
    blocks: u64,
    /// What the block that is open holds; it is the last that began.
    open: Option<Kind>,
    calls: Calls,
    /// Any block called a tool.
    called: bool,
    /// What was said after a call had begun.
    late: Late,
    ending: Ending,
    cutter: Cutter,
    usage: Option<Usage>,
}

#[derive(Default)]
struct Late {
    thinking: Option<Text<'static>>,
    text: Option<Text<'static>>,
}

impl Stream {
    /// Of a message that has not begun.
    pub(super) fn new(manner: Manner) -> Self {
        Self {
            manner,
            begun: false,
            blocks: 0,
            open: None,
            calls: Calls::default(),
            called: false,
            late: Late::default(),
            ending: Ending::default(),
            cutter: Cutter::default(),
            usage: None,
        }
    }

    /// What the answer must be like.
    pub(super) fn manner(&self) -> &Manner {
        &self.manner
    }

    /// One canonical chunk.
    pub(super) fn chunk(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        // The gateway has read it before.
        let Ok(chunk) = parse(chunk, &Options::LENIENT) else {
            return;
        };
        self.begin(&chunk, out);
        if let Some(usage) = chunk.get("usage").and_then(Usage::read) {
            self.usage = Some(usage);
        }
        let choices = chunk.get("choices").and_then(Value::as_array);
        for choice in choices.into_iter().flatten().filter_map(Value::as_object) {
            // There is one message, whatever a provider sends.
            if choice.get("index").and_then(Value::as_u64).unwrap_or(0) != 0 {
                continue;
            }
            if let Some(delta) = choice.get("delta").and_then(Value::as_object) {
                self.delta(delta, out);
            }
            if self.cutter.hit().is_none() {
                self.ending.read(choice, &self.manner.stops);
            }
        }
    }

    /// The end of a good answer.
    pub(super) fn done(&mut self, out: &mut Vec<u8>) {
        self.begin(&Value::Null, out);
        self.end_of_text(out);
        self.flush_calls(out);
        let late = std::mem::take(&mut self.late);
        for (kind, piece) in [(Kind::Thinking, late.thinking), (Kind::Text, late.text)] {
            if let Some(piece) = piece {
                self.say(kind, &piece, out);
            }
        }
        self.close(out);
        let (reason, sequence) = self.ending.reason(self.called);
        let usage = self.usage.unwrap_or_default().or(self.estimate());
        event(
            "message_delta",
            &object([
                ("type", Value::from("message_delta")),
                (
                    "delta",
                    object([
                        ("stop_reason", Value::from(reason.word())),
                        ("stop_sequence", sequence.map_or(Value::Null, Value::from)),
                    ]),
                ),
                ("usage", usage::value(usage)),
            ]),
            out,
        );
        event(
            "message_stop",
            &object([("type", Value::from("message_stop"))]),
            out,
        );
    }

    fn estimate(&self) -> Usage {
        Usage {
            input: Some(self.manner.input_tokens),
            ..Usage::default()
        }
    }

    fn begin(&mut self, chunk: &Value<'_>, out: &mut Vec<u8>) {
        if self.begun {
            return;
        }
        self.begun = true;
        let id = chunk.get("id").and_then(Value::as_str);
        let message = object([
            ("id", Value::from(message_id(id.as_deref()))),
            ("type", Value::from("message")),
            ("role", Value::from("assistant")),
            ("model", Value::from(self.manner.model.as_str())),
            ("content", Value::Array(Vec::new())),
            ("stop_reason", Value::Null),
            ("stop_sequence", Value::Null),
            ("usage", usage::value(self.estimate())),
        ]);
        event(
            "message_start",
            &object([("type", Value::from("message_start")), ("message", message)]),
            out,
        );
        event::ping(out);
    }

    fn delta(&mut self, delta: &Object<'_>, out: &mut Vec<u8>) {
        let text = |name: &str| {
            let text = delta.get(name).and_then(Value::as_text);
            text.filter(|text| !text.is_empty())
        };
        if self.cutter.hit().is_some() {
            return;
        }
        if let Some(thought) = text("reasoning_content").filter(|_| self.manner.thinking) {
            self.say(Kind::Thinking, thought, out);
        }
        if let Some(said) = text("content") {
            self.text(said, out);
        }
        if let Some(said) = text("refusal") {
            self.ending.refuse();
            self.text(said, out);
        }
        let calls = delta.get("tool_calls").and_then(Value::as_array);
        for call in calls.into_iter().flatten().filter_map(Value::as_object) {
            if self.cutter.hit().is_some() {
                return;
            }
            self.end_of_text(out);
            self.calls.push(call);
            self.advance(out);
        }
    }

    /// Text, up to where it must end.
    fn text(&mut self, said: &Text<'_>, out: &mut Vec<u8>) {
        if self.manner.stops.kept.is_empty() {
            return self.say(Kind::Text, said, out);
        }
        let said = self.cutter.push(&self.manner.stops.kept, &said.text());
        self.say(Kind::Text, &Text::from(said.as_str()), out);
        if let Some(sequence) = self.cutter.hit() {
            self.ending.cut(sequence);
        }
    }

    /// What was held back is no end after all.
    fn end_of_text(&mut self, out: &mut Vec<u8>) {
        let held = self.cutter.finish();
        self.say(Kind::Text, &Text::from(held.as_str()), out);
    }

    /// A piece of a thought or text.
    fn say(&mut self, kind: Kind, piece: &Text<'_>, out: &mut Vec<u8>) {
        if piece.is_empty() {
            return;
        }
        if self.calls.wait() {
            let late = match kind {
                Kind::Thinking => &mut self.late.thinking,
                _ => &mut self.late.text,
            };
            match late {
                Some(before) => before.push(piece),
                None => *late = Some(piece.clone().into_owned()),
            }
            return;
        }
        if self.open != Some(kind) {
            let block = match kind {
                Kind::Thinking => object([
                    ("type", "thinking".into()),
                    ("thinking", "".into()),
                    ("signature", "".into()),
                ]),
                _ => object([("type", "text".into()), ("text", "".into())]),
            };
            self.open(kind, block, out);
        }
        delta(self.blocks - 1, kind, piece, out);
    }

    /// Writes what can be written of calls: the first that is not whole, piece by piece.
    fn advance(&mut self, out: &mut Vec<u8>) {
        while let Some(step) = self.calls.next() {
            self.call_step(step, out);
        }
    }

    /// The end of the answer: all calls are as whole as they will be.
    fn flush_calls(&mut self, out: &mut Vec<u8>) {
        while let Some(step) = self.calls.flush() {
            self.call_step(step, out);
        }
    }

    fn call_step(&mut self, step: calls::Step, out: &mut Vec<u8>) {
        match step {
            calls::Step::Begin { id, name } => {
                self.called = true;
                let name = self.manner.names.raise(&name).to_owned();
                let block = object([
                    ("type", Value::from("tool_use")),
                    ("id", Value::from(id)),
                    ("name", Value::from(name)),
                    ("input", Value::Object(Object::new())),
                ]);
                self.open(Kind::Tool, block, out);
            }
            calls::Step::Piece(piece) => delta(self.blocks - 1, Kind::Tool, &piece, out),
            calls::Step::End => self.close(out),
        }
    }

    fn open(&mut self, kind: Kind, block: Value<'_>, out: &mut Vec<u8>) {
        self.close(out);
        event(
            "content_block_start",
            &object([
                ("type", Value::from("content_block_start")),
                ("index", Value::from(self.blocks)),
                ("content_block", block),
            ]),
            out,
        );
        self.open = Some(kind);
        self.blocks += 1;
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        let Some(kind) = self.open.take() else {
            return;
        };
        let index = self.blocks - 1;
        if kind == Kind::Thinking {
            event::signature(index, out);
        }
        event::stop(index, out);
    }
}
