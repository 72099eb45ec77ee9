//! One scripted answer, as data: what goes over the wire, in which pieces, and how it ends.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::Value;

use crate::gate::Gate;

/// What to answer to one request. Built with the methods below; every field is plain data.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Give the mock's usual answer after `before`, and ignore all that follows.
    pub usual: bool,
    /// What happens before the first byte of the head.
    pub before: Vec<Pause>,
    /// Status code of the head.
    pub status: u16,
    /// Headers in order; the one that frames the body is added by `framing`.
    pub headers: Vec<(String, String)>,
    /// The body in the order it is written.
    pub body: Vec<Piece>,
    /// How the body's length is told.
    pub framing: Framing,
    /// How pieces become writes.
    pub split: Split,
    /// Stop after this many bytes of body, wherever that falls, and go to `end`.
    pub cut: Option<usize>,
    /// What happens after the last byte.
    pub end: End,
}

/// A wait inside an answer. The client leaving ends it, and counts as cancelled.
#[derive(Clone, Debug)]
pub enum Pause {
    /// Until the test opens the gate.
    Gate(Gate),
    /// For a fixed time.
    For(Duration),
    /// Until the client leaves.
    Forever,
}

/// A part of a body.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Written as it is.
    Bytes(Bytes),
    /// The bytes this many times over, for bodies too large to build.
    Repeat(Bytes, usize),
    /// A wait between two pieces.
    Pause(Pause),
}

/// How the length of the body is told to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `content-length`, the true one.
    Length,
    /// `content-length`, this one, true or not.
    Claim(u64),
    /// `transfer-encoding: chunked`, one chunk a write.
    Chunked,
    /// Neither: the body ends with the connection.
    UntilClose,
}

/// How pieces become writes, and with [`Framing::Chunked`] chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// One write a piece.
    Piece,
    /// Writes of at most this many bytes, across nothing: a piece still ends a write.
    Every(usize),
}

/// What happens after the last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// End the body properly and wait for the next request.
    KeepAlive,
    /// End the body properly, then close.
    Close,
    /// Close without ending the body (FIN).
    Cut,
    /// Tear the connection down (RST).
    Reset,
    /// Write no more and hold the connection until the client leaves.
    Stall,
}

// Making one.

impl Answer {
    /// An empty answer with this status and a true `content-length`.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            usual: false,
            before: Vec::new(),
            status,
            headers: Vec::new(),
            body: Vec::new(),
            framing: Framing::Length,
            split: Split::Piece,
            cut: None,
            end: End::KeepAlive,
        }
    }

    /// What the mock would have answered without a script: the healthy step of a sequence.
    #[must_use]
    pub fn usual() -> Self {
        Self {
            usual: true,
            ..Self::new(200)
        }
    }

    /// A JSON body.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// An error in OpenAI's shape.
    #[must_use]
    pub fn error(status: u16, kind: &str, message: &str) -> Self {
        let body = serde_json::json!({
            "error": { "message": message, "type": kind, "param": null, "code": kind }
        });
        Self::json(status, &body)
    }

    /// A 200 event stream of these data payloads, chunked, one event a write. `[DONE]` is not added.
    #[must_use]
    pub fn sse<I>(payloads: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        payloads
            .into_iter()
            .fold(Self::stream(), |answer, data| answer.event(data.as_ref()))
    }

    /// A 200 event stream with no event yet.
    #[must_use]
    pub fn stream() -> Self {
        Self::new(200)
            .header("content-type", "text/event-stream")
            .framing(Framing::Chunked)
    }
}

// Head.

impl Answer {
    /// Adds a header; repeated names are sent repeatedly.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `retry-after` in seconds.
    #[must_use]
    pub fn retry_after_seconds(self, seconds: u64) -> Self {
        self.header("retry-after", &seconds.to_string())
    }

