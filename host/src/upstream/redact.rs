//! Blanks credentials in what comes back: upstreams echo them in errors, and a plugin must not read them.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memmem::Finder;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a credential's place.
const BLANK: &str = "[redacted]";

/// Whether a text is looked for. Words that people give to local servers which want any key (`ollama`, `lm-studio`)
/// are not: they would blank ordinary text, and guard nothing.
pub(super) fn is_secret(text: &str) -> bool {
    let has = |kind: fn(&char) -> bool| text.chars().any(|letter| kind(&letter));
    let mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
    text.len() >= 12 || (text.len() >= 8 && mixed)
}

/// Looks for the credentials of one key, as they are and in the spellings in which they come back.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    finders: Vec<Finder<'static>>,
}

impl Redactor {
    /// For these credentials.
    pub fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut spellings = Vec::new();
        for secret in secrets.map(str::trim).filter(|secret| is_secret(secret)) {
            spellings.push(secret.to_owned());
            spellings.push(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string());
            let json = serde_json::Value::from(secret).to_string();
            spellings.push(json.trim_matches('"').to_owned());
            spellings.push(base64(secret.as_bytes()));
        }
        // The longest first, so that none is blanked only in part.
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        spellings.dedup();
        Self {
            finders: spellings
                .iter()
                .map(|spelling| Finder::new(spelling.as_bytes()).into_owned())
                .collect(),
        }
    }

    /// The text without credentials.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(blanked) => Cow::Owned(String::from_utf8_lossy(&blanked).into_owned()),
        }
    }

    /// The bytes without credentials; borrowed where there are none, which is nearly always.
    #[must_use]
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let mut blanked = Cow::Borrowed(bytes);
        for finder in &self.finders {
            if finder.find(&blanked).is_some() {
                blanked = Cow::Owned(replace(&blanked, finder));
            }
        }
        blanked
    }
}

fn replace(bytes: &[u8], finder: &Finder<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for at in finder.find_iter(bytes) {
        out.extend_from_slice(&bytes[done..at]);
        out.extend_from_slice(BLANK.as_bytes());
        done = at + finder.needle().len();
    }
    out.extend_from_slice(&bytes[done..]);
    out
}

/// Without what depends on the bytes that follow: the padding, and the last letter of an open group.
fn base64(bytes: &[u8]) -> String {
    let mut text = STANDARD_NO_PAD.encode(bytes);
    if !bytes.len().is_multiple_of(3) {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_blanked() {
        let redactor = Redactor::new(["sk-\"can/ary\"1", "short"].into_iter());
        for text in [
            "key sk-\"can/ary\"1 is wrong",
            r#"{"error": "key sk-\"can/ary\"1 is wrong"}"#,
            "https://a/?key=sk%2D%22can%2Fary%221&x=1",
            "Basic c2stImNhbi9hcnkiMQ==",
        ] {
            let blanked = redactor.text(text);
            assert!(blanked.contains(BLANK), "{text}: {blanked}");
            assert!(!blanked.contains("ary"), "{text}: {blanked}");
        }
        assert!(matches!(redactor.text("a short text"), Cow::Borrowed(_)));
    }

    #[test]
    fn keys_that_are_words_are_left_alone() {
        let redactor = Redactor::new(["ollama", "lm-studio", "content", "12345678"].into_iter());
        let text = r#"{"content": "ollama and lm-studio, 12345678"}"#;
        assert!(matches!(redactor.text(text), Cow::Borrowed(_)));
    }

    #[test]
    fn what_stands_around_stays() {
        let redactor = Redactor::new(["canary-1"].into_iter());
        assert_eq!(
            redactor.text("a canary-1, canary-1!"),
            "a [redacted], [redacted]!"
        );
        assert_eq!(
            redactor.bytes(b"\xff canary-1 \xfe").as_ref(),
            b"\xff [redacted] \xfe"
        );
    }
}
