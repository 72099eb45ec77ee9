//! Canonical chunks become output items and events: the state machine of a Responses stream.
//!
//! A chunk says what came; an item is what it belongs to. Items are sent one after the other, as OpenAI does: only the
//! first that is not done is *live* and sends what comes; those behind it gather. An item is done when another has begun
//! behind it, a call only when its arguments are whole as well, since calls may come interleaved; and all are when
//! the stream ends. A whole answer goes through the same machine with its events left out, so that it says the same.

mod call;
mod message;
mod thought;
mod wire;

use super::items::Status;
use super::reasoning::Sealer;
use super::tools::Names;
use crate::chat::Usage;
use crate::json::{Object, Value, object};
use call::Call;
use message::Message;
use thought::Thought;
use wire::Wire;

/// What the machine knows of the request.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// The response object before anything has come.
    pub(super) template: Object<'static>,
    /// Its id.
    pub(super) id: String,
    /// What functions stand for.
    pub(super) names: Names,
    /// Reasoning is sent as a summary; otherwise as the text that it is.
    pub(super) summary: bool,
    /// Reasoning is also sent sealed, so that a later request can bring it back.
    pub(super) encrypted: bool,
}

/// See the module.
pub(super) struct Machine {
    plan: Plan,
    sealer: Option<Sealer>,
    wire: Wire,
    begun: bool,
    ended: bool,
    items: Vec<Item>,
    /// The first item that is not done.
    live: usize,
    /// The items that are done.
    output: Vec<Value<'static>>,
    finish: Finish,
    usage: Usage,
}

/// Why the answer ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Finish {
    #[default]
    Whole,
    Length,
    Filtered,
}

enum Item {
    Thought(Thought),
    Message(Message),
    Call(Call),
}

/// Where an item is in the answer.
struct Place<'p> {
    plan: &'p Plan,
    sealer: Option<&'p Sealer>,
    /// Its `output_index`.
    index: u64,
}

impl Machine {
    pub(super) fn new(plan: Plan, sealer: Option<Sealer>) -> Self {
        Self {
            plan,
            sealer,
            wire: Wire::default(),
            begun: false,
            ended: false,
            items: Vec::new(),
            live: 0,
            output: Vec::new(),
            finish: Finish::default(),
            usage: Usage::default(),
        }
    }

    /// Sends no events.
    pub(super) fn mute(&mut self) {
        self.wire.mute();
    }

    /// The events since it was last asked, framed.
    pub(super) fn take(&mut self, out: &mut Vec<u8>) {
        self.wire.take(out);
    }

