//! A reasoning item.

use super::Place;
use super::wire::Wire;
use crate::json::{Value, object};

/// Reasoning under way.
pub(super) struct Thought {
    /// Empty until it was sent that it is there.
    id: String,
    text: String,
    /// Bytes of `text` that went out.
    sent: usize,
}

/// What its events are called, and what they call its place.
struct Words {
    part_added: &'static str,
    delta: &'static str,
    text_done: &'static str,
    part_done: &'static str,
    place: &'static str,
    part: &'static str,
}

const SUMMARY: Words = Words {
    part_added: "response.reasoning_summary_part.added",
    delta: "response.reasoning_summary_text.delta",
    text_done: "response.reasoning_summary_text.done",
    part_done: "response.reasoning_summary_part.done",
    place: "summary_index",
    part: "summary_text",
};

const CONTENT: Words = Words {
    part_added: "response.content_part.added",
    delta: "response.reasoning_text.delta",
    text_done: "response.reasoning_text.done",
    part_done: "response.content_part.done",
    place: "content_index",
    part: "reasoning_text",
};

impl Thought {
    pub(super) fn new(text: &str) -> Self {
        Self {
            id: String::new(),
            text: text.to_owned(),
            sent: 0,
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn begin(&mut self, place: &Place<'_>, wire: &mut Wire) {
        if !self.id.is_empty() {
            return;
        }
        self.id = place.id("rs");
        place.added(self.item(place, None), wire);
        let words = words(place);
        self.tell(words.part_added, ("part", part(words, "")), place, wire);
    }

    pub(super) fn send(&mut self, place: &Place<'_>, wire: &mut Wire) {
        let news = self.text.get(self.sent..).unwrap_or_default();
        if !news.is_empty() {
            self.tell(
                words(place).delta,
                ("delta", Value::from(news)),
                place,
                wire,
            );
            self.sent = self.text.len();
        }
    }

    pub(super) fn end(&mut self, place: &Place<'_>, wire: &mut Wire) -> Value<'static> {
        let words = words(place);
        self.tell(
            words.text_done,
            ("text", Value::from(&*self.text)),
            place,
            wire,
        );
        self.tell(
            words.part_done,
            ("part", part(words, &self.text)),
            place,
            wire,
        );
        let item = self.item(place, Some(&self.text));
        self.text = String::new();
        item
    }

    fn tell(
        &self,
        kind: &'static str,
        what: (&'static str, Value<'_>),
        place: &Place<'_>,
        wire: &mut Wire,
    ) {
        let members = [
            ("item_id", Value::from(&*self.id)),
            ("output_index", Value::from(place.index)),
            (words(place).place, Value::from(0_u64)),
            what,
        ];
        wire.send(kind, members);
    }

    /// The item; without its text until that is whole.
    fn item(&self, place: &Place<'_>, text: Option<&str>) -> Value<'static> {
        let parts: Vec<_> = text
            .map(|text| part(words(place), text))
            .into_iter()
            .collect();
        let (summary, content) = if place.plan.summary {
            (parts, None)
        } else {
            (Vec::new(), Some(parts))
        };
        let mut item = object([
            ("id", Value::from(self.id.clone())),
            ("type", "reasoning".into()),
            ("summary", Value::Array(summary)),
        ]);
        if let Some(members) = item.as_object_mut() {
            if let Some(content) = content {
                members.insert("content", Value::Array(content));
            }
            if let (true, Some(sealer)) = (place.plan.encrypted, place.sealer) {
                let sealed = text.map(|text| Value::from(sealer.seal(text)));
                members.insert("encrypted_content", sealed.unwrap_or(Value::Null));
            }
        }
        item
    }
}

fn words(place: &Place<'_>) -> &'static Words {
    if place.plan.summary {
        &SUMMARY
    } else {
        &CONTENT
    }
}

fn part(words: &Words, text: &str) -> Value<'static> {
    object([
        ("type", Value::from(words.part)),
        ("text", Value::from(text.to_owned())),
    ])
}
