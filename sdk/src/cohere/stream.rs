//! Events of a stream become chunks. Cohere ends with `message-end`; a `[DONE]` may follow.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::answer::note;
use super::classify::failure_of;
use super::reply::{Block, Called, Counts, annotation, finish};
use crate::{Call, Decoder, Delta, End, Event, Head, Piece, failure};

/// Reads a stream of `POST /v2/chat`.
#[must_use]
pub fn decoder(call: &Call, head: &Head) -> Box<dyn Decoder> {
    Box::new(Stream {
        call: call.clone(),
        head: head.clone(),
        id: call.id.clone(),
        begun: false,
        plan: String::new(),
        calls: Vec::new(),
        text: 0,
        before: Vec::new(),
    })
}

struct Stream {
    call: Call,
    head: Head,
    id: String,
    /// The role was told.
    begun: bool,
    plan: String,
    /// By Cohere's index of the call; the place is OpenAI's.
    calls: Vec<(u64, bool)>,
    /// Characters of text so far.
    text: u64,
    /// By Cohere's index of the block, how many characters of text stand before it.
    before: Vec<(u64, u64)>,
}

#[derive(Deserialize)]
struct Happened {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    index: u64,
    #[serde(default)]
    delta: Json,
}

impl Decoder for Stream {
    fn push(&mut self, events: &[Event]) -> Delta {
        let mut delta = Delta::default();
        for event in events {
            self.event(event.data.trim_ascii(), &mut delta);
            if delta.end.is_some() {
                break;
            }
        }
        delta
    }
}

impl Stream {
    fn event(&mut self, data: &[u8], delta: &mut Delta) {
        if data.is_empty() || data == b"[DONE]" {
            return;
        }
        let Ok(happened) = serde_json::from_slice::<Happened>(data) else {
            delta.end = Some(End::Failed(failure::malformed("an event is not Cohere's")));
            return;
        };
        let message = &happened.delta["message"];
        match happened.kind.as_str() {
            "message-start" => {
                if !happened.id.is_empty() {
                    self.id = happened.id;
                }
                delta.pieces.push(self.chunk(json!({"content": ""}), None));
            }
            "content-start" | "content-delta" => {
                if happened.kind == "content-start" {
                    self.before.push((happened.index, self.text));
                }
                let block: Block = read(&message["content"]);
                self.say("reasoning_content", block.thinking, delta);
                self.say("content", block.text, delta);
            }
            "tool-plan-delta" => {
                let plan = message["tool_plan"].as_str().unwrap_or_default();
                self.plan.push_str(plan);
                self.say("reasoning_content", Some(plan.to_owned()), delta);
            }
            "tool-call-start" => self.begin(happened.index, &message["tool_calls"], delta),
            "tool-call-delta" => {
                let called: Called = read(&message["tool_calls"]);
                self.argue(happened.index, called.function.arguments.as_deref(), delta);
            }
            "tool-call-end" => {
                // One without arguments has an empty object for them.
                let empty = self.calls.contains(&(happened.index, false));
                if empty {
                    self.argue(happened.index, Some("{}"), delta);
                }
            }
            "citation-start" => {
                let citation = &message["citations"];
                let block = citation["content_index"].as_u64().unwrap_or(0);
                let before = self.before.iter().find(|(index, _)| *index == block);
                if let Some(one) = annotation(citation, before.map_or(0, |(_, text)| *text)) {
                    delta
                        .pieces
                        .push(self.chunk(json!({"annotations": [one]}), None));
                }
            }
            "message-end" => self.end(&happened.delta, delta),
            "" => {
                let failure = failure_of(&self.call, &self.head, data);
                delta.end = Some(End::Failed(failure));
            }
            _ => {}
        }
    }

    fn say(&mut self, member: &str, text: Option<String>, delta: &mut Delta) {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return;
        };
        if member == "content" {
            self.text += text.chars().count() as u64;
        }
        delta.pieces.push(self.chunk(json!({ member: text }), None));
    }

    fn begin(&mut self, index: u64, given: &Json, delta: &mut Delta) {
        let called: Called = read(given);
        let at = self.calls.len();
        let id = called
            .id
            .unwrap_or_else(|| format!("call_{}{at:x}", self.call.id));
        if at == 0 {
            delta.notes = note(Some(&id), &self.plan);
        }
        let arguments = called.function.arguments.unwrap_or_default();
        self.calls.push((index, !arguments.is_empty()));
        let call = json!({"index": at, "id": id, "type": "function",
            "function": {"name": called.function.name.unwrap_or_default(), "arguments": arguments}});
        delta
            .pieces
            .push(self.chunk(json!({"tool_calls": [call]}), None));
    }

    fn argue(&mut self, index: u64, arguments: Option<&str>, delta: &mut Delta) {
        let Some(arguments) = arguments.filter(|text| !text.is_empty()) else {
            return;
        };
        // What belongs to no call that began cannot be told apart.
        let Some(at) = self.calls.iter().rposition(|(known, _)| *known == index) else {
            return;
        };
        self.calls[at].1 = true;
        let call = json!({"index": at, "function": {"arguments": arguments}});
        delta
            .pieces
            .push(self.chunk(json!({"tool_calls": [call]}), None));
    }

    fn end(&mut self, given: &Json, delta: &mut Delta) {
        let counts: Counts = serde_json::from_value(given["usage"].clone()).unwrap_or_default();
        delta.usage = counts.usage();
        match finish(given["finish_reason"].as_str().unwrap_or_default()) {
            Ok(word) => {
                let last = self.chunk(json!({}), Some(word));
                delta.pieces.push(last);
                delta.end = Some(End::Complete);
            }
            Err(mut failure) => {
                if let Some(said) = given["error"].as_str() {
                    said.clone_into(&mut failure.message);
                }
                delta.end = Some(End::Failed(failure));
            }
        }
    }

    /// A chunk; the first one tells the role.
    fn chunk(&mut self, mut said: Json, finish: Option<&str>) -> Piece {
        if !self.begun {
            said["role"] = json!("assistant");
            self.begun = true;
        }
        let chunk = json!({
            "id": format!("chatcmpl-{}", self.id),
            "object": "chat.completion.chunk",
            "created": self.call.now_ms / 1000,
            "model": self.call.model,
            "choices": [{"index": 0, "delta": said, "finish_reason": finish}],
        });
        Piece::Chunk(chunk.to_string().into_bytes())
    }
}

/// Streams give one object; a list of one is read as well. What is neither says nothing.
fn read<T: Default + for<'de> Deserialize<'de>>(given: &Json) -> T {
    let one = match given {
        Json::Array(list) => list.first().unwrap_or(&Json::Null),
        one => one,
    };
    T::deserialize(one).unwrap_or_default()
}