    /// `retry-after` as an HTTP date, which has whole seconds.
    #[must_use]
    pub fn retry_after_date(self, at: SystemTime) -> Self {
        self.header("retry-after", &httpdate::fmt_http_date(at))
    }

    /// `retry-after-ms`, as OpenAI and Azure send it.
    #[must_use]
    pub fn retry_after_ms(self, milliseconds: u64) -> Self {
        self.header("retry-after-ms", &milliseconds.to_string())
    }

    /// Holds the head until the gate lets it through.
    #[must_use]
    pub fn hold(mut self, gate: &Gate) -> Self {
        self.before.push(Pause::Gate(gate.clone()));
        self
    }

    /// Holds the head for a fixed time.
    #[must_use]
    pub fn delay(mut self, time: Duration) -> Self {
        self.before.push(Pause::For(time));
        self
    }
}

// Body.

impl Answer {
    /// Adds a piece of body.
    #[must_use]
    pub fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body.push(Piece::Bytes(bytes.into()));
        self
    }

    /// Adds `bytes` `times` over.
    #[must_use]
    pub fn repeat(mut self, bytes: impl Into<Bytes>, times: usize) -> Self {
        self.body.push(Piece::Repeat(bytes.into(), times));
        self
    }

    /// Adds one event with this data payload.
    #[must_use]
    pub fn event(self, data: &str) -> Self {
        self.body(format!("data: {data}\n\n"))
    }

    /// Adds `data: [DONE]`.
    #[must_use]
    pub fn done(self) -> Self {
        self.event("[DONE]")
    }

    /// Holds what follows until the gate lets it through.
    #[must_use]
    pub fn then_hold(mut self, gate: &Gate) -> Self {
        self.body.push(Piece::Pause(Pause::Gate(gate.clone())));
        self
    }

    /// Holds what follows for a fixed time.
    #[must_use]
    pub fn then_delay(mut self, time: Duration) -> Self {
        self.body.push(Piece::Pause(Pause::For(time)));
        self
    }

    /// Puts the wait before the `n`th piece that stands there now, the first being 0.
    #[must_use]
    pub fn pause_at(mut self, n: usize, pause: Pause) -> Self {
        self.body
            .insert(n.min(self.body.len()), Piece::Pause(pause));
        self
    }

    /// Turns every bare line feed of the body into carriage return and line feed.
    #[must_use]
    pub fn crlf(mut self) -> Self {
        for piece in &mut self.body {
            if let Piece::Bytes(bytes) | Piece::Repeat(bytes, _) = piece {
                *bytes = with_crlf(bytes);
            }
        }
        self
    }

    /// Every byte of the body is a write of its own, and a chunk of its own where chunked.
    #[must_use]
    pub fn every_byte(self) -> Self {
        self.split(Split::Every(1))
    }

    /// See [`Split`].
    #[must_use]
    pub fn split(mut self, split: Split) -> Self {
        self.split = split;
        self
    }

    /// See [`Framing`].
    #[must_use]
    pub fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }
}

// End.

impl Answer {
    /// Stops after `bytes` of body and closes, the body unended.
    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self.end(End::Cut)
    }

    /// Stops after `bytes` of body and holds the connection until the client leaves.
    #[must_use]
    pub fn stall_after(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self.end(End::Stall)
    }

    /// Stops after `bytes` of body and resets the connection.
    #[must_use]
    pub fn reset_after(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self.end(End::Reset)
    }

    /// See [`End`].
    #[must_use]
    pub fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// Bytes of body that the script would write without a cut.
    #[must_use]
    pub fn body_len(&self) -> usize {
        self.body
            .iter()
            .map(|piece| match piece {
                Piece::Bytes(bytes) => bytes.len(),
                Piece::Repeat(bytes, times) => bytes.len() * times,
                Piece::Pause(_) => 0,
            })
            .sum()
    }
}

fn with_crlf(bytes: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(bytes.len() + 8);
    let mut last = 0;
    for &byte in bytes {
        if byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(byte);
        last = byte;
    }
    out.into()
}
