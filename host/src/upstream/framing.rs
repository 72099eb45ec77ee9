//! Cuts a reply into events, wherever the network cut it: server-sent events, JSON lines, the elements of one long
//! array, or the reads themselves. Other gateways write this once for each provider, with its bugs.

mod array;
mod lines;
mod sse;

#[cfg(test)]
mod tests;

use bytes::Bytes;

/// How a reply is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// One JSON value a line.
    Ndjson,
    /// The elements of one array.
    JsonArray,
    /// Each read is an event.
    Raw,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its type; empty where there is none.
    pub name: String,
    /// Its data.
    pub data: Bytes,
}

/// A word for a framing that there is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFraming(pub String);

impl std::fmt::Display for UnknownFraming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?} is no framing (sse, ndjson, json-array, raw)",
            self.0
        )
    }
}

impl std::error::Error for UnknownFraming {}

/// Why a reply cannot be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// An event is larger than it may be.
    TooLong,
    /// It is no array.
    NotAnArray,
    /// It ended within an event.
    Cut,
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "an event of the stream is too large",
            Self::NotAnArray => "the stream is not the array it should be",
            Self::Cut => "the stream ended within an event",
        })
    }
}

impl std::error::Error for FrameError {}

/// Cuts one reply.
#[derive(Debug)]
pub struct Framer(Kind);

#[derive(Debug)]
enum Kind {
    Sse(sse::Sse),
    Ndjson(lines::Lines),
    JsonArray(array::Array),
    Raw,
}

impl Framing {
    /// By the plan's word or, where that is empty, by the content type (in lower case, without parameters).
    ///
    /// # Errors
    /// A word that is none of the contract's.
    pub fn choose(word: &str, content_type: Option<&str>) -> Result<Self, UnknownFraming> {
        match word {
            "sse" => Ok(Self::Sse),
            "ndjson" => Ok(Self::Ndjson),
            "json-array" => Ok(Self::JsonArray),
            "raw" => Ok(Self::Raw),
            "" => Ok(match content_type {
                Some("application/x-ndjson" | "application/stream+json" | "application/jsonl") => {
                    Self::Ndjson
                }
                Some("application/json") => Self::JsonArray,
                Some(kind) if kind.starts_with("audio/") || kind == "application/octet-stream" => {
                    Self::Raw
                }
                _ => Self::Sse,
            }),
            other => Err(UnknownFraming(other.to_owned())),
        }
    }
}

impl Framer {
    /// Events hold at most `most` bytes.
    #[must_use]
    pub fn new(framing: Framing, most: usize) -> Self {
        Self(match framing {
            Framing::Sse => Kind::Sse(sse::Sse::new(most)),
            Framing::Ndjson => Kind::Ndjson(lines::Lines::new(most)),
            Framing::JsonArray => Kind::JsonArray(array::Array::new(most)),
            Framing::Raw => Kind::Raw,
        })
    }

    /// Takes what was read and adds the events that it completes.
    ///
    /// # Errors
    /// See [`FrameError`]; nothing can be pushed after one.
    pub fn push(&mut self, read: &[u8], frames: &mut Vec<Frame>) -> Result<(), FrameError> {
        match &mut self.0 {
            Kind::Sse(sse) => sse.push(read, frames),
            Kind::Ndjson(lines) => lines.push(read, frames),
            Kind::JsonArray(array) => array.push(read, frames),
            Kind::Raw => {
                if !read.is_empty() {
                    frames.push(Frame {
                        name: String::new(),
                        data: Bytes::copy_from_slice(read),
                    });
                }
                Ok(())
            }
        }
    }

    /// The reply is over. A last event without its end counts where the framing lets that be: many servers leave
    /// the last blank line out.
    ///
    /// # Errors
    /// [`FrameError::Cut`] where it is broken off for certain.
    pub fn finish(&mut self, frames: &mut Vec<Frame>) -> Result<(), FrameError> {
        match &mut self.0 {
            Kind::Sse(sse) => {
                sse.finish(frames);
                Ok(())
            }
            Kind::Ndjson(lines) => {
                lines.finish(frames);
                Ok(())
            }
            Kind::JsonArray(array) => array.finish(),
            Kind::Raw => Ok(()),
        }
    }
}
