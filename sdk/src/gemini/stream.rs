//! Events of a stream become chunks.
//!
//! The last chunk waits for the end of the connection: there is no `[DONE]`, and a finish reason does
//! not say that nothing follows.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::answer::note;
use super::choice::{Choice, Said};
use super::classify;
use super::names::Names;
use super::reply::{Candidate, Counts, Finish, Reply, call_json};
use crate::{Call, Decoder, Delta, End, Event, Head, Piece, Usage, failure};

/// Reads a stream of `streamGenerateContent`.
#[must_use]
pub fn decoder(call: &Call, head: &Head) -> Box<dyn Decoder> {
    Box::new(Stream {
        names: Names::of_memo(&call.memo),
        call: call.clone(),
        head: head.clone(),
        id: None,
        choices: Vec::new(),
        usage: None,
    })
}

/// The state of one stream.
struct Stream {
    call: Call,
    head: Head,
    names: Names,
    /// The provider's, known from the first event on.
    id: Option<String>,
    /// By order of appearance; there is rarely more than one.
    choices: Vec<(Choice, bool)>,
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: [ChunkChoice; 1],
}

#[derive(Serialize)]
struct ChunkChoice {
    index: u32,
    delta: ChunkDelta,
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct ChunkDelta {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[Json; 1]>,
}

impl Decoder for Stream {
    fn push(&mut self, events: &[Event]) -> Delta {
        let mut delta = Delta::default();
        for event in events {
            self.event(&event.data, &mut delta);
            if delta.end.is_some() {
                break;
            }
        }
        delta
    }

    fn finish(&mut self) -> Delta {
        let mut delta = Delta::default();
        let finished = |(choice, _): &(Choice, bool)| choice.finish.is_some();
        if self.choices.is_empty() || !self.choices.iter().all(finished) {
            return delta;
        }
        for at in 0..self.choices.len() {
            let (choice, _) = &self.choices[at];
            let word = choice.finish.map(|finish| finish.word(choice.calls > 0));
            delta
                .pieces
                .push(self.chunk(at, ChunkDelta::default(), word));
        }
        delta.usage = self.usage.clone();
        delta.end = Some(End::Complete);
        delta
    }
}

impl Stream {
    fn event(&mut self, data: &[u8], delta: &mut Delta) {
        let data = data.trim_ascii();
        // Not Google's, but what stands before it may be used to ending a stream so.
        if data.is_empty() || data == b"[DONE]" {
            return;
        }
        let reply: Reply<'_> = match serde_json::from_slice(data) {
            Ok(reply) => reply,
            Err(error) => {
                let message = format!("an event is not Gemini's: {error}");
                delta.end = Some(End::Failed(failure::malformed(message)));
                return;
            }
        };
        if reply.error.is_some() {
            let failure = classify::failure_of(&self.call, &self.head, data);
            delta.end = Some(End::Failed(failure));
            return;
        }
        if self.id.is_none() {
            self.id = reply.response_id.as_deref().map(str::to_owned);
        }
        if let Some(usage) = reply.usage_metadata.and_then(Counts::usage) {
            self.usage = Some(usage.clone());
            delta.usage = Some(usage);
        }
        let blocked = reply
            .prompt_feedback
            .is_some_and(|it| it.block_reason.is_some());
        if blocked && reply.candidates.is_empty() {
            let at = self.choice(0);
            self.choices[at].0.finish = Some(Finish::As("content_filter"));
        }
        for candidate in reply.candidates {
            self.candidate(candidate, delta);
        }
    }

    fn candidate(&mut self, candidate: Candidate<'_>, delta: &mut Delta) {
        let word = candidate.finish_reason.clone().unwrap_or_default();
        let at = self.choice(candidate.index);
        let said = self.choices[at]
            .0
            .hear(candidate, &self.names, &self.call.id);
        for said in said {
            let piece = match said {
                Said::Text(text) => ChunkDelta {
                    content: Some(text),
                    ..ChunkDelta::default()
                },
                Said::Thought(text) => ChunkDelta {
                    reasoning_content: Some(text),
                    ..ChunkDelta::default()
                },
                Said::Call(call) => {
                    let signature = call.signature.as_deref();
                    delta.notes.extend(signature.map(|it| note(&call.id, it)));
                    let mut json = call_json(&call.id, &call.name, &call.arguments, signature);
                    json["index"] = json!(call.place);
                    ChunkDelta {
                        tool_calls: Some([json]),
                        ..ChunkDelta::default()
                    }
                }
            };
            let piece = self.chunk(at, piece, None);
            delta.pieces.push(piece);
        }
        if self.choices[at].0.failed() {
            let message = format!("the model ended with {word} and said nothing");
            delta.end = Some(End::Failed(failure::malformed(message)));
        }
    }

    /// Where the choice of this index is.
    fn choice(&mut self, index: u32) -> usize {
        let known = self
            .choices
            .iter()
            .position(|(choice, _)| choice.index == index);
        known.unwrap_or_else(|| {
            self.choices.push((Choice::new(index), false));
            self.choices.len() - 1
        })
    }

    /// A chunk of the choice at `at`; the first of each tells the role.
    fn chunk(&mut self, at: usize, delta: ChunkDelta, finish: Option<&'static str>) -> Piece {
        let (choice, started) = &mut self.choices[at];
        let role = (!*started).then_some("assistant");
        *started = true;
        let id = format!("chatcmpl-{}", self.id.as_deref().unwrap_or(&self.call.id));
        let chunk = Chunk {
            id: &id,
            object: "chat.completion.chunk",
            created: self.call.now_ms / 1000,
            model: &self.call.model,
            choices: [ChunkChoice {
                index: choice.index,
                delta: ChunkDelta { role, ..delta },
                finish_reason: finish,
            }],
        };
        Piece::Chunk(serde_json::to_vec(&chunk).unwrap_or_default())
    }
}