    /// Takes a chunk, or a whole answer.
    pub(super) fn push(&mut self, chunk: &Value<'_>) {
        if self.ended {
            return;
        }
        if let Some(usage) = chunk.get("usage").and_then(Usage::read) {
            self.usage = usage;
        }
        self.begin(chunk.get("model"));
        let choices = chunk
            .get("choices")
            .and_then(Value::as_array)
            .unwrap_or_default();
        // There is one choice only; should an upstream give more, the others are not asked for.
        let first = |choice: &&Value<'_>| {
            choice
                .get("index")
                .is_none_or(|index| index.as_u64() == Some(0))
        };
        if let Some(choice) = choices.iter().find(first) {
            self.choice(choice);
        }
        self.advance(false);
    }

    /// The answer is whole: closes what is open. The response object.
    pub(super) fn end(&mut self, now_s: u64) -> Value<'static> {
        if !self.ended {
            self.begin(None);
            self.advance(true);
        }
        let (event, status, cut) = match self.finish {
            Finish::Whole => ("response.completed", "completed", None),
            Finish::Length => (
                "response.incomplete",
                "incomplete",
                Some("max_output_tokens"),
            ),
            Finish::Filtered => ("response.incomplete", "incomplete", Some("content_filter")),
        };
        let mut response = self.response(status);
        match cut {
            None => response.insert("completed_at", Value::from(now_s)),
            Some(word) => {
                let reason = object([("reason", Value::from(word))]);
                response.insert("incomplete_details", reason)
            }
        };
        response.insert("usage", usage(self.usage));
        let response = Value::Object(response);
        self.last(event, &response);
        response
    }

    /// The answer ends in an error. What is open stays so: a call that is not whole must not look as if it were.
    pub(super) fn fail(&mut self, code: &str, message: &str) {
        self.begin(None);
        let mut response = self.response("failed");
        response.insert(
            "error",
            object([
                ("code", Value::from(code.to_owned())),
                ("message", Value::from(message.to_owned())),
            ]),
        );
        self.last("response.failed", &Value::Object(response));
    }

    fn begin(&mut self, model: Option<&Value<'_>>) {
        if self.begun {
            return;
        }
        self.begun = true;
        if let Some(model @ Value::String(_)) = model {
            self.plan
                .template
                .insert("model", model.clone().into_owned());
        }
        let response = Value::Object(self.plan.template.clone());
        for event in ["response.created", "response.in_progress"] {
            self.wire.send(event, [("response", response.clone())]);
        }
    }

    fn last(&mut self, event: &'static str, response: &Value<'static>) {
        if !self.ended {
            self.wire.send(event, [("response", response.clone())]);
        }
        self.ended = true;
    }

    fn response(&self, status: &'static str) -> Object<'static> {
        let mut response = self.plan.template.clone();
        response.insert("status", Value::from(status));
        response.insert("output", Value::Array(self.output.clone()));
        response
    }

    fn choice(&mut self, choice: &Value<'_>) {
        if let Some(delta) = choice.get("delta").or_else(|| choice.get("message")) {
            let logprobs = choice
                .pointer("/logprobs/content")
                .and_then(Value::as_array);
            self.delta(delta, logprobs.unwrap_or_default());
        }
        match choice
            .get("finish_reason")
            .and_then(Value::as_str)
            .as_deref()
        {
            Some("length") => self.finish = Finish::Length,
            Some("content_filter") => self.finish = Finish::Filtered,
            _ => {}
        }
    }

    /// Sorts what came into items; sends nothing.
    fn delta(&mut self, delta: &Value<'_>, logprobs: &[Value<'_>]) {
        let text = |name: &str| {
            delta
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        if let Some(text) = text("reasoning_content") {
            match self.open() {
                Some(Item::Thought(thought)) => thought.push(&text),
                _ => self.items.push(Item::Thought(Thought::new(&text))),
            }
        }
        for (name, refusal) in [("content", false), ("refusal", true)] {
            if let Some(text) = text(name) {
                let logprobs = if refusal { &[] } else { logprobs };
                self.message().push(refusal, &text, logprobs);
            }
        }
        let annotations = delta
            .get("annotations")
            .and_then(Value::as_array)
            .unwrap_or_default();
        if let (false, Some(Item::Message(message))) = (annotations.is_empty(), self.open()) {
            message.annotate(annotations);
        }
        let calls = delta
            .get("tool_calls")
            .and_then(Value::as_array)
            .unwrap_or_default();
        for (place, call) in (0..).zip(calls) {
            // A whole answer's calls have no index.
            let index = call.get("index").and_then(Value::as_u64).unwrap_or(place);
            self.call(index, call);
        }
    }

    /// The last item, if more can be added to it.
    fn open(&mut self) -> Option<&mut Item> {
        self.items.get_mut(self.live..)?.last_mut()
    }

    fn message(&mut self) -> &mut Message {
        if !matches!(self.open(), Some(Item::Message(_))) {
            self.items.push(Item::Message(Message::default()));
        }
        match self.items.last_mut() {
            Some(Item::Message(message)) => message,
            _ => unreachable!("a message was pushed"),
        }
    }

    fn call(&mut self, index: u64, delta: &Value<'_>) {
        let known = |item: &Item| matches!(item, Item::Call(call) if call.index == index);
        match self.items.iter().position(known) {
            // What comes after the last bracket says nothing any more.
            Some(at) if at < self.live => {}
            Some(at) => {
                if let Some(Item::Call(call)) = self.items.get_mut(at) {
                    call.push(delta);
                }
            }
            None => {
                let mut call = Call::new(index);
                call.push(delta);
                self.items.push(Item::Call(call));
            }
        }
    }

    /// Sends what can be sent. `last`: nothing more will come.
    fn advance(&mut self, last: bool) {
        loop {
            let behind = self.items.len() > self.live + 1;
            let Some(item) = self.items.get_mut(self.live) else {
                return;
            };
            let place = Place {
                plan: &self.plan,
                sealer: self.sealer.as_ref(),
                index: self.output.len() as u64,
            };
            if item.begin(behind || last, &place, &mut self.wire) {
                item.send(&place, &mut self.wire);
            } else if !last {
                return;
            } else {
                // A call that was never named is none.
                self.live += 1;
                continue;
            }
            if !(last || behind && item.is_whole()) {
                return;
            }
            let cut = last && self.finish != Finish::Whole && !(behind && item.is_whole());
            let status = if cut {
                Status::Incomplete
            } else {
                Status::Completed
            };
            let done = item.end(status, &place, &mut self.wire);
            self.output.push(done);
            self.live += 1;
        }
    }
}

