//! A small HTTP client: one connection a request, so that dropping an answer is leaving.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::events::{Cutter, Event, Events};
use crate::wait::PATIENCE;

/// Talks to one server.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where the server listens.
    pub address: SocketAddr,
    /// The unified key that requests carry unless they say otherwise.
    pub key: String,
}

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<Bytes>,
    chunked: bool,
    anonymous: bool,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// An answer that is being read. Dropping it closes the connection.
#[derive(Debug)]
pub struct Streamed {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: http::HeaderMap,
    body: Incoming,
    cutter: Cutter,
    broken: bool,
    _line: Line,
}

/// A connection's task; ends it when dropped, and so closes the connection.
#[derive(Debug)]
struct Line(AbortHandle);

struct Pieces {
    left: VecDeque<Bytes>,
    exact: Option<u64>,
}

// Asking.

impl Request {
    /// A GET.
    #[must_use]
    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A POST of this JSON.
    #[must_use]
    pub fn post(target: &str, body: &Value) -> Self {
        Self::text(target, &body.to_string())
    }

    /// A POST of this text, which claims to be JSON.
    #[must_use]
    pub fn text(target: &str, body: &str) -> Self {
        Self::new("POST", target)
            .header("content-type", "application/json")
            .body(body.as_bytes().to_vec())
    }

    /// Another method.
    #[must_use]
    pub fn new(method: &'static str, target: &str) -> Self {
        Self {
            method,
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            chunked: false,
            anonymous: false,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a piece of body.
    #[must_use]
    pub fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body.push(bytes.into());
        self
    }

    /// Sends the body in chunks, one a piece, and tells no length.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Sends no key.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Sends this key instead of the client's.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.anonymous()
            .header("authorization", &format!("Bearer {key}"))
    }

    fn build(self, client: &Client) -> http::Request<Pieces> {
        let length = self.body.iter().map(|piece| piece.len() as u64).sum();
        let pieces = Pieces {
            left: self.body.into(),
            exact: (!self.chunked).then_some(length),
        };
        let mut request = http::Request::builder()
            .method(self.method)
            .uri(&self.target)
            .header("host", client.address.to_string());
        if !self.anonymous {
            request = request.header("authorization", format!("Bearer {}", client.key));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(pieces).expect("a request that can be sent")
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.left.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.exact.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

impl Client {
    /// Sends, and reads the whole answer.
    ///
    /// # Panics
    /// If no whole answer comes.
    pub async fn send(&self, request: Request) -> Reply {
        let what = format!("{} {}", request.method, request.target);
        self.try_send(request)
            .await
            .unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// As [`Client::send`], for servers that are being killed.
    ///
    /// # Errors
    /// What went wrong, for people.
    ///
    /// # Panics
    /// If nothing happens for [`PATIENCE`].
    pub async fn try_send(&self, request: Request) -> Result<Reply, String> {
        let streamed = self.try_open(request).await?;
        let body = timeout(PATIENCE, streamed.body.collect()).await;
        let body = body.expect("the answer's end in time");
        Ok(Reply {
            status: streamed.status,
            headers: streamed.headers,
            body: body
                .map_err(|error| format!("broken answer: {error}"))?
                .to_bytes(),
        })
    }

    /// Sends, and returns once the answer's head has come.
    ///
    /// # Panics
    /// If it does not come.
    pub async fn open(&self, request: Request) -> Streamed {
        let what = format!("{} {}", request.method, request.target);
        self.try_open(request)
            .await
            .unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    async fn try_open(&self, request: Request) -> Result<Streamed, String> {
        let tell = |error: &dyn std::error::Error| format!("no answer: {error}");
        let stream = TcpStream::connect(self.address)
            .await
            .map_err(|error| tell(&error))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| tell(&error))?;
        let line = Line(tokio::spawn(connection).abort_handle());
        let reply = timeout(PATIENCE, sender.send_request(request.build(self)))
            .await
            .map_err(|_| format!("no answer within {PATIENCE:?}"))?
            .map_err(|error| tell(&error))?;
        let (head, body) = reply.into_parts();
        Ok(Streamed {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
            cutter: Cutter::default(),
            broken: false,
            _line: line,
        })
    }

    /// Writes these bytes on a fresh connection and reads until the server closes it.
    ///
    /// # Panics
    /// If it does not close.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let talk = async {
            let mut stream = TcpStream::connect(self.address).await?;
            stream.write_all(bytes).await?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await?;
            std::io::Result::Ok(String::from_utf8_lossy(&answer).into_owned())
        };
        let answer = timeout(PATIENCE, talk).await.expect("an end in time");
        answer.expect("an answer")
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.0.abort();
    }
}

// Reading.

impl Reply {
    /// The value of a header, if it is there.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text()))
    }

    /// The text of the first choice.
    #[must_use]
    pub fn content(&self) -> Option<String> {
        let text = self.json()["choices"][0]["message"]["content"].take();
        text.as_str().map(str::to_owned)
    }

    /// The `code` of an error in OpenAI's shape, all of which is there.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        let error = &self.json()["error"];
        let shaped = error["message"].is_string()
            && error["type"].is_string()
            && error.get("param").is_some();
        let code = error["code"].as_str().map(str::to_owned);
        code.filter(|_| shaped)
    }
}

impl Streamed {
    /// The value of a header, if it is there.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The next event; `None` at the end, whichever it is.
    ///
    /// # Panics
    /// If nothing comes for [`PATIENCE`].
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.cutter.next() {
                return Some(event);
            }
            let frame = timeout(PATIENCE, self.body.frame()).await;
            match frame.expect("something more in time") {
                Some(Ok(frame)) => self.cutter.push(frame.data_ref().unwrap_or(&Bytes::new())),
                Some(Err(_)) => {
                    self.broken = true;
                    return None;
                }
                None => {
                    self.broken |= self.cutter.rest();
                    return None;
                }
            }
        }
    }

    /// The rest of the stream.
    pub async fn rest(mut self) -> Events {
        let mut events = Events::default();
        while let Some(event) = self.next().await {
            events.all.push(event);
        }
        events.broken = self.broken;
        events
    }

    /// Reads the rest as one body.
    ///
    /// # Panics
    /// If it does not come.
    pub async fn whole(self) -> Reply {
        let body = timeout(PATIENCE, self.body.collect()).await;
        let body = body.expect("the answer's end in time");
        Reply {
            status: self.status,
            headers: self.headers,
            body: body.expect("a whole answer").to_bytes(),
        }
    }
}
