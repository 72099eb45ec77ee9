//! One streamed answer, chunk by chunk: what is right passes as the bytes that came, what is not is mended.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use memchr::memchr2;

use crate::json::{Object, Options, Value, object, parse_noting};

use super::tool_calls::ToolCalls;
use super::{Broken, Seed, Usage, mend};

/// The state of one stream.
#[derive(Debug)]
pub struct ChunkNormaliser {
    seed: Seed,
    /// By choice index; few streams have more than one.
    choices: BTreeMap<u64, Course>,
    end: End,
}

/// One choice so far.
#[derive(Debug, Default)]
struct Course {
    calls: ToolCalls,
    begun: bool,
    finished: bool,
}

/// What became of one event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Out {
    /// What to pass on.
    pub data: Data,
    /// It holds something a client would show or act on: content, reasoning, a tool call, a refusal, audio.
    pub content: bool,
    /// It holds a tool call.
    pub tool_calls: bool,
    /// It holds a finish reason.
    pub finish: bool,
    /// It reports an error (a top-level `error`, or the finish reason `error`): nothing is passed on, the
    /// event's own bytes are to be classified.
    pub error: bool,
    /// It told of usage; see [`End::usage`].
    pub usage: bool,
    /// It was `[DONE]`.
    pub done: bool,
}

/// What to pass on of one event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Data {
    /// Nothing: a frame of usage only, an empty one, an error, or `[DONE]`.
    #[default]
    Nothing,
    /// The bytes that came, untouched. They hold no line break.
    Same,
    /// These bytes in their place.
    Rewritten(Vec<u8>),
}

/// What the stream came to so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// A finish reason came. Without one, the stream broke off.
    pub finished: bool,
    /// Any content came.
    pub content: bool,
    /// Any tool call came.
    pub tool_calls: bool,
    /// The provider's own finish word tells of a failure. Without content, the attempt is to be tried again
    /// elsewhere, though the finish reason may be `stop`.
    pub native_error: bool,
    /// `[DONE]` came.
    pub done: bool,
    /// The last that was told of each count.
    pub usage: Option<Usage>,
}

