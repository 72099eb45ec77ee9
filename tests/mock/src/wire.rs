//! Requests off the socket: head, length or chunks, nothing copied that need not be.

use std::io;
use std::ops::Range;
use std::time::Instant;

use httparse::{EMPTY_HEADER, Header, Status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Headers a request may have.
const MAX_HEADERS: usize = 96;
/// Bytes made free before each read.
const READ: usize = 16 * 1024;

/// The incoming side of a connection.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    buf: Vec<u8>,
    /// Bytes at the front of `buf` that belong to the request handed out last.
    used: usize,
}

/// Where a whole request lies in the reader's buffer.
#[derive(Debug)]
pub(crate) struct Frame {
    /// When the head was complete.
    pub(crate) at: Instant,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Inline(Range<usize>),
    Joined(Vec<u8>),
}

/// A request, borrowed from the reader.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) keep_alive: bool,
    pub(crate) body: &'a [u8],
    headers: [Header<'a>; MAX_HEADERS],
    count: usize,
}

enum Length {
    Fixed(usize),
    Chunked,
}

impl Reader {
    /// The next whole request, or `None` if the client closed between two.
    ///
    /// # Errors
    /// What the socket says, `UnexpectedEof` inside a request, `InvalidData` if it is no HTTP/1.
    pub(crate) async fn next(&mut self, stream: &mut TcpStream) -> io::Result<Option<Frame>> {
        self.buf.drain(..self.used);
        self.used = 0;
        let (head, length, expects) = loop {
            if let Some(found) = head(&self.buf)? {
                break found;
            }
            let idle = self.buf.is_empty();
            match self.fill(stream, READ).await {
                Ok(()) => {}
                Err(error) if idle && error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        };
        let at = Instant::now();
        if expects {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let body = match length {
            Length::Fixed(length) => {
                while self.buf.len() < head + length {
                    self.fill(stream, head + length - self.buf.len()).await?;
                }
                self.used = head + length;
                Body::Inline(head..head + length)
            }
            Length::Chunked => Body::Joined(self.chunks(stream, head).await?),
        };
        Ok(Some(Frame { at, body }))
    }

    /// What `frame` holds; `None` only if the head no longer parses, which cannot happen before the
    /// next call of [`Reader::next`].
    pub(crate) fn view<'a>(&'a self, frame: &'a Frame) -> Option<View<'a>> {
        let mut headers = [EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        request.parse(&self.buf).ok()?;
        let (method, target, version) = (request.method?, request.path?, request.version?);
        let count = request.headers.len();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let body = match &frame.body {
            Body::Inline(range) => self.buf.get(range.clone())?,
            Body::Joined(bytes) => bytes,
        };
        let mut view = View {
            method,
            path,
            query,
            keep_alive: version == 1,
            body,
            headers,
            count,
        };
        if let Some(connection) = view.header("connection") {
            view.keep_alive = !connection.eq_ignore_ascii_case("close");
        }
        Some(view)
    }

    /// Reads some more.
    async fn fill(&mut self, stream: &mut TcpStream, room: usize) -> io::Result<()> {
        self.buf.reserve(room);
        match stream.read_buf(&mut self.buf).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Reads a chunked body that begins at `from`, and joins it.
    async fn chunks(&mut self, stream: &mut TcpStream, from: usize) -> io::Result<Vec<u8>> {
        let mut joined = Vec::new();
        let mut at = from;
        loop {
            let (start, size) = loop {
                match httparse::parse_chunk_size(self.buf.get(at..).unwrap_or_default()) {
                    Ok(Status::Complete((line, size))) => break (at + line, size),
                    Ok(Status::Partial) => self.fill(stream, READ).await?,
                    Err(_) => return Err(io::ErrorKind::InvalidData.into()),
                }
            };
            if size == 0 {
                self.used = self.trailers(stream, start).await?;
                return Ok(joined);
            }
            let end = usize::try_from(size)
                .ok()
                .and_then(|size| start.checked_add(size))
                .ok_or(io::ErrorKind::InvalidData)?;
            while self.buf.len() < end + 2 {
                self.fill(stream, READ).await?;
            }
            joined.extend_from_slice(&self.buf[start..end]);
            at = end + 2;
        }
    }

    /// Skips trailer lines from `at` to the empty one, and returns where that ends.
    async fn trailers(&mut self, stream: &mut TcpStream, mut at: usize) -> io::Result<usize> {
        loop {
            let rest = self.buf.get(at..).unwrap_or_default();
            match rest.windows(2).position(|pair| pair == b"\r\n") {
                Some(0) => return Ok(at + 2),
                Some(line) => at += line + 2,
                None => self.fill(stream, READ).await?,
            }
        }
    }
}

impl View<'_> {
    /// The first header of this name, whatever its case, if it is UTF-8.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self
            .headers()
            .find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = &Header<'_>> {
        self.headers.iter().take(self.count)
    }
}

/// Length of a whole head, how its body is framed, and whether the client waits for `100`.
fn head(buf: &[u8]) -> io::Result<Option<(usize, Length, bool)>> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let head = match request.parse(buf) {
        Ok(Status::Complete(head)) => head,
        Ok(Status::Partial) => return Ok(None),
        Err(_) => return Err(io::ErrorKind::InvalidData.into()),
    };
    let (mut length, mut expects) = (Length::Fixed(0), false);
    for header in request.headers.iter() {
        if header.name.eq_ignore_ascii_case("transfer-encoding") {
            length = Length::Chunked;
        } else if header.name.eq_ignore_ascii_case("content-length")
            && matches!(length, Length::Fixed(_))
        {
            let number = std::str::from_utf8(header.value)
                .ok()
                .and_then(|text| text.parse().ok());
            length = Length::Fixed(number.ok_or(io::ErrorKind::InvalidData)?);
        } else if header.name.eq_ignore_ascii_case("expect") {
            expects = true;
        }
    }
    Ok(Some((head, length, expects)))
}
