//! A string as it was escaped.

use std::borrow::Cow;

use memchr::memchr;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A JSON string, kept as it stood between its quotes.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    /// Valid content of a JSON string, always: every escape is whole, no bare control character, no
    /// unpaired surrogate.
    raw: Cow<'a, str>,
}

impl<'a> Text<'a> {
    /// `raw` must be as the field says; only the parser and the joins of this crate say so.
    pub(super) fn from_raw(raw: Cow<'a, str>) -> Self {
        Text { raw }
    }

    /// The string that says `text`.
    #[must_use]
    pub fn from_text(text: &str) -> Text<'static> {
        let mut raw = String::with_capacity(text.len() + 16);
        escape_into(text, &mut raw);
        Text {
            raw: Cow::Owned(raw),
        }
    }

    /// What stands between the quotes, escapes and all.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// What it says. Borrowed where there is no escape.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        unescape(&self.raw)
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Number of Unicode characters it says, without unescaping it.
    #[must_use]
    pub fn chars(&self) -> usize {
        let bytes = self.raw.as_bytes();
        let mut count = self.raw.chars().count();
        let mut at = 0;
        while let Some(skip) = memchr(b'\\', &bytes[at..]) {
            at += skip;
            if bytes.get(at + 1) == Some(&b'u') {
                // The second half of a pair adds no character of its own.
                let low = hex4(bytes.get(at + 2..at + 6)).is_some_and(is_low);
                count -= if low { 6 } else { 5 };
                at += 6;
            } else {
                count -= 1;
                at += 2;
            }
            if at >= bytes.len() {
                break;
            }
        }
        count
    }

    /// This string, then the others, with what `between` says between each. Works on the escaped forms.
    pub(super) fn join<'b>(
        texts: impl Iterator<Item = &'b Text<'a>>,
        between: &str,
    ) -> Text<'static>
    where
        'a: 'b,
    {
        let mut raw = String::new();
        for (number, text) in texts.enumerate() {
            if number > 0 {
                escape_into(between, &mut raw);
            }
            raw.push_str(&text.raw);
        }
        Text {
            raw: Cow::Owned(raw),
        }
    }

    /// Adds what `more` says at the end.
    pub fn push(&mut self, more: &Text<'_>) {
        self.raw.to_mut().push_str(&more.raw);
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Text<'static> {
        Text {
            raw: Cow::Owned(self.raw.into_owned()),
        }
    }
}

impl<'a> From<&'a str> for Text<'a> {
    /// Borrows where nothing needs an escape.
    fn from(text: &'a str) -> Self {
        if text.bytes().any(needs_escape) {
            Text::from_text(text)
        } else {
            Text {
                raw: Cow::Borrowed(text),
            }
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Text<'_>) -> bool {
        self.raw == other.raw
            || ((self.raw.contains('\\') || other.raw.contains('\\'))
                && self.text() == other.text())
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.text() == other
    }
}

pub(super) fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Appends `text` as it must stand between quotes: only what has to be escaped is.
pub(super) fn escape_into(text: &str, raw: &mut String) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if !needs_escape(*byte) {
            continue;
        }
        raw.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => raw.push_str("\\\""),
            b'\\' => raw.push_str("\\\\"),
            b'\n' => raw.push_str("\\n"),
            b'\r' => raw.push_str("\\r"),
            b'\t' => raw.push_str("\\t"),
            0x08 => raw.push_str("\\b"),
            0x0c => raw.push_str("\\f"),
            _ => {
                raw.push_str("\\u00");
                raw.push(HEX[usize::from(byte >> 4)] as char);
                raw.push(HEX[usize::from(byte & 15)] as char);
            }
        }
    }
    raw.push_str(&text[from..]);
}

/// What the content of a JSON string says. An unpaired surrogate says U+FFFD, and so does an escape that is none.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'\\', raw.as_bytes()) else {
        return Cow::Borrowed(raw);
    };
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    let mut next = Some(first);
    while let Some(at) = next {
        text.push_str(&rest[..at]);
        let (letter, used) = escape(&rest.as_bytes()[at..]);
        text.push(letter);
        // `used` may end inside a character only if the escape was none; then step to its end.
        let mut end = (at + used).min(rest.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        rest = &rest[end..];
        next = memchr(b'\\', rest.as_bytes());
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character an escape stands for, and its length. `bytes` begins with the backslash.
fn escape(bytes: &[u8]) -> (char, usize) {
    let letter = match bytes.get(1) {
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'u') => return unicode(bytes),
        _ => char::REPLACEMENT_CHARACTER,
    };
    (letter, 2)
}

fn unicode(bytes: &[u8]) -> (char, usize) {
    let Some(code) = hex4(bytes.get(2..6)) else {
        return (char::REPLACEMENT_CHARACTER, 2);
    };
    if is_high(code)
        && bytes.get(6..8) == Some(b"\\u")
        && let Some(low) = hex4(bytes.get(8..12))
        && is_low(low)
    {
        let whole = 0x10000 + ((u32::from(code) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
        return (
            char::from_u32(whole).unwrap_or(char::REPLACEMENT_CHARACTER),
            12,
        );
    }
    (
        char::from_u32(u32::from(code)).unwrap_or(char::REPLACEMENT_CHARACTER),
        6,
    )
}

/// The number that four hex digits write.
pub(super) fn hex4(digits: Option<&[u8]>) -> Option<u16> {
    let digits: &[u8; 4] = digits?.try_into().ok()?;
    let mut code = 0;
    for digit in digits {
        code = code << 4 | (*digit as char).to_digit(16)? as u16;
    }
    Some(code)
}

/// The first half of a surrogate pair.
pub(super) fn is_high(code: u16) -> bool {
    (0xd800..0xdc00).contains(&code)
}

/// The second half of a surrogate pair.
pub(super) fn is_low(code: u16) -> bool {
    (0xdc00..0xe000).contains(&code)
}
