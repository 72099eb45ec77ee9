//! A message item: text, and a refusal.

use super::super::items::{self, Status};
use super::Place;
use super::wire::Wire;
use crate::json::{Value, object};

/// A message under way.
#[derive(Default)]
pub(super) struct Message {
    /// Empty until it was sent that it is there.
    id: String,
    parts: Vec<Part>,
    /// The first part that is not done.
    live: usize,
}

#[derive(Default)]
struct Part {
    refusal: bool,
    begun: bool,
    text: String,
    /// Bytes of `text` that went out.
    sent: usize,
    logprobs: Vec<Value<'static>>,
    logprobs_sent: usize,
    annotations: Vec<Value<'static>>,
    annotations_sent: usize,
}

impl Message {
    pub(super) fn push(&mut self, refusal: bool, text: &str, logprobs: &[Value<'_>]) {
        if self.parts.last().is_none_or(|part| part.refusal != refusal) {
            self.parts.push(Part {
                refusal,
                ..Part::default()
            });
        }
        if let Some(part) = self.parts.last_mut() {
            part.text.push_str(text);
            part.logprobs
                .extend(logprobs.iter().cloned().map(Value::into_owned));
        }
    }

    /// Sources, in the form of chat: `{"type": "url_citation", "url_citation": {…}}`.
    pub(super) fn annotate(&mut self, annotations: &[Value<'_>]) {
        let Some(part) = self.parts.last_mut().filter(|part| !part.refusal) else {
            return;
        };
        for annotation in annotations {
            let Some(Value::Object(citation)) = annotation.get("url_citation") else {
                continue;
            };
            let or = |name: &str, other: Value<'static>| {
                citation.get(name).cloned().map_or(other, Value::into_owned)
            };
            part.annotations.push(object([
                ("type", "url_citation".into()),
                ("start_index", or("start_index", Value::from(0_u64))),
                ("end_index", or("end_index", Value::from(0_u64))),
                ("url", or("url", Value::from(""))),
                ("title", or("title", Value::from(""))),
            ]));
        }
    }

    pub(super) fn begin(&mut self, place: &Place<'_>, wire: &mut Wire) {
        if self.id.is_empty() {
            self.id = place.id("msg");
            let item = items::message(&self.id, Status::InProgress, Vec::new());
            place.added(item, wire);
        }
    }

    pub(super) fn send(&mut self, place: &Place<'_>, wire: &mut Wire) {
        loop {
            let behind = self.parts.len() > self.live + 1;
            let Some(part) = self.parts.get_mut(self.live) else {
                return;
            };
            let place = PartPlace {
                item: &self.id,
                output_index: place.index,
                content_index: self.live as u64,
            };
            part.send(&place, wire);
            if !behind {
                return;
            }
            part.end(&place, wire);
            self.live += 1;
        }
    }

    pub(super) fn end(
        &mut self,
        status: Status,
        place: &Place<'_>,
        wire: &mut Wire,
    ) -> Value<'static> {
        if let Some(part) = self.parts.get_mut(self.live) {
            let place = PartPlace {
                item: &self.id,
                output_index: place.index,
                content_index: self.live as u64,
            };
            part.end(&place, wire);
        }
        let content = self.parts.drain(..).map(|part| part.value(true)).collect();
        items::message(&self.id, status, content)
    }
}

/// Where a part is in the answer.
struct PartPlace<'p> {
    item: &'p str,
    output_index: u64,
    content_index: u64,
}

impl PartPlace<'_> {
    fn tell<const N: usize>(
        &self,
        kind: &'static str,
        what: [(&'static str, Value<'_>); N],
        wire: &mut Wire,
    ) {
        wire.send_at(
            kind,
            [
                ("item_id", Value::from(self.item)),
                ("output_index", Value::from(self.output_index)),
                ("content_index", Value::from(self.content_index)),
            ],
            what,
        );
    }
}

impl Part {
    fn send(&mut self, place: &PartPlace<'_>, wire: &mut Wire) {
        if !self.begun {
            self.begun = true;
            let empty = self.value(false);
            place.tell("response.content_part.added", [("part", empty)], wire);
        }
        let news = self.text.get(self.sent..).unwrap_or_default();
        if !news.is_empty() {
            let delta = ("delta", Value::from(news));
            if self.refusal {
                place.tell("response.refusal.delta", [delta], wire);
            } else {
                let logprobs = self.logprobs.get(self.logprobs_sent..).unwrap_or_default();
                let logprobs = ("logprobs", Value::Array(logprobs.to_vec()));
                place.tell("response.output_text.delta", [delta, logprobs], wire);
            }
            self.sent = self.text.len();
            self.logprobs_sent = self.logprobs.len();
        }
        for (number, annotation) in (0_u64..).zip(&self.annotations).skip(self.annotations_sent) {
            let what = [
                ("annotation_index", Value::from(number)),
                ("annotation", annotation.clone()),
            ];
            place.tell("response.output_text.annotation.added", what, wire);
        }
        self.annotations_sent = self.annotations.len();
    }

    fn end(&self, place: &PartPlace<'_>, wire: &mut Wire) {
        let text = Value::from(&*self.text);
        if self.refusal {
            place.tell("response.refusal.done", [("refusal", text)], wire);
        } else {
            let logprobs = ("logprobs", Value::Array(self.logprobs.clone()));
            place.tell(
                "response.output_text.done",
                [("text", text), logprobs],
                wire,
            );
        }
        let part = self.value(true);
        place.tell("response.content_part.done", [("part", part)], wire);
    }

    /// The part; without what it says until that is whole.
    fn value(&self, whole: bool) -> Value<'static> {
        let text = if whole {
            self.text.clone()
        } else {
            String::new()
        };
        if self.refusal {
            return object([("type", "refusal".into()), ("refusal", Value::from(text))]);
        }
        let list =
            |list: &[Value<'static>]| Value::Array(if whole { list.to_vec() } else { Vec::new() });
        object([
            ("type", "output_text".into()),
            ("annotations", list(&self.annotations)),
            ("logprobs", list(&self.logprobs)),
            ("text", Value::from(text)),
        ])
    }
}
