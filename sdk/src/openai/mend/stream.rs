//! A stream, chunk by chunk: what wants no mending passes as it came.

use serde_json::{Value as Json, json};

use super::super::pass::finishes;
use super::spoken::Spoken;
use super::think::{Parts, Think};
use super::tools::Tools;
use super::{Mending, reasons, written};
use crate::{Call, Decoder, Delta, End, Event, Piece};

/// Reads a stream of chat completion chunks and ends it at `[DONE]`.
#[must_use]
pub fn mender(mending: Mending, call: &Call) -> Box<dyn Decoder> {
    Box::new(Mender {
        mending,
        tools: Tools::of_memo(&call.memo),
        seed: call.id.clone(),
        courses: Vec::new(),
        last: Json::Null,
        finished: false,
    })
}

struct Mender {
    mending: Mending,
    tools: Tools,
    seed: String,
    /// By the index of the choice; there is rarely more than one.
    courses: Vec<(u64, Course)>,
    /// The head of the last chunk, for one that must be added.
    last: Json,
    /// A finish reason came.
    finished: bool,
}

/// One choice so far.
#[derive(Default)]
struct Course {
    think: Think,
    spoken: Spoken,
    /// The provider gives tool calls itself, so the text holds none.
    calls: bool,
    over: bool,
}

impl Decoder for Mender {
    fn push(&mut self, events: &[Event]) -> Delta {
        let mut delta = Delta::default();
        for (index, event) in events.iter().enumerate() {
            if event.data.trim_ascii() == b"[DONE]" {
                delta.pieces.extend(self.rest());
                delta.end = Some(End::Complete);
                break;
            }
            self.finished |= finishes(&event.data);
            delta.pieces.extend(self.chunk(index, &event.data));
        }
        delta
    }

    /// Many upstreams end without `[DONE]`: the finish reason counts.
    fn finish(&mut self) -> Delta {
        Delta {
            pieces: self.rest().into_iter().collect(),
            end: self.finished.then_some(End::Complete),
            ..Delta::default()
        }
    }
}

impl Mender {
    /// One event; nothing if none of it is left to pass on.
    fn chunk(&mut self, index: usize, data: &[u8]) -> Vec<Piece> {
        let keep = vec![Piece::Keep(index as u32)];
        let Ok(mut chunk) = serde_json::from_slice::<Json>(data) else {
            return keep;
        };
        let Some(choices) = chunk.get_mut("choices").and_then(Json::as_array_mut) else {
            return keep;
        };
        let (mut changed, mut says) = (false, false);
        let mut thoughts = Vec::new();
        for choice in choices {
            changed |= self.choice(choice);
            thoughts.extend(thought_alone(choice));
            says |= !choice["finish_reason"].is_null()
                || choice["delta"]
                    .as_object()
                    .is_some_and(|delta| !delta.is_empty());
        }
        if self.courses.iter().any(|(_, course)| !course.over) {
            self.last = Self::head(&chunk);
        }
        match (changed, says || !chunk["usage"].is_null()) {
            (false, _) => keep,
            (true, true) => {
                let last = Piece::Chunk(chunk.to_string().into_bytes());
                if thoughts.is_empty() {
                    return vec![last];
                }
                // Readers expect one thing in a delta: first what was thought, then what is said.
                let mut first = Self::head(&chunk);
                first["choices"] = Json::Array(thoughts);
                vec![Piece::Chunk(first.to_string().into_bytes()), last]
            }
            (true, false) => Vec::new(),
        }
    }

    /// A chunk like this one, without choices.
    fn head(chunk: &Json) -> Json {
        json!({"id": chunk["id"], "object": "chat.completion.chunk",
            "created": chunk["created"], "model": chunk["model"]})
    }

