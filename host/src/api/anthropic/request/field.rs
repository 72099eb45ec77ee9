//! Reading members of the client's body, and saying where one is wrong.

use std::fmt;

use crate::chat::Invalid;
use crate::json::{Object, Text, Value};

/// Where a value lies in the body: `messages.2.content.0.text`. Spelt only when something is wrong there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Path<'p> {
    /// A member of the body itself.
    Top(&'p str),
    /// A member of what lies there.
    Name(&'p Path<'p>, &'p str),
    /// An element of the list that lies there.
    At(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    pub(super) fn name(&'p self, name: &'p str) -> Path<'p> {
        Path::Name(self, name)
    }

    pub(super) fn at(&'p self, at: usize) -> Path<'p> {
        Path::At(self, at)
    }

    /// The error of a value that is wrong.
    pub(super) fn invalid(&self, what: impl fmt::Display) -> Invalid {
        Invalid {
            param: Some(self.to_string()),
            message: format!("{self}: {what}"),
        }
    }

    /// The error of a value of the wrong kind. `form` is what it should be: `a string`.
    pub(super) fn not(&self, form: &str, value: &Value<'_>) -> Invalid {
        self.invalid(format_args!("It must be {form}, not {}.", value.kind()))
    }

    /// The error of a value that is not there.
    pub(super) fn missing(&self, form: &str) -> Invalid {
        self.invalid(format_args!("It is missing; it must be {form}."))
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Top(name) => f.write_str(name),
            Path::Name(parent, name) => write!(f, "{parent}.{name}"),
            Path::At(parent, at) => write!(f, "{parent}.{at}"),
        }
    }
}

/// A member that is there and not null.
pub(super) fn some<'o, 'a>(object: &'o Object<'a>, name: &str) -> Option<&'o Value<'a>> {
    object.get(name).filter(|value| !value.is_null())
}

/// The object that a value must be.
pub(super) fn object<'o, 'a>(
    value: &'o Value<'a>,
    path: &Path<'_>,
) -> Result<&'o Object<'a>, Invalid> {
    value
        .as_object()
        .ok_or_else(|| path.not("an object", value))
}

/// The string that a member must be.
pub(super) fn text<'o, 'a>(
    object: &'o Object<'a>,
    name: &str,
    path: &Path<'_>,
) -> Result<&'o Text<'a>, Invalid> {
    optional_text(object, name, path)?.ok_or_else(|| path.name(name).missing("a string"))
}

/// As [`text`], of a member that may be missing.
pub(super) fn optional_text<'o, 'a>(
    object: &'o Object<'a>,
    name: &str,
    path: &Path<'_>,
) -> Result<Option<&'o Text<'a>>, Invalid> {
    let Some(value) = some(object, name) else {
        return Ok(None);
    };
    value
        .as_text()
        .map(Some)
        .ok_or_else(|| path.name(name).not("a string", value))
}

/// The list that a value must be.
pub(super) fn list<'o, 'a>(
    value: &'o Value<'a>,
    path: &Path<'_>,
) -> Result<&'o [Value<'a>], Invalid> {
    value.as_array().ok_or_else(|| path.not("a list", value))
}

/// Adds a text after an empty line, or as the first.
pub(super) fn append<'a>(to: &mut Option<Text<'a>>, more: &Text<'a>) {
    append_after(to, "\n\n", more);
}

/// As [`append`], after something else.
pub(super) fn append_after<'a>(to: &mut Option<Text<'a>>, between: &'static str, more: &Text<'a>) {
    match to {
        Some(before) => {
            before.push(&Text::from(between));
            before.push(more);
        }
        None => *to = Some(more.clone()),
    }
}
