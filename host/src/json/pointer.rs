//! Where in a value: RFC 6901 pointers with `*`.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use super::MAX_DEPTH;

/// A pointer taken apart once, to be followed often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    segments: Vec<Segment>,
}

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// `*`: every element or member.
    Every,
    /// A member's name or an element's index.
    Name {
        /// Unescaped.
        name: String,
        /// The name as an index, where it is one: digits without a leading zero.
        index: Option<usize>,
    },
}

/// A text that is no pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerError {
    /// Neither empty nor beginning with `/`.
    NoSlash,
    /// A `~` that is not `~0` or `~1`.
    BadEscape,
    /// More steps than a value may have levels.
    TooDeep,
}

impl Pointer {
    /// Takes a pointer apart: `""` is the whole, `/messages/*/role` the role of every message.
    ///
    /// # Errors
    /// See [`PointerError`].
    pub fn parse(pointer: &str) -> Result<Self, PointerError> {
        if pointer.is_empty() {
            return Ok(Pointer {
                segments: Vec::new(),
            });
        }
        let rest = pointer.strip_prefix('/').ok_or(PointerError::NoSlash)?;
        let mut segments = Vec::new();
        for segment in rest.split('/') {
            if segments.len() == MAX_DEPTH {
                return Err(PointerError::TooDeep);
            }
            segments.push(Segment::parse(segment)?);
        }
        Ok(Pointer { segments })
    }

    /// The steps, from the top.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

impl Segment {
    fn parse(segment: &str) -> Result<Self, PointerError> {
        if segment == "*" {
            return Ok(Segment::Every);
        }
        let name = unescape(segment)?.into_owned();
        let index = index(&name);
        Ok(Segment::Name { name, index })
    }
}

impl fmt::Display for PointerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PointerError::NoSlash => "a pointer must be empty or begin with `/`",
            PointerError::BadEscape => "in a pointer, `~` must be followed by `0` or `1`",
            PointerError::TooDeep => "the pointer has more than 128 segments",
        })
    }
}

impl Error for PointerError {}

/// Undoes `~0` and `~1`.
pub(super) fn unescape(segment: &str) -> Result<Cow<'_, str>, PointerError> {
    if !segment.contains('~') {
        return Ok(Cow::Borrowed(segment));
    }
    let mut name = String::with_capacity(segment.len());
    let mut letters = segment.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '~' => name.push(match letters.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(PointerError::BadEscape),
            }),
            other => name.push(other),
        }
    }
    Ok(Cow::Owned(name))
}

/// The index a segment writes, by the RFC: digits, no leading zero.
pub(super) fn index(name: &str) -> Option<usize> {
    let digits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (name.len() == 1 || !name.starts_with('0'))).then(|| name.parse().ok())?
}