impl ChunkNormaliser {
    /// For one stream; `seed` fills in what its chunks leave out.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        ChunkNormaliser {
            seed,
            choices: BTreeMap::new(),
            end: End::default(),
        }
    }

    /// Takes the data of one event.
    ///
    /// # Errors
    /// Data that is no JSON object or whose choices are none; nothing of it may be passed on.
    pub fn push(&mut self, data: &[u8]) -> Result<Out, Broken> {
        if data.trim_ascii() == b"[DONE]" {
            self.end.done = true;
            return Ok(Out {
                done: true,
                ..Out::default()
            });
        }
        let parsed =
            parse_noting(data, &Options::LENIENT).map_err(|error| Broken::of(data, error))?;
        let Value::Object(mut chunk) = parsed.value else {
            return Err(Broken::Shape("an event is no object"));
        };
        let mut out = Out::default();
        if mend::error(&chunk) {
            out.error = true;
            return Ok(out);
        }
        if let Some(usage) = mend::usage(&chunk) {
            self.end.usage = Some(usage.or(self.end.usage.unwrap_or_default()));
            out.usage = true;
        }
        let mut changed = parsed.mended | strip_usage(&mut chunk);
        match chunk.get_mut("choices") {
            Some(Value::Array(choices)) if !choices.is_empty() => {
                for (place, choice) in choices.iter_mut().enumerate() {
                    let Value::Object(choice) = choice else {
                        return Err(Broken::Shape("a choice is no object"));
                    };
                    changed |= self.choice(choice, place, &mut out)?;
                }
            }
            None | Some(Value::Null | Value::Array(_)) => return Ok(out),
            Some(_) => return Err(Broken::Shape("`choices` is no list")),
        }
        self.end.content |= out.content;
        self.end.tool_calls |= out.tool_calls;
        self.end.finished |= out.finish && !out.error;
        if out.error {
            return Ok(out);
        }
        changed |= mend::head(&mut chunk, "chat.completion.chunk", &self.seed);
        // A line break inside the JSON would end the event's line.
        out.data = if changed || memchr2(b'\n', b'\r', data).is_some() {
            Data::Rewritten(Value::Object(chunk).to_vec())
        } else {
            Data::Same
        };
        Ok(out)
    }

    /// What the stream came to so far; ask when it is over.
    #[must_use]
    pub fn finish(&self) -> End {
        self.end
    }

    /// What a stream lacks that ended well without telling how, as some do: a chunk with the finish reason of every
    /// choice that has begun and has none. `None` if nothing is missing.
    pub fn closing(&mut self) -> Option<Vec<u8>> {
        let open = self.choices.iter_mut().filter(|(_, it)| !it.finished);
        let choices: Vec<Value<'_>> = open
            .map(|(index, course)| {
                course.finished = true;
                let called = course.calls.any();
                let word = if called { "tool_calls" } else { "stop" };
                object([
                    ("index", (*index).into()),
                    ("delta", Value::Object(Object::new())),
                    ("finish_reason", word.into()),
                ])
            })
            .collect();
        if choices.is_empty() {
            return None;
        }
        self.end.finished = true;
        let seed = &self.seed;
        let chunk = object([
            ("id", seed.id.as_str().into()),
            ("object", "chat.completion.chunk".into()),
            ("created", seed.created.into()),
            ("model", seed.model.as_str().into()),
            ("choices", Value::Array(choices)),
        ]);
        Some(chunk.to_vec())
    }

    fn choice(
        &mut self,
        choice: &mut Object<'_>,
        place: usize,
        out: &mut Out,
    ) -> Result<bool, Broken> {
        let (index, mut changed) = mend::choice_index(choice, place);
        // Some upstreams stream a `message`, some leave the last delta out.
        if mend::absent(choice.get("delta")) {
            choice.remove("delta");
            if !choice.rename("message", "delta") {
                choice.insert("delta", Value::Object(Object::new()));
            }
            changed = true;
        }
        let Some(Value::Object(delta)) = choice.get_mut("delta") else {
            return Err(Broken::Shape("a delta is no object"));
        };
        changed |= mend::content(delta);
        let course = self.choices.entry(index).or_default();
        // OpenAI's Node client refuses a stream that never tells the role.
        if !course.begun && !delta.get("role").is_some_and(mend::filled) {
            delta.insert("role", Value::from("assistant"));
            changed = true;
        }
        course.begun = true;
        if let Some(Value::Array(deltas)) = delta.get_mut("tool_calls") {
            changed |= course.calls.mend(deltas, index, &self.seed);
        }
        out.content |= mend::has_content(delta);
        out.tool_calls |= mend::has_calls(delta);
        let finish = mend::finish(choice, course.calls.any());
        if finish.there && course.finished && !finish.error {
            // Some send it twice, most often with the usage; the first counts.
            choice.insert("finish_reason", Value::Null);
            changed = true;
        } else {
            out.finish |= finish.there;
        }
        course.finished |= finish.there;
        out.error |= finish.error;
        self.end.native_error |= finish.native_error;
        Ok(changed | finish.changed)
    }
}

/// The chunk that tells the usage to a client that asked for it: the last one before `[DONE]`.
#[must_use]
pub fn usage_frame(seed: &Seed, usage: Usage) -> Vec<u8> {
    object([
        ("id", seed.id.as_str().into()),
        ("object", "chat.completion.chunk".into()),
        ("created", seed.created.into()),
        ("model", seed.model.as_str().into()),
        ("choices", Value::Array(Vec::new())),
        ("usage", usage.to_value()),
    ])
    .to_vec()
}

/// Takes usage out of a chunk: the client gets it once, at the end, if it asked. A null stays: it is
/// allowed, and taking it out would cost every chunk its fast path.
fn strip_usage(chunk: &mut Object<'_>) -> bool {
    let mut changed = strip(chunk);
    if let Some(Value::Object(groq)) = chunk.get_mut("x_groq") {
        changed |= strip(groq);
    }
    for choice in chunk
        .get_mut("choices")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        changed |= choice.as_object_mut().is_some_and(strip);
    }
    changed
}

fn strip(object: &mut Object<'_>) -> bool {
    !mend::absent(object.get("usage")) && object.remove("usage").is_some()
}
