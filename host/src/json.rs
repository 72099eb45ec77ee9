//! A zero-copy JSON tree over the bytes it was read from: the one form in which bodies are held.
//!
//! It keeps what a map-based tree loses: the order of members, the spelling of numbers (`1.0`, `1e3`,
//! twenty digits), the escapes inside strings and every unknown member. A string is kept as it stood
//! between its quotes and is unescaped only when somebody asks for its text, so that a long prompt is
//! never copied until the body is written out.
//!
//! Nothing here knows what a chat is; that is `crate::chat`. Changes asked for by plugins are in [`edit`].

pub mod edit;
mod equality;
mod number;
mod object;
mod parse;
mod pointer;
mod text;
mod write;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use number::Number;
pub use object::Object;
pub use parse::{
    Duplicates, MAX_DEPTH, Options, ParseError, ParseErrorKind, Parsed, parse, parse_noting,
};
pub use pointer::{Pointer, PointerError, Segment};
pub use text::Text;

/// Any JSON value. Equality is JSON's: members in any order, numbers by value, strings by text.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was spelt.
    Number(Number<'a>),
    /// A string, as it was escaped.
    String(Text<'a>),
    /// `[…]`.
    Array(Vec<Value<'a>>),
    /// `{…}`.
    Object(Object<'a>),
}

/// An object of these members, in this order. A name that comes twice keeps its first place and its
/// last value.
#[must_use]
pub fn object<'a, const N: usize>(members: [(&'a str, Value<'a>); N]) -> Value<'a> {
    Value::Object(
        members
            .into_iter()
            .map(|(name, value)| (Cow::Borrowed(name), value))
            .collect(),
    )
}

impl<'a> Value<'a> {
    /// The member of this name, if this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.as_object()?.get(name)
    }

    /// As [`Value::get`], to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value<'a>> {
        self.as_object_mut()?.get_mut(name)
    }

    /// The value at an RFC 6901 pointer (`/choices/0/delta`, `""` is the whole). No `*` here: a
    /// segment is a name or an index. `None` also for a pointer that is none.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Value<'a>> {
        if pointer.is_empty() {
            return Some(self);
        }
        let mut at = self;
        for segment in pointer.strip_prefix('/')?.split('/') {
            let name = pointer::unescape(segment).ok()?;
            at = match at {
                Value::Object(object) => object.get(&name)?,
                Value::Array(list) => list.get(pointer::index(&name)?)?,
                _ => return None,
            };
        }
        Some(at)
    }

    /// Its text, unescaped, if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<Cow<'_, str>> {
        self.as_text().map(Text::text)
    }

    /// The string itself, still escaped.
    #[must_use]
    pub fn as_text(&self) -> Option<&Text<'a>> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// See [`Number::as_u64`].
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number()?.as_u64()
    }

    /// See [`Number::as_i64`].
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_i64()
    }

    /// See [`Number::as_f64`].
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number()?.as_f64()
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number<'a>> {
        match self {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Its truth, if it is `true` or `false`.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// Its elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Value::Array(list) => Some(list),
            _ => None,
        }
    }

    /// As [`Value::as_array`], to change it.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Value<'a>>> {
        match self {
            Value::Array(list) => Some(list),
            _ => None,
        }
    }

    /// Its members, if it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// As [`Value::as_object`], to change it.
    pub fn as_object_mut(&mut self) -> Option<&mut Object<'a>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// What it is, in the words of an error message: `an object`, `a string`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// Levels of arrays and objects: 0 for a scalar, 1 for `[]`.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Value::Array(list) => 1 + list.iter().map(Value::depth).max().unwrap_or(0),
            Value::Object(object) => {
                1 + object
                    .iter()
                    .map(|(_, value)| value.depth())
                    .max()
                    .unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(truth) => Value::Bool(truth),
            Value::Number(number) => Value::Number(number.into_owned()),
            Value::String(text) => Value::String(text.into_owned()),
            Value::Array(list) => Value::Array(list.into_iter().map(Value::into_owned).collect()),
            Value::Object(object) => Value::Object(object.into_owned()),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::String(Text::from(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::String(Text::from_text(&text))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Value::Number(number.into())
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Number(number.into())
    }
}

impl<'a> From<Text<'a>> for Value<'a> {
    fn from(text: Text<'a>) -> Self {
        Value::String(text)
    }
}

impl<'a> From<Vec<Value<'a>>> for Value<'a> {
    fn from(list: Vec<Value<'a>>) -> Self {
        Value::Array(list)
    }
}

impl<'a> From<Object<'a>> for Value<'a> {
    fn from(object: Object<'a>) -> Self {
        Value::Object(object)
    }
}
