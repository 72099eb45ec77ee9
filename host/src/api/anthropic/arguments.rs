//! The arguments of a tool call. Models give a text that should be a JSON object; Anthropic's `input` is one.

use crate::json::{Object, Options, Value, object, parse};

/// The object that a text stands for: itself, or the one that it spells as a string once more. Nothing is `{}`. A text
/// that is no object is kept in one, so that the tool refuses it and the model sees what it wrote.
pub(super) fn input(text: &str) -> Value<'static> {
    let text = text.trim();
    if text.is_empty() {
        return Value::Object(Object::new());
    }
    match parse(text.as_bytes(), &Options::LENIENT) {
        Ok(value @ Value::Object(_)) => value.into_owned(),
        Ok(Value::String(inner)) => match parse(inner.text().as_bytes(), &Options::LENIENT) {
            Ok(value @ Value::Object(_)) => value.into_owned(),
            _ => object([("arguments", Value::String(inner.into_owned()))]),
        },
        Ok(Value::Null) => Value::Object(Object::new()),
        Ok(value) => object([("arguments", value.into_owned())]),
        Err(_) => object([("arguments", Value::from(text.to_owned()))]),
    }
}

/// Watches a JSON object come in pieces.
#[derive(Debug, Default)]
pub(super) struct Watch {
    depth: usize,
    begun: bool,
    in_string: bool,
    escaped: bool,
}

impl Watch {
    /// Whether the object is whole after this piece.
    pub(super) fn push(&mut self, piece: &str) -> bool {
        for byte in piece.bytes() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    self.begun = true;
                    self.depth += 1;
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self.begun && self.depth == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_model_wrote_becomes_an_object() {
        for (text, object) in [
            ("", "{}"),
            (" ", "{}"),
            ("null", "{}"),
            (r#"{"a":1.0}"#, r#"{"a":1.0}"#),
            (r#""{\"a\":1}""#, r#"{"a":1}"#),
            (r#""plain""#, r#"{"arguments":"plain"}"#),
            ("[1]", r#"{"arguments":[1]}"#),
            (r#"{"a":"#, r#"{"arguments":"{\"a\":"}"#),
        ] {
            let input = input(text).to_vec();
            assert_eq!(String::from_utf8(input).unwrap(), object, "{text}");
        }
    }

    #[test]
    fn an_object_is_whole_at_its_last_brace_however_it_is_cut() {
        let text = r#" {"a":"}\"{","b":[{}]}"#;
        for cut in 1..text.len() {
            let mut watch = Watch::default();
            assert!(!watch.push(&text[..cut]), "{cut}");
            assert!(watch.push(&text[cut..]), "{cut}");
        }
        assert!(!Watch::default().push(""));
    }
}
