//! Server-sent events, as the HTML standard reads them, but for one thing: a last event without its blank line counts.

use bytes::Bytes;

use super::lines::Buffer;
use super::{Frame, FrameError};

const BOM: &[u8] = b"\xef\xbb\xbf";

#[derive(Debug)]
pub(super) struct Sse {
    lines: Buffer,
    /// No line has come yet: a byte order mark may.
    first: bool,
    name: String,
    data: Data,
    most: usize,
}

/// The data lines of the event so far.
#[derive(Debug, Default)]
enum Data {
    #[default]
    None,
    /// Nearly all events have one line, which is then not copied.
    One(Bytes),
    Joined(Vec<u8>),
}

impl Sse {
    pub(super) fn new(most: usize) -> Self {
        Self {
            lines: Buffer::new(most),
            first: true,
            name: String::new(),
            data: Data::None,
            most,
        }
    }

    pub(super) fn push(&mut self, read: &[u8], frames: &mut Vec<Frame>) -> Result<(), FrameError> {
        self.lines.push(read);
        while let Some(line) = self.lines.line()? {
            self.line(&line, frames)?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, frames: &mut Vec<Frame>) {
        let rest = self.lines.rest();
        if !rest.is_empty() && self.line(&rest, frames).is_err() {
            return;
        }
        self.dispatch(frames);
    }

    fn line(&mut self, line: &Bytes, frames: &mut Vec<Frame>) -> Result<(), FrameError> {
        let mut text: &[u8] = line;
        if std::mem::take(&mut self.first) {
            text = text.strip_prefix(BOM).unwrap_or(text);
        }
        if text.is_empty() {
            self.dispatch(frames);
            return Ok(());
        }
        let (field, value) = match memchr::memchr(b':', text) {
            Some(at) => {
                let value = &text[at + 1..];
                (&text[..at], value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (text, &text[text.len()..]),
        };
        match field {
            b"data" => self.add(line.slice_ref(value))?,
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            // Comments, ids, retry times and what is not known.
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, value: Bytes) -> Result<(), FrameError> {
        self.data = match std::mem::take(&mut self.data) {
            Data::None => Data::One(value),
            Data::One(before) => {
                let mut joined = before.to_vec();
                joined.push(b'\n');
                joined.extend_from_slice(&value);
                Data::Joined(joined)
            }
            Data::Joined(mut joined) => {
                joined.push(b'\n');
                joined.extend_from_slice(&value);
                Data::Joined(joined)
            }
        };
        match &self.data {
            Data::Joined(joined) if joined.len() > self.most => Err(FrameError::TooLong),
            _ => Ok(()),
        }
    }

    fn dispatch(&mut self, frames: &mut Vec<Frame>) {
        let name = std::mem::take(&mut self.name);
        let data = match std::mem::take(&mut self.data) {
            Data::None => return,
            Data::One(data) => data,
            Data::Joined(data) => data.into(),
        };
        // An event of nothing keeps the connection alive and says nothing.
        if !data.is_empty() {
            frames.push(Frame { name, data });
        }
    }
}
