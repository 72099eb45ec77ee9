//! Server-sent events, as strict as a client may be.

use serde_json::Value;

/// One event, or a comment between two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The `data` lines, joined.
    Data(String),
    /// What follows the colon, without the space after it.
    Comment(String),
}

/// All of a stream.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// In order of arrival.
    pub all: Vec<Event>,
    /// The connection broke before the body's end, or the body ended inside an event.
    pub broken: bool,
}

/// Cuts bytes into events.
#[derive(Debug, Default)]
pub(crate) struct Cutter(Vec<u8>);

impl Cutter {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Whether bytes of an unfinished event are left.
    pub(crate) fn rest(&self) -> bool {
        !self.0.is_empty()
    }

    /// The next whole event, if it is here.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let end = self.0.windows(2).position(|pair| pair == b"\n\n")?;
        let block: Vec<u8> = self.0.drain(..end + 2).collect();
        let block = String::from_utf8(block).expect("events are UTF-8");
        let (mut data, mut comment) = (Vec::new(), None);
        for line in block.lines().filter(|line| !line.is_empty()) {
            if let Some(text) = line.strip_prefix("data:") {
                data.push(text.strip_prefix(' ').unwrap_or(text));
            } else if let Some(text) = line.strip_prefix(':') {
                comment = Some(text.strip_prefix(' ').unwrap_or(text).to_owned());
            } else {
                panic!("a line that this dialect does not have: {line:?}");
            }
        }
        match comment {
            Some(comment) if data.is_empty() => Some(Event::Comment(comment)),
            _ => Some(Event::Data(data.join("\n"))),
        }
    }
}

impl Events {
    /// The data of every event, `[DONE]` included.
    #[must_use]
    pub fn data(&self) -> Vec<&str> {
        let data = self.all.iter().filter_map(|event| match event {
            Event::Data(data) => Some(data.as_str()),
            Event::Comment(_) => None,
        });
        data.collect()
    }

    /// Every event but `[DONE]`.
    ///
    /// # Panics
    /// If one is no JSON.
    #[must_use]
    pub fn chunks(&self) -> Vec<Value> {
        let data = self.data();
        let chunks = data.iter().filter(|data| **data != "[DONE]");
        chunks
            .map(|data| {
                serde_json::from_str(data).unwrap_or_else(|error| panic!("{error} in {data}"))
            })
            .collect()
    }

    /// The content of the first choice, joined.
    #[must_use]
    pub fn text(&self) -> String {
        let chunks = self.chunks();
        let contents = chunks
            .iter()
            .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str());
        contents.collect()
    }

    /// The reason that the first choice ended for, which exactly one chunk tells.
    #[must_use]
    pub fn finish(&self) -> Option<String> {
        let chunks = self.chunks();
        let mut reasons = chunks
            .iter()
            .filter_map(|chunk| chunk["choices"][0]["finish_reason"].as_str());
        let first = reasons.next().map(str::to_owned);
        first.filter(|_| reasons.next().is_none())
    }

    /// The stream ended in exactly one `[DONE]`, and nothing broke.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let data = self.data();
        let marks = data.iter().filter(|data| **data == "[DONE]").count();
        !self.broken && marks == 1 && data.last() == Some(&"[DONE]")
    }

    /// The error event that ended the stream.
    #[must_use]
    pub fn error(&self) -> Option<Value> {
        let last = self.data().last().copied()?;
        let last: Value = serde_json::from_str(last).ok()?;
        last.get("error").cloned()
    }

    /// How many comments came.
    #[must_use]
    pub fn comments(&self) -> usize {
        let comments = self.all.iter();
        comments
            .filter(|event| matches!(event, Event::Comment(_)))
            .count()
    }
}
