//! The mock from outside, over a bare socket: what it claims to send is what is on the wire.

mod faults;
mod rules;
mod usual;

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Mock;

/// How long an answer that must not come is waited for.
const SILENCE: Duration = Duration::from_millis(60);
/// The safety net of every read.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client that knows nothing of HTTP but where a head ends.
struct Raw {
    stream: TcpStream,
    /// Everything read and not yet taken.
    seen: Vec<u8>,
}

/// How a connection ended.
#[derive(Debug, PartialEq)]
enum Ended {
    Fin,
    Reset,
}

/// One answer, with its head apart.
#[derive(Debug)]
struct Wire {
    status: u16,
    head: String,
    /// As sent: chunk sizes included.
    body: Vec<u8>,
}

impl Raw {
    async fn open(mock: &Mock) -> Self {
        let stream = TcpStream::connect(mock.address()).await.expect("connects");
        Self {
            stream,
            seen: Vec::new(),
        }
    }

    /// Sends a request with this body and no more headers than it takes.
    async fn send(&mut self, method: &str, target: &str, headers: &str, body: &str) {
        let length = body.len();
        let text = format!(
            "{method} {target} HTTP/1.1\r\nhost: mock\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
        self.write(&text).await;
    }

    async fn write(&mut self, text: &str) {
        let sent = self.stream.write_all(text.as_bytes()).await;
        sent.expect("the mock reads");
    }

    /// Asks for a chat answer of `model`.
    async fn chat(&mut self, model: &str, stream: bool) {
        let body = format!(r#"{{"model":"{model}","stream":{stream},"messages":[]}}"#);
        self.send("POST", "/v1/chat/completions", "", &body).await;
    }

    async fn more(&mut self) -> Result<(), Ended> {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.seen)).await;
        match read.expect("something comes in time") {
            Ok(0) => Err(Ended::Fin),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Err(Ended::Reset),
            Err(error) => panic!("cannot read: {error}"),
        }
    }

    /// Reads on until the connection ends.
    async fn read_to_end(&mut self) -> Ended {
        loop {
            if let Err(ended) = self.more().await {
                return ended;
            }
        }
    }

    /// Reads until `text` has come.
    async fn until(&mut self, text: &str) {
        while !contains(&self.seen, text) {
            let more = self.more().await;
            let seen = String::from_utf8_lossy(&self.seen);
            more.unwrap_or_else(|ended| panic!("{ended:?} before {text:?}, after {seen}"));
        }
    }

    /// Reads one answer whose head tells the length of its body.
    async fn answer(&mut self) -> Wire {
        self.until("\r\n\r\n").await;
        let (at, wire) = Wire::cut(&self.seen);
        let length = wire.length().expect("a content-length");
        while self.seen.len() < at + length {
            self.more().await.expect("a whole body");
        }
        let wire = Wire::cut(&self.seen[..at + length]).1;
        self.seen.drain(..at + length);
        wire
    }

    /// Reads one chunked answer.
    async fn streamed(&mut self) -> Wire {
        self.until("\r\n0\r\n\r\n").await;
        let wire = Wire::cut(&self.seen).1;
        self.seen.clear();
        wire
    }

    /// Nothing more comes and nothing ends.
    async fn stays_silent(&mut self) {
        let before = self.seen.len();
        let read = timeout(SILENCE, self.stream.read_buf(&mut self.seen)).await;
        assert!(read.is_err(), "{read:?} after {before} bytes");
    }
}

impl Wire {
    /// Where the body begins, and the answer in `bytes`.
    fn cut(bytes: &[u8]) -> (usize, Self) {
        let at = find(bytes, "\r\n\r\n").expect("a whole head") + 4;
        let head = String::from_utf8(bytes[..at].to_vec()).expect("a head in ASCII");
        let status = head.split(' ').nth(1).expect("a status");
        let wire = Self {
            status: status.parse().expect("a number"),
            body: bytes[at..].to_vec(),
            head,
        };
        (at, wire)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn length(&self) -> Option<usize> {
        self.header("content-length")?.parse().ok()
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }

    /// The chunks, and whether the body was ended.
    fn chunks(&self) -> (Vec<String>, bool) {
        assert_eq!(self.header("transfer-encoding"), Some("chunked"));
        let (mut chunks, mut rest) = (Vec::new(), self.body.as_slice());
        while let Some(line) = find(rest, "\r\n") {
            let size = std::str::from_utf8(&rest[..line]).expect("a size");
            let size = usize::from_str_radix(size, 16).expect("a size in hex");
            if size == 0 {
                assert_eq!(&rest[line..], b"\r\n\r\n");
                return (chunks, true);
            }
            let data = &rest[line + 2..line + 2 + size];
            chunks.push(String::from_utf8(data.to_vec()).expect("text"));
            rest = &rest[line + 4 + size..];
        }
        (chunks, false)
    }

    /// The payload of a chunked answer, and whether it was ended.
    fn payload(&self) -> (String, bool) {
        let (chunks, ended) = self.chunks();
        (chunks.concat(), ended)
    }
}

fn find(bytes: &[u8], text: &str) -> Option<usize> {
    bytes
        .windows(text.len())
        .position(|window| window == text.as_bytes())
}

fn contains(bytes: &[u8], text: &str) -> bool {
    find(bytes, text).is_some()
}
