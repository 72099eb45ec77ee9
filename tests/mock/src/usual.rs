//! The healthy provider: what is answered where no script says otherwise.
//!
//! Answers are written into buffers that the connection reuses, so that the mock is not what a
//! benchmark measures.

mod gemini;
pub mod openai;

use std::borrow::Cow;
use std::io::Write as _;

use serde::Deserialize;

use crate::mock::Settings;
use crate::wire::View;

/// What a request asks for, as far as any part of the mock cares.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) model: Option<Cow<'a, str>>,
    pub(crate) key: Option<&'a str>,
    stream: bool,
    usage: bool,
    /// The body is no JSON object.
    broken: bool,
}

/// An answer ready to be written: all of it, and where each write ends.
#[derive(Debug, Default)]
pub(crate) struct Out {
    bytes: Vec<u8>,
    cuts: Vec<usize>,
    /// A body under construction, before its length is known.
    body: Vec<u8>,
}

#[derive(Deserialize, Default)]
struct Fields<'a> {
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
}

#[derive(Deserialize, Default)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

impl<'a> Asked<'a> {
    pub(crate) fn of(view: &'a View<'_>) -> Self {
        let parsed: Option<Fields<'a>> = match view.body {
            [] => Some(Fields::default()),
            body => serde_json::from_slice(body).ok(),
        };
        let broken = parsed.is_none();
        let fields = parsed.unwrap_or_default();
        let model = match gemini::model(view.path) {
            Some(model) => Some(Cow::Borrowed(model)),
            None => fields.model,
        };
        let usage = fields
            .stream_options
            .and_then(|options| options.include_usage);
        Self {
            model,
            key: key(view),
            stream: fields.stream.unwrap_or(false),
            usage: usage.unwrap_or(false),
            broken,
        }
    }
}

/// Writes the answer to `view` into `out`.
pub(crate) fn answer(settings: &Settings, view: &View<'_>, asked: &Asked<'_>, out: &mut Out) {
    out.clear();
    if view.path.starts_with("/v1beta/") {
        gemini::answer(settings, view, asked, out);
    } else {
        openai::answer(settings, view, asked, out);
    }
}

impl Settings {
    fn lets_in(&self, asked: &Asked<'_>) -> bool {
        self.keys.is_empty() || self.keys.iter().any(|key| asked.key == Some(key))
    }

    fn knows(&self, asked: &Asked<'_>) -> bool {
        !self.only_listed
            || self
                .models
                .iter()
                .any(|model| asked.model.as_deref() == Some(model))
    }
}

// Every `write!` below is into a vector, which cannot fail.
impl Out {
    /// The writes in order.
    pub(crate) fn writes(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.cuts.iter().copied());
        starts
            .zip(&self.cuts)
            .filter_map(|(from, &to)| self.bytes.get(from..to))
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.cuts.clear();
        self.body.clear();
    }

    /// One write: a head, and the body that `fill` makes.
    fn json(&mut self, status: &str, fill: impl FnOnce(&mut Vec<u8>)) {
        fill(&mut self.body);
        let _ = write!(
            self.bytes,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.body.len()
        );
        self.bytes.extend_from_slice(&self.body);
        self.cuts.push(self.bytes.len());
    }

    /// The head of a chunked answer, as a write of its own.
    fn chunked(&mut self, content_type: &str) {
        let _ = write!(
            self.bytes,
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        self.cuts.push(self.bytes.len());
    }

    /// One chunk and one write of what `fill` makes.
    fn chunk(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        self.body.clear();
        fill(&mut self.body);
        let _ = write!(self.bytes, "{:x}\r\n", self.body.len());
        self.bytes.extend_from_slice(&self.body);
        self.bytes.extend_from_slice(b"\r\n");
        self.cuts.push(self.bytes.len());
    }

    /// The last chunk, joined to the write before it as servers do.
    fn end(&mut self) {
        self.bytes.extend_from_slice(b"0\r\n\r\n");
        self.cuts.pop();
        self.cuts.push(self.bytes.len());
    }
}

/// Appends `text` as a JSON string.
fn quote(out: &mut Vec<u8>, text: &str) {
    // A string always serialises, and a vector always takes it.
    let _ = serde_json::to_writer(out, text);
}

/// Appends the words joined, as one JSON string.
fn quote_joined(out: &mut Vec<u8>, words: &[String]) {
    out.push(b'"');
    for word in words {
        let from = out.len();
        quote(out, word);
        // The word's own quotes go.
        out.pop();
        out.remove(from);
    }
    out.push(b'"');
}

fn key<'a>(view: &'a View<'_>) -> Option<&'a str> {
    let bearer = view
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    bearer
        .or_else(|| view.header("x-goog-api-key"))
        .or_else(|| view.header("x-api-key"))
        .or_else(|| view.header("api-key"))
        .or_else(|| {
            view.query
                .split('&')
                .find_map(|pair| pair.strip_prefix("key="))
        })
}
