//! Plays a scripted answer on a socket, watching for the client to leave.

use std::fmt::Write as _;
use std::future::pending;
use std::io;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::answer::{Answer, End, Framing, Pause, Piece, Split};

/// Where an answer left its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Ready for the next request.
    Next,
    /// Ended here, as the script (or the client's `connection: close`) wanted.
    Over,
    /// The client left first.
    Left,
}

/// How much of a piece became bytes on the wire.
enum Written {
    All,
    /// The script's cut was reached.
    Cut,
}

pub(crate) async fn answer(stream: &mut TcpStream, answer: &Answer, keep_alive: bool) -> Outcome {
    match run(stream, answer, keep_alive).await {
        Ok(outcome) => outcome,
        // Writing fails only where the client is gone.
        Err(_) => Outcome::Left,
    }
}

/// Waits for all of these, or for the client to leave.
pub(crate) async fn pauses(stream: &mut TcpStream, pauses: &[Pause]) -> Outcome {
    for pause in pauses {
        let waited = async {
            match pause {
                Pause::Gate(gate) => gate.wait().await,
                Pause::For(time) => tokio::time::sleep(*time).await,
                Pause::Forever => pending().await,
            }
        };
        tokio::select! {
            biased;
            () = left(stream) => return Outcome::Left,
            () = waited => {}
        }
    }
    Outcome::Next
}

async fn run(stream: &mut TcpStream, answer: &Answer, keep_alive: bool) -> io::Result<Outcome> {
    if pauses(stream, &answer.before).await == Outcome::Left {
        return Ok(Outcome::Left);
    }
    if answer.status != 0 {
        stream.write_all(head(answer).as_bytes()).await?;
        let mut left = answer.cut.unwrap_or(usize::MAX);
        for piece in &answer.body {
            if let Piece::Pause(pause) = piece {
                if pauses(stream, std::slice::from_ref(pause)).await == Outcome::Left {
                    return Ok(Outcome::Left);
                }
            } else if let Written::Cut = write_piece(stream, answer, piece, &mut left).await? {
                break;
            }
        }
    }
    finish(stream, answer, keep_alive).await
}

async fn write_piece(
    stream: &mut TcpStream,
    answer: &Answer,
    piece: &Piece,
    left: &mut usize,
) -> io::Result<Written> {
    let (bytes, times) = match piece {
        Piece::Bytes(bytes) => (bytes, 1),
        Piece::Repeat(bytes, times) => (bytes, *times),
        Piece::Pause(_) => return Ok(Written::All),
    };
    let size = match answer.split {
        Split::Piece => bytes.len().max(1),
        Split::Every(size) => size.max(1),
    };
    for _ in 0..times {
        for part in bytes.chunks(size) {
            let part = part.get(..*left).unwrap_or(part);
            *left -= part.len();
            if !part.is_empty() && answer.framing == Framing::Chunked {
                let mut chunk = format!("{:x}\r\n", part.len()).into_bytes();
                chunk.extend_from_slice(part);
                chunk.extend_from_slice(b"\r\n");
                stream.write_all(&chunk).await?;
            } else {
                stream.write_all(part).await?;
            }
            if *left == 0 {
                return Ok(Written::Cut);
            }
        }
    }
    Ok(Written::All)
}

async fn finish(stream: &mut TcpStream, answer: &Answer, keep_alive: bool) -> io::Result<Outcome> {
    match answer.end {
        End::KeepAlive | End::Close => {
            if answer.framing == Framing::Chunked {
                stream.write_all(b"0\r\n\r\n").await?;
            }
            // A body whose stated length is wrong or missing can only end with its connection.
            let framed = matches!(answer.framing, Framing::Length | Framing::Chunked);
            let stays = keep_alive && framed && answer.end == End::KeepAlive;
            Ok(if stays { Outcome::Next } else { Outcome::Over })
        }
        End::Cut => Ok(Outcome::Over),
        End::Reset => {
            stream.set_zero_linger()?;
            Ok(Outcome::Over)
        }
        End::Stall => {
            left(stream).await;
            Ok(Outcome::Left)
        }
    }
}

fn head(answer: &Answer) -> String {
    let reason = match answer.status {
        200 => "OK",
        301 | 302 | 303 | 307 | 308 => "Elsewhere",
        429 => "Too Many Requests",
        400..=499 => "Client Error",
        500..=599 => "Server Error",
        _ => "Status",
    };
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", answer.status);
    // Writing to a string cannot fail.
    for (name, value) in &answer.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = match answer.framing {
        Framing::Length => write!(head, "content-length: {}\r\n", answer.body_len()),
        Framing::Claim(length) => write!(head, "content-length: {length}\r\n"),
        Framing::Chunked => write!(head, "transfer-encoding: chunked\r\n"),
        Framing::UntilClose => write!(head, "connection: close\r\n"),
    };
    head.push_str("\r\n");
    head
}

/// Returns when the client has closed its side. Bytes of a next request end the watch, not the wait.
async fn left(stream: &TcpStream) {
    let mut byte = [0];
    match stream.peek(&mut byte).await {
        Ok(0) | Err(_) => {}
        Ok(_) => pending().await,
    }
}
