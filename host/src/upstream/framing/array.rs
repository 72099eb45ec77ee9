//! The elements of one long JSON array, each as soon as it is whole.

use bytes::Bytes;

use super::{Frame, FrameError};

#[derive(Debug)]
pub(super) struct Array {
    place: Place,
    element: Vec<u8>,
    /// Open brackets within the element.
    depth: usize,
    in_string: bool,
    escaped: bool,
    most: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Between,
    Within,
    After,
}

impl Array {
    pub(super) fn new(most: usize) -> Self {
        Self {
            place: Place::Before,
            element: Vec::new(),
            depth: 0,
            in_string: false,
            escaped: false,
            most,
        }
    }

    pub(super) fn push(&mut self, read: &[u8], frames: &mut Vec<Frame>) -> Result<(), FrameError> {
        for byte in read {
            self.byte(*byte, frames)?;
        }
        if self.element.len() > self.most {
            Err(FrameError::TooLong)
        } else {
            Ok(())
        }
    }

    pub(super) fn finish(&self) -> Result<(), FrameError> {
        if self.place == Place::After {
            Ok(())
        } else {
            Err(FrameError::Cut)
        }
    }

    fn byte(&mut self, byte: u8, frames: &mut Vec<Frame>) -> Result<(), FrameError> {
        match self.place {
            Place::Before => match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0xef | 0xbb | 0xbf => {}
                b'[' => self.place = Place::Between,
                _ => return Err(FrameError::NotAnArray),
            },
            Place::Between => match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => {}
                b']' => self.place = Place::After,
                _ => {
                    self.place = Place::Within;
                    self.within(byte, frames);
                }
            },
            Place::Within => self.within(byte, frames),
            Place::After => {}
        }
        Ok(())
    }

    fn within(&mut self, byte: u8, frames: &mut Vec<Frame>) {
        if self.in_string {
            self.element.push(byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => self.depth -= 1,
            b',' | b']' if self.depth == 0 => {
                self.emit(frames);
                self.place = if byte == b']' {
                    Place::After
                } else {
                    Place::Between
                };
                return;
            }
            _ => {}
        }
        self.element.push(byte);
        if self.depth == 0 && matches!(byte, b'}' | b']') {
            self.emit(frames);
            self.place = Place::Between;
        }
    }

    fn emit(&mut self, frames: &mut Vec<Frame>) {
        let element = std::mem::take(&mut self.element);
        frames.push(Frame {
            name: String::new(),
            data: Bytes::copy_from_slice(element.trim_ascii()),
        });
    }
}
