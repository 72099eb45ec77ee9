//! Lines that end in LF, CR or CRLF, and JSON lines.

use bytes::{Bytes, BytesMut};
use memchr::memchr2;

use super::{Frame, FrameError};

/// What has come of lines that are not whole yet.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: BytesMut,
    /// So far there is no line end.
    searched: usize,
    /// The last line ended in CR: an LF that follows belongs to it.
    after_cr: bool,
    most: usize,
}

impl Buffer {
    pub(super) fn new(most: usize) -> Self {
        Self {
            bytes: BytesMut::new(),
            searched: 0,
            after_cr: false,
            most,
        }
    }

    pub(super) fn push(&mut self, read: &[u8]) {
        self.bytes.extend_from_slice(read);
    }

    /// The next whole line, without its end.
    pub(super) fn line(&mut self) -> Result<Option<Bytes>, FrameError> {
        if self.after_cr && !self.bytes.is_empty() {
            self.after_cr = false;
            if self.bytes[0] == b'\n' {
                drop(self.bytes.split_to(1));
            }
        }
        let Some(at) = memchr2(b'\n', b'\r', &self.bytes[self.searched..]) else {
            self.searched = self.bytes.len();
            return if self.bytes.len() > self.most {
                Err(FrameError::TooLong)
            } else {
                Ok(None)
            };
        };
        let end = self.searched + at;
        if end > self.most {
            return Err(FrameError::TooLong);
        }
        self.searched = 0;
        let mut line = self.bytes.split_to(end + 1);
        self.after_cr = line[end] == b'\r';
        line.truncate(end);
        Ok(Some(line.freeze()))
    }

    /// What is left when nothing more comes.
    pub(super) fn rest(&mut self) -> Bytes {
        let rest = self.bytes.split().freeze();
        match rest.first() {
            Some(b'\n') if self.after_cr => rest.slice(1..),
            _ => rest,
        }
    }
}

/// JSON lines.
#[derive(Debug)]
pub(super) struct Lines(Buffer);

impl Lines {
    pub(super) fn new(most: usize) -> Self {
        Self(Buffer::new(most))
    }

    pub(super) fn push(&mut self, read: &[u8], frames: &mut Vec<Frame>) -> Result<(), FrameError> {
        self.0.push(read);
        while let Some(line) = self.0.line()? {
            add(line, frames);
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, frames: &mut Vec<Frame>) {
        add(self.0.rest(), frames);
    }
}

/// Blank lines keep connections alive and say nothing.
fn add(line: Bytes, frames: &mut Vec<Frame>) {
    let trimmed = line.trim_ascii();
    if !trimmed.is_empty() {
        frames.push(Frame {
            name: String::new(),
            data: line.slice_ref(trimmed),
        });
    }
}
