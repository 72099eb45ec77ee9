//! Chat in its canonical form, which is OpenAI's chat completions: the request, the whole answer, the
//! stream's chunk. What upstreams get wrong is mended here, once, for every client dialect.
//!
//! No network, no clock and no plugin here; what a provider means by an error is `classify`'s business.

pub mod answer;
pub mod chunk;
pub mod convert;
mod mend;
pub mod request;
mod tool_calls;
pub mod usage;

use std::error::Error;
use std::fmt;

use crate::json::{Options, ParseError, ParseErrorKind, Value, parse};

pub use answer::Answer;
pub use chunk::{ChunkNormaliser, Data, End, Out};
pub use request::{ChatRequest, Invalid, Outline};
pub use usage::Usage;

/// What fills in for members an upstream left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The id of the answer, unique to it; generated tool call ids are made of its letters and digits.
    pub id: String,
    /// Seconds since 1970 UTC.
    pub created: u64,
    /// The model's name as the client is to see it.
    pub model: String,
}

impl Seed {
    /// What the stream's own first chunk says, for a chunk that the host adds to it.
    #[must_use]
    pub fn of_stream(&self, first: Option<&bytes::Bytes>) -> Self {
        let mut seed = self.clone();
        let chunk = first.and_then(|chunk| parse(chunk, &Options::LENIENT).ok());
        if let Some(chunk) = chunk {
            let text = |name: &str| Some(chunk.get(name)?.as_str()?.into_owned());
            seed.id = text("id").unwrap_or(seed.id);
            seed.model = text("model").unwrap_or(seed.model);
            seed.created = chunk
                .get("created")
                .and_then(Value::as_u64)
                .unwrap_or(seed.created);
        }
        seed
    }
}

/// Why bytes of an upstream are no answer. The attempt fails; nothing of it may be passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Nothing but white space.
    Empty,
    /// A web page.
    Html,
    /// Server-sent events where a whole answer was due.
    Sse,
    /// JSON lines where a whole answer was due.
    Ndjson,
    /// No JSON; also what a connection that was cut leaves.
    NotJson(ParseError),
    /// JSON of another shape; says which.
    Shape(&'static str),
}

impl Broken {
    /// Says what bytes are that could not be read as one JSON value.
    fn of(bytes: &[u8], error: ParseError) -> Self {
        let text = bytes.trim_ascii_start();
        match error.kind {
            ParseErrorKind::Empty => Broken::Empty,
            _ if text.starts_with(b"<") => Broken::Html,
            _ if [&b"data:"[..], b"event:", b"id:", b":"]
                .iter()
                .any(|start| text.starts_with(start)) =>
            {
                Broken::Sse
            }
            ParseErrorKind::TrailingData if bytes.get(error.offset) == Some(&b'{') => {
                Broken::Ndjson
            }
            _ => Broken::NotJson(error),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Empty => f.write_str("the upstream sent an empty body"),
            Broken::Html => f.write_str("the upstream sent a web page and no JSON"),
            Broken::Sse => {
                f.write_str("the upstream sent an event stream where a whole answer was due")
            }
            Broken::Ndjson => {
                f.write_str("the upstream sent JSON lines where a whole answer was due")
            }
            Broken::NotJson(error) => write!(f, "the upstream sent no valid JSON: {error}"),
            Broken::Shape(what) => write!(f, "the upstream's answer has another shape: {what}"),
        }
    }
}

impl Error for Broken {}
