//! Writing a tree out, compactly.

use super::text::{escape_into, needs_escape};
use super::{Object, Value};

impl Value<'_> {
    /// Appends it as compact JSON: numbers and strings as they were spelt.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Value::Null => out.extend_from_slice(b"null"),
            Value::Bool(true) => out.extend_from_slice(b"true"),
            Value::Bool(false) => out.extend_from_slice(b"false"),
            Value::Number(number) => out.extend_from_slice(number.spelling().as_bytes()),
            Value::String(text) => quoted(text.raw(), out),
            Value::Array(list) => {
                out.push(b'[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    value.write(out);
                }
                out.push(b']');
            }
            Value::Object(object) => write_object(object, out),
        }
    }

    /// It as compact JSON.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size());
        self.write(&mut out);
        out
    }

    /// Length of its compact JSON, bytes; names that need escapes make it a little longer.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Value::Null | Value::Bool(true) => 4,
            Value::Bool(false) => 5,
            Value::Number(number) => number.spelling().len(),
            Value::String(text) => text.raw().len() + 2,
            // One comma less than elements, and two brackets.
            Value::Array(list) => {
                1 + list.len().max(1) + list.iter().map(Value::size).sum::<usize>()
            }
            Value::Object(object) => {
                1 + object.len().max(1)
                    + object
                        .iter()
                        .map(|(name, value)| name.len() + 3 + value.size())
                        .sum::<usize>()
            }
        }
    }
}

fn write_object(object: &Object<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (at, (name, value)) in object.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        if name.bytes().any(needs_escape) {
            let mut raw = String::new();
            escape_into(name, &mut raw);
            quoted(&raw, out);
        } else {
            quoted(name, out);
        }
        out.push(b':');
        value.write(out);
    }
    out.push(b'}');
}

fn quoted(raw: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(raw.as_bytes());
    out.push(b'"');
}
