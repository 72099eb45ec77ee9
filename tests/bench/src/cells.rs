//! What is measured: kinds of requests, and how many connections make them at once.

use std::fmt::Write as _;
use std::net::SocketAddr;

use memchr::memmem;

/// What clients ask for: an endpoint's model of this name.
pub(crate) const MODEL: &str = "mock-model";
/// Events of a streamed answer: the role, the words, the finish, and `[DONE]`.
pub(crate) const EVENTS: usize = 100;
/// Words of every answer, so that a streamed one has [`EVENTS`] events.
pub(crate) const WORDS: usize = EVENTS - 3;

/// A kilobyte's message of a conversation is about this long.
const MESSAGE: usize = 480;
const SENTENCE: &str = "The \\\"quick\\\" brown fox jumps over the lazy dog.\\n";

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) name: &'static str,
    /// Connections that ask at once, each one request after the other.
    pub(crate) connections: usize,
    /// About how many bytes a request's body has.
    size: usize,
    /// Whether the answer comes as [`EVENTS`] events instead of whole.
    stream: bool,
    /// Whether the server is asked in Anthropic's dialect. The yardsticks know none but OpenAI's.
    messages: bool,
}

/// In the order of the table.
pub(crate) const CELLS: [Cell; 8] = [
    Cell::new("whole 1k, 1", 1, 1_000, false),
    Cell::new("whole 1k, 32", 32, 1_000, false),
    Cell::new("whole 1k, 256", 256, 1_000, false),
    Cell::new("whole 60k, 1", 1, 60_000, false),
    Cell::new("whole 60k, 32", 32, 60_000, false),
    Cell::new("stream 100, 1", 1, 1_000, true),
    Cell::new("stream 100, 32", 32, 1_000, true),
    Cell::new("messages 100, 1", 1, 1_000, true).translated(),
];

/// The row that the throughput is promised for.
pub(crate) const BUSY: &str = CELLS[1].name;
/// The row that the added latency is promised for.
pub(crate) const ALONE: &str = CELLS[0].name;
/// The rows between which the cost of a translated stream is promised.
pub(crate) const STREAM: &str = CELLS[5].name;
pub(crate) const TRANSLATED: &str = CELLS[7].name;

impl Cell {
    const fn new(name: &'static str, connections: usize, size: usize, stream: bool) -> Self {
        Self {
            name,
            connections,
            size,
            stream,
            messages: false,
        }
    }

    const fn translated(self) -> Self {
        Self {
            messages: true,
            ..self
        }
    }

    /// The same for a process that knows no dialect but OpenAI's.
    pub(crate) fn plain(self) -> Self {
        Self {
            messages: false,
            ..self
        }
    }

    /// The request's bytes, head and body.
    pub(crate) fn request(&self, to: SocketAddr, key: &str) -> Vec<u8> {
        let body = self.body();
        let path = if self.messages {
            "/v1/messages"
        } else {
            "/v1/chat/completions"
        };
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {to}\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body.as_bytes()].concat()
    }

    /// Whether a reply's body is a whole answer of the kind that was asked for.
    pub(crate) fn accepts(&self, body: &[u8]) -> bool {
        if self.messages {
            // Each word is an event, and there are a few around them.
            body.ends_with(b"data: {\"type\":\"message_stop\"}\n\n")
                && memmem::find_iter(body, b"data: ").count() >= EVENTS
        } else if self.stream {
            body.ends_with(b"data: [DONE]\n\n")
                && memmem::find_iter(body, b"data: ").count() >= EVENTS
        } else {
            body.starts_with(b"{") && body.ends_with(b"}")
        }
    }

    /// A conversation: messages by turns, so that a long request is many messages, not one long one.
    fn body(&self) -> String {
        let head = format!(
            r#"{{"model":"{MODEL}","stream":{},"temperature":0.7"#,
            self.stream
        );
        let mut body = if self.messages {
            format!(r#"{head},"max_tokens":1000,"system":"Be brief.","messages":["#)
        } else {
            format!(r#"{head},"messages":[{{"role":"system","content":"Be brief."}},"#)
        };
        let text = SENTENCE.repeat(MESSAGE / SENTENCE.len());
        for turn in 0..(self.size / MESSAGE).max(1) {
            let role = if turn % 2 == 0 { "user" } else { "assistant" };
            let comma = if turn == 0 { "" } else { "," };
            // Into a string, which always takes it.
            let _ = write!(body, r#"{comma}{{"role":"{role}","content":"{text}"}}"#);
        }
        body.push_str("]}");
        body
    }
}
