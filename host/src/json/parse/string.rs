//! Reading one string: find its end, check it, mend it where that is allowed.

use std::borrow::Cow;

use memchr::memchr2;

use super::super::text::{escape_into, hex4, is_high, is_low};
use super::{ParseError, ParseErrorKind, Parser};

impl<'a> Parser<'a> {
    /// The content of the string whose opening quote has just been passed, escapes kept; stops behind
    /// the closing quote. Borrowed unless something had to be mended.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
        let start = self.at;
        let mut surrogates = false;
        loop {
            let Some(skip) = memchr2(b'"', b'\\', &self.bytes[self.at..]) else {
                return Err(ParseErrorKind::UnexpectedEnd.at(self.bytes.len()));
            };
            self.at += skip;
            if self.bytes[self.at] == b'"' {
                break;
            }
            surrogates |= self.escape()?;
        }
        let raw = &self.text[start..self.at];
        self.at += 1;
        let mut content = Cow::Borrowed(raw);
        if has_control(raw.as_bytes()) {
            if !self.options.lenient {
                let within = raw.bytes().position(|byte| byte < 0x20).unwrap_or(0);
                return Err(ParseErrorKind::ControlCharacter.at(start + within));
            }
            self.mended = true;
            content = Cow::Owned(escape_control(raw));
        }
        if surrogates && let Some(mended) = replace_halves(&content) {
            self.mended = true;
            content = Cow::Owned(mended);
        }
        Ok(content)
    }

    /// Steps over an escape; true if it writes half of a surrogate pair.
    fn escape(&mut self) -> Result<bool, ParseError> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(false)
            }
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 2..self.at + 6);
                let Some(code) = hex4(digits) else {
                    let ends = digits.is_none();
                    let kind = if ends {
                        ParseErrorKind::UnexpectedEnd
                    } else {
                        ParseErrorKind::InvalidEscape
                    };
                    return Err(kind.at(self.at));
                };
                self.at += 6;
                Ok(is_high(code) || is_low(code))
            }
            Some(_) => Err(ParseErrorKind::InvalidEscape.at(self.at)),
            None => Err(ParseErrorKind::UnexpectedEnd.at(self.at)),
        }
    }
}

/// Without an early exit, so that the compiler can look at many bytes at once.
fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |any, byte| any | (*byte < 0x20))
}

/// Escapes the bare control characters and leaves the escapes that are there.
fn escape_control(raw: &str) -> String {
    let mut content = String::with_capacity(raw.len() + 16);
    let mut from = 0;
    for (at, byte) in raw.bytes().enumerate() {
        if byte < 0x20 {
            content.push_str(&raw[from..at]);
            escape_into(&raw[at..=at], &mut content);
            from = at + 1;
        }
    }
    content.push_str(&raw[from..]);
    content
}

/// Every unpaired surrogate becomes `\ufffd`; `None` if all are paired. The escapes in `raw` are known to be whole.
fn replace_halves(raw: &str) -> Option<String> {
    let bytes = raw.as_bytes();
    let mut content = String::new();
    let mut from = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        if bytes.get(at + 1) != Some(&b'u') {
            at += 2;
            continue;
        }
        let code = hex4(bytes.get(at + 2..at + 6)).unwrap_or(0);
        let next = (bytes.get(at + 6..at + 8) == Some(b"\\u"))
            .then(|| hex4(bytes.get(at + 8..at + 12)))
            .flatten();
        if is_high(code) && next.is_some_and(is_low) {
            at += 12;
        } else if is_high(code) || is_low(code) {
            content.push_str(&raw[from..at]);
            content.push_str("\\ufffd");
            at += 6;
            from = at;
        } else {
            at += 6;
        }
    }
    (from > 0).then(|| {
        content.push_str(&raw[from..]);
        content
    })
}