impl Item {
    /// Sends that it is there, once there is enough to tell; whether it has. `over`: something is behind it.
    fn begin(&mut self, over: bool, place: &Place<'_>, wire: &mut Wire) -> bool {
        match self {
            Self::Thought(thought) => thought.begin(place, wire),
            Self::Message(message) => message.begin(place, wire),
            Self::Call(call) => return call.begin(over, place, wire),
        }
        true
    }

    /// Sends what came since.
    fn send(&mut self, place: &Place<'_>, wire: &mut Wire) {
        match self {
            Self::Thought(thought) => thought.send(place, wire),
            Self::Message(message) => message.send(place, wire),
            Self::Call(call) => call.send(place, wire),
        }
    }

    /// Whether nothing more belongs to it once another has begun.
    fn is_whole(&self) -> bool {
        match self {
            Self::Thought(_) | Self::Message(_) => true,
            Self::Call(call) => call.is_whole(),
        }
    }

    /// Sends its end; the whole item.
    fn end(&mut self, status: Status, place: &Place<'_>, wire: &mut Wire) -> Value<'static> {
        let item = match self {
            Self::Thought(thought) => thought.end(place, wire),
            Self::Message(message) => message.end(status, place, wire),
            Self::Call(call) => call.end(status, place, wire),
        };
        place.done(&item, wire);
        item
    }
}

impl Place<'_> {
    fn id(&self, prefix: &str) -> String {
        super::items::id(prefix, &self.plan.id, self.index)
    }

    fn added(&self, item: Value<'_>, wire: &mut Wire) {
        let index = ("output_index", Value::from(self.index));
        wire.send("response.output_item.added", [index, ("item", item)]);
    }

    fn done(&self, item: &Value<'_>, wire: &mut Wire) {
        let index = ("output_index", Value::from(self.index));
        wire.send("response.output_item.done", [index, ("item", item.clone())]);
    }
}

fn usage(usage: Usage) -> Value<'static> {
    let (input, output) = (usage.input.unwrap_or(0), usage.output.unwrap_or(0));
    let cached = [
        ("cached_tokens", Value::from(usage.cached.unwrap_or(0))),
        ("cache_write_tokens", Value::from(0_u64)),
    ];
    let reasoning = [(
        "reasoning_tokens",
        Value::from(usage.reasoning.unwrap_or(0)),
    )];
    object([
        ("input_tokens", input.into()),
        ("input_tokens_details", object(cached)),
        ("output_tokens", output.into()),
        ("output_tokens_details", object(reasoning)),
        ("total_tokens", input.saturating_add(output).into()),
    ])
}
