//! The load: raw HTTP/1.1 over kept connections, so that the client costs little and the same everywhere.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What one round came to.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// Of each request, microseconds.
    pub(crate) latencies: Vec<u32>,
    /// Requests that failed; any makes a figure worthless.
    pub(crate) failed: usize,
    pub(crate) seconds: f64,
}

/// Sends `request` again and again over `connections` for `time`.
pub(crate) async fn run(
    to: SocketAddr,
    request: &[u8],
    connections: usize,
    time: Duration,
) -> Round {
    let began = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(connection(to, request.to_vec(), began + time)))
        .collect();
    let mut round = Round::default();
    for task in tasks {
        match task.await {
            Ok((latencies, failed)) => {
                round.latencies.extend(latencies);
                round.failed += failed;
            }
            Err(_) => round.failed += 1,
        }
    }
    round.seconds = began.elapsed().as_secs_f64();
    round
}

async fn connection(to: SocketAddr, request: Vec<u8>, until: Instant) -> (Vec<u32>, usize) {
    let mut latencies = Vec::new();
    let Ok(mut socket) = TcpStream::connect(to).await else {
        return (latencies, 1);
    };
    let _ = socket.set_nodelay(true);
    let mut buffer = Vec::with_capacity(64 * 1024);
    while Instant::now() < until {
        let began = Instant::now();
        match exchange(&mut socket, &request, &mut buffer).await {
            Ok(200) => {
                latencies.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
            _ => return (latencies, 1),
        }
    }
    (latencies, 0)
}

/// One request and its whole answer; the status.
pub(crate) async fn exchange(
    socket: &mut TcpStream,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> io::Result<u16> {
    socket.write_all(request).await?;
    buffer.clear();
    let (status, head, length) = loop {
        more(socket, buffer).await?;
        if let Some(head) = head(buffer)? {
            break head;
        }
    };
    match length {
        Some(length) => {
            while buffer.len() < head + length {
                more(socket, buffer).await?;
            }
        }
        None => {
            let mut chunks = Chunks { at: head };
            while !chunks.over(buffer)? {
                more(socket, buffer).await?;
            }
        }
    }
    Ok(status)
}

async fn more(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    match socket.read_buf(buffer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// Status, length of the head, and the body's length; `None` for chunks.
type Head = (u16, usize, Option<usize>);

fn head(buffer: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let status = response.parse(buffer).map_err(io::Error::other)?;
    let httparse::Status::Complete(end) = status else {
        return Ok(None);
    };
    let length = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| std::str::from_utf8(header.value).ok()?.trim().parse().ok());
    Ok(Some((response.code.unwrap_or(0), end, length)))
}

/// Where in a chunked body the next chunk begins.
struct Chunks {
    at: usize,
}

impl Chunks {
    /// Goes on as far as there are bytes; true behind the last chunk.
    fn over(&mut self, buffer: &[u8]) -> io::Result<bool> {
        loop {
            let rest = buffer.get(self.at..).unwrap_or_default();
            match httparse::parse_chunk_size(rest) {
                Ok(httparse::Status::Complete((line, 0))) => return Ok(rest.len() >= line + 2),
                Ok(httparse::Status::Complete((line, size))) => {
                    let next = line + usize::try_from(size).map_err(io::Error::other)? + 2;
                    if rest.len() < next {
                        return Ok(false);
                    }
                    self.at += next;
                }
                Ok(httparse::Status::Partial) => return Ok(false),
                Err(_) => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    }
}