    /// True if it was changed.
    fn choice(&mut self, choice: &mut Json) -> bool {
        let at = choice["index"].as_u64().unwrap_or(0);
        let known = self.courses.iter().position(|(index, _)| *index == at);
        let place = known.unwrap_or_else(|| {
            self.courses.push((at, Course::default()));
            self.courses.len() - 1
        });
        let course = &mut self.courses[place].1;
        let over = choice["finish_reason"]
            .as_str()
            .is_some_and(|word| !word.is_empty());
        let Some(delta) = choice.get_mut("delta").and_then(Json::as_object_mut) else {
            return false;
        };
        let text = match delta.get("content") {
            None | Some(Json::Null) => String::new(),
            Some(Json::String(text)) => text.clone(),
            // Parts: the host joins them, and puts those of reasoning apart.
            Some(_) => return false,
        };
        course.calls |= delta
            .get("tool_calls")
            .is_some_and(|calls| !calls.is_null());
        let (parts, calls) = course.hear(self.mending, &self.tools, &text, reasons(delta), over);
        if parts.thought.is_empty() && parts.text == text && calls.is_empty() {
            return false;
        }
        if !parts.thought.is_empty() {
            let before = delta.get("reasoning_content").and_then(Json::as_str);
            let thought = before.unwrap_or_default().to_owned() + &parts.thought;
            delta.insert("reasoning_content".to_owned(), Json::String(thought));
        }
        if parts.text.is_empty() {
            delta.remove("content");
        } else {
            delta.insert("content".to_owned(), Json::String(parts.text));
        }
        if !calls.is_empty() {
            let seed = format!("{}{place:x}", self.seed);
            let calls = calls.iter().enumerate().map(|(at, called)| {
                let mut call = written(called, &seed, at);
                call["index"] = json!(at);
                call
            });
            delta.insert("tool_calls".to_owned(), calls.collect());
            choice["finish_reason"] = json!("tool_calls");
        }
        true
    }

    /// What is still held when the stream ends without having said so.
    fn rest(&mut self) -> Option<Piece> {
        if self.last.is_null() {
            return None;
        }
        let open = self.courses.iter().filter(|(_, course)| !course.over);
        let mut choices: Vec<Json> = open
            .map(|(at, _)| json!({"index": at, "delta": {"content": ""}, "finish_reason": "stop"}))
            .collect();
        let mut changed = false;
        for choice in &mut choices {
            let course_changed = self.choice(choice);
            // It was only said to be over so that all comes out.
            if choice["finish_reason"] == "stop" {
                choice["finish_reason"] = Json::Null;
            } else {
                self.finished = true;
            }
            changed |= course_changed;
        }
        let mut chunk = self.last.take();
        chunk["choices"] = Json::Array(choices);
        changed.then(|| Piece::Chunk(chunk.to_string().into_bytes()))
    }
}

/// Takes the reasoning out of a changed delta that holds text or calls beside it, as a choice of its own.
fn thought_alone(choice: &mut Json) -> Option<Json> {
    let index = choice.get("index").cloned().unwrap_or_default();
    let delta = choice.get_mut("delta")?.as_object_mut()?;
    let more = ["content", "tool_calls"].iter().any(|name| {
        delta
            .get(*name)
            .is_some_and(|value| !value.is_null() && value != "")
    });
    let thought = delta.get("reasoning_content").and_then(Json::as_str);
    if !more || thought.is_none_or(str::is_empty) {
        return None;
    }
    let thought = delta.remove("reasoning_content")?;
    let mut alone = json!({ "reasoning_content": thought });
    if let Some(role) = delta.get("role") {
        alone["role"] = role.clone();
    }
    Some(json!({"index": index, "delta": alone, "finish_reason": null}))
}

impl Course {
    /// Takes the next piece of text; `over` is the last one. `reasons`: the provider tells reasoning apart itself.
    fn hear(
        &mut self,
        mending: Mending,
        tools: &Tools,
        text: &str,
        reasons: bool,
        over: bool,
    ) -> (Parts, Vec<super::tools::Called>) {
        let mut parts = Parts::default();
        if mending.think {
            if reasons {
                self.think.end(&mut parts);
            }
            self.think.push(text, &mut parts);
            if over {
                self.think.end(&mut parts);
            }
        } else {
            text.clone_into(&mut parts.text);
        }
        self.over |= over;
        if !mending.calls || tools.is_empty() {
            return (parts, Vec::new());
        }
        parts.text = self.spoken.push(&parts.text);
        if !over && !self.calls {
            return (parts, Vec::new());
        }
        let none = Tools::default();
        let (text, calls) = self.spoken.end(if self.calls { &none } else { tools });
        parts.text.push_str(&text);
        (parts, calls)
    }
}
