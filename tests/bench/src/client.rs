//! A small HTTP/1.1 client: one connection, one request after the other, whole replies read but not
//! kept. It is the same for every process under test, and cheap, so that it is not what is measured.

use std::net::SocketAddr;

use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const MAX_HEADERS: usize = 64;

/// A keep-alive connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    /// Bytes read and not yet used.
    buffer: Vec<u8>,
    /// The last reply's body.
    body: Vec<u8>,
}

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
}

/// A reply's head: status, and what follows it.
#[derive(Clone, Copy, Debug)]
struct Head {
    status: u16,
    framing: Framing,
    /// Its own bytes.
    length: usize,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// If nobody listens there.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(text)?;
        stream.set_nodelay(true).map_err(text)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 << 10),
            body: Vec::new(),
        })
    }

    /// Sends `request` as it stands and reads the reply; its body is lent until the next one.
    ///
    /// # Errors
    /// If the connection breaks, the reply is no HTTP, or its status is not 200.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<&[u8], String> {
        self.stream.write_all(request).await.map_err(text)?;
        self.body.clear();
        let head = loop {
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
            self.more().await?;
        };
        self.buffer.drain(..head.length);
        match head.framing {
            Framing::Length(length) => {
                while self.buffer.len() < length {
                    self.more().await?;
                }
                self.body.extend(self.buffer.drain(..length));
            }
            Framing::Chunked => self.chunks().await?,
        }
        if head.status == 200 {
            Ok(&self.body)
        } else {
            let said = String::from_utf8_lossy(&self.body);
            Err(format!("status {}: {said}", head.status))
        }
    }

    async fn chunks(&mut self) -> Result<(), String> {
        let mut from = 0;
        loop {
            match httparse::parse_chunk_size(&self.buffer[from..]) {
                Ok(httparse::Status::Complete((line, size))) => {
                    // The size line, the data, and the line end after it.
                    let start = from + line;
                    let size = usize::try_from(size).map_err(text)?;
                    let end = start.saturating_add(size);
                    while self.buffer.len() < end.saturating_add(2) {
                        self.more().await?;
                    }
                    self.body.extend_from_slice(&self.buffer[start..end]);
                    from = end + 2;
                    if size == 0 {
                        self.buffer.drain(..from);
                        return Ok(());
                    }
                }
                Ok(httparse::Status::Partial) => {
                    self.buffer.drain(..from);
                    from = 0;
                    self.more().await?;
                }
                Err(_) => return Err("a chunk without a size".to_owned()),
            }
        }
    }

    async fn more(&mut self) -> Result<(), String> {
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err("the connection ended within a reply".to_owned()),
            Ok(_) => Ok(()),
            Err(error) => Err(text(error)),
        }
    }
}

/// The head at the start of `bytes`; `None` until it is whole.
fn head(bytes: &[u8]) -> Result<Option<Head>, String> {
    if memmem::find(bytes, b"\r\n\r\n").is_none() {
        return Ok(None);
    }
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut reply = httparse::Response::new(&mut headers);
    let parsed = reply.parse(bytes).map_err(text)?;
    let (httparse::Status::Complete(length), Some(status)) = (parsed, reply.code) else {
        return Ok(None);
    };
    let value = |name: &str| {
        let mut all = reply.headers.iter();
        let header = all.find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    let framing = match (value("transfer-encoding"), value("content-length")) {
        (Some(_), _) => Framing::Chunked,
        (None, Some(length)) => Framing::Length(length.trim().parse().map_err(text)?),
        (None, None) => return Err("a reply that says nothing of its length".to_owned()),
    };
    Ok(Some(Head {
        status,
        framing,
        length,
    }))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
