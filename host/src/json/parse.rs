//! Reading JSON into a tree that borrows from it.

mod string;

use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;

use super::{Number, Object, Text, Value};

/// Levels of nesting that are read unless told otherwise, and the most that a value of ours may have: deep
/// enough for any JSON schema seen, far from the end of a worker's stack.
pub const MAX_DEPTH: usize = 128;

/// Above this many members, duplicates are looked for by hash; below, by walking.
const WALK: usize = 16;

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What to do with a name that comes twice in one object.
    pub duplicates: Duplicates,
    /// Mend what upstreams are known to get wrong: `NaN` and `Infinity` are read as `null`, `-Infinity` as
    /// `-9999.0` (what OpenAI gives as the log-probability of the very unlikely), and a bare control character in
    /// a string as its escape.
    pub lenient: bool,
    /// The most levels of nesting; counts above [`MAX_DEPTH`] are taken as that.
    pub max_depth: usize,
}

/// What to do with a name that comes twice in one object. Names are compared unescaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// It is an error: two readers of one body must never see two different values.
    Refuse,
    /// The last value counts, in the first one's place.
    KeepLast,
}

/// A tree, and whether it still says what the bytes say.
#[derive(Clone, Debug)]
pub struct Parsed<'a> {
    /// The tree.
    pub value: Value<'a>,
    /// Something was mended (an unpaired surrogate, a duplicate, or what `lenient` allows), or a byte
    /// order mark skipped: the bytes must not be passed on as they are.
    pub mended: bool,
}

/// Why bytes are no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Where, in bytes from the start.
    pub offset: usize,
    /// What.
    pub kind: ParseErrorKind,
}

/// See [`ParseError`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// Nothing but white space.
    Empty,
    /// It ends in the middle of a value.
    UnexpectedEnd,
    /// Something else must stand here.
    Unexpected,
    /// No UTF-8.
    InvalidUtf8,
    /// A number that breaks JSON's grammar: `01`, `1.`, `+1`.
    InvalidNumber,
    /// A backslash that begins no escape.
    InvalidEscape,
    /// A bare control character in a string.
    ControlCharacter,
    /// This name came before in the same object.
    DuplicateKey(String),
    /// Too many levels.
    TooDeep,
    /// There is more after the value.
    TrailingData,
}

struct Parser<'a> {
    /// The whole input; checked to be UTF-8 once, at the start.
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    options: Options,
    mended: bool,
}

/// Reads one value.
///
/// # Errors
/// See [`ParseErrorKind`].
pub fn parse<'a>(bytes: &'a [u8], options: &Options) -> Result<Value<'a>, ParseError> {
    parse_noting(bytes, options).map(|parsed| parsed.value)
}

/// As [`parse`], and says whether anything was mended.
///
/// # Errors
/// See [`ParseErrorKind`].
pub fn parse_noting<'a>(bytes: &'a [u8], options: &Options) -> Result<Parsed<'a>, ParseError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(ParseErrorKind::InvalidUtf8.at(error.valid_up_to())),
    };
    let mark = bytes.starts_with(b"\xef\xbb\xbf");
    let mut options = *options;
    options.max_depth = options.max_depth.min(MAX_DEPTH);
    let mut parser = Parser {
        text,
        bytes,
        at: if mark { 3 } else { 0 },
        options,
        mended: mark,
    };
    parser.space();
    if parser.at == bytes.len() {
        return Err(ParseErrorKind::Empty.at(parser.at));
    }
    let value = parser.value(0)?;
    parser.space();
    if parser.at < bytes.len() {
        return Err(ParseErrorKind::TrailingData.at(parser.at));
    }
    Ok(Parsed {
        value,
        mended: parser.mended,
    })
}

impl Options {
    /// For what clients send: nothing is guessed.
    pub const STRICT: Options = Options {
        duplicates: Duplicates::Refuse,
        lenient: false,
        max_depth: MAX_DEPTH,
    };

    /// For what upstreams answer: what can be mended is.
    pub const LENIENT: Options = Options {
        duplicates: Duplicates::KeepLast,
        lenient: true,
        max_depth: MAX_DEPTH,
    };
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, ParseError> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                Ok(Value::String(Text::from_raw(self.string()?)))
            }
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'N') if self.options.lenient => self.mend("NaN", Value::Null),
            Some(b'I') if self.options.lenient => self.mend("Infinity", Value::Null),
            Some(_) => Err(ParseErrorKind::Unexpected.at(self.at)),
            None => Err(ParseErrorKind::UnexpectedEnd.at(self.at)),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, ParseError> {
        self.open(depth)?;
        let mut list = Vec::new();
        if self.skip(b']') {
            return Ok(Value::Array(list));
        }
        loop {
            self.space();
            list.push(self.value(depth + 1)?);
            self.space();
            if self.skip(b']') {
                return Ok(Value::Array(list));
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, ParseError> {
        self.open(depth)?;
        let mut object = Object::new();
        if self.skip(b'}') {
            return Ok(Value::Object(object));
        }
        let mut seen = HashMap::new();
        loop {
            self.space();
            let start = self.at;
            self.expect(b'"')?;
            let name = match self.string()? {
                Cow::Borrowed(raw) => super::text::unescape(raw),
                Cow::Owned(raw) => Cow::Owned(super::text::unescape(&raw).into_owned()),
            };
            self.space();
            self.expect(b':')?;
            self.space();
            let value = self.value(depth + 1)?;
            match find(&object, &mut seen, &name) {
                Some(_) if self.options.duplicates == Duplicates::Refuse => {
                    return Err(ParseErrorKind::DuplicateKey(name.into_owned()).at(start));
                }
                Some(before) => {
                    self.mended = true;
                    if let Some(place) = object.member_mut(before) {
                        *place = value;
                    }
                }
                None => object.push_new(name, value),
            }
            self.space();
            if self.skip(b'}') {
                return Ok(Value::Object(object));
            }
            self.expect(b',')?;
        }
    }

    /// Steps over the bracket and the space behind it.
    fn open(&mut self, depth: usize) -> Result<(), ParseError> {
        if depth >= self.options.max_depth {
            return Err(ParseErrorKind::TooDeep.at(self.at));
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    fn number(&mut self) -> Result<Value<'a>, ParseError> {
        let start = self.at;
        if self.skip(b'-') && self.options.lenient && self.peek() == Some(b'I') {
            return self.mend("Infinity", Value::Number(Number::from_spelling("-9999.0")));
        }
        if !self.skip(b'0') {
            self.digits()?;
        } else if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(ParseErrorKind::InvalidNumber.at(self.at));
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _sign = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        Ok(Value::Number(Number::from_spelling(
            &self.text[start..self.at],
        )))
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), ParseError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        match self.peek() {
            _ if self.at > start => Ok(()),
            None => Err(ParseErrorKind::UnexpectedEnd.at(self.at)),
            Some(_) => Err(ParseErrorKind::InvalidNumber.at(self.at)),
        }
    }

    fn mend(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, ParseError> {
        self.mended = true;
        self.word(word, value)
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, ParseError> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(value);
        }
        let same = rest
            .iter()
            .zip(word.bytes())
            .take_while(|(a, b)| **a == *b)
            .count();
        let kind = if same == rest.len() {
            ParseErrorKind::UnexpectedEnd
        } else {
            ParseErrorKind::Unexpected
        };
        Err(kind.at(self.at + same))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn skip(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8) -> Result<(), ParseError> {
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(ParseErrorKind::Unexpected.at(self.at)),
            None => Err(ParseErrorKind::UnexpectedEnd.at(self.at)),
        }
    }
}

/// Where in `object` the name is. `seen` stays empty while the object is small.
fn find<'a>(
    object: &Object<'a>,
    seen: &mut HashMap<Cow<'a, str>, usize>,
    name: &str,
) -> Option<usize> {
    if object.len() <= WALK {
        return object.members().position(|(key, _)| key == name);
    }
    // All but the members added since the last call are in already.
    for (at, (key, _)) in object.members().enumerate().skip(seen.len()) {
        seen.insert(key.clone(), at);
    }
    seen.get(name).copied()
}

impl ParseErrorKind {
    fn at(self, offset: usize) -> ParseError {
        ParseError { offset, kind: self }
    }
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseErrorKind::Empty => f.write_str("there is no value"),
            ParseErrorKind::UnexpectedEnd => f.write_str("the text ends in the middle of a value"),
            ParseErrorKind::Unexpected => f.write_str("unexpected character"),
            ParseErrorKind::InvalidUtf8 => f.write_str("invalid UTF-8"),
            ParseErrorKind::InvalidNumber => f.write_str("invalid number"),
            ParseErrorKind::InvalidEscape => f.write_str("invalid escape in a string"),
            ParseErrorKind::ControlCharacter => {
                f.write_str("a control character in a string must be escaped")
            }
            ParseErrorKind::DuplicateKey(name) => {
                write!(f, "the key {name:?} comes twice in one object")
            }
            ParseErrorKind::TooDeep => f.write_str("nested too deeply"),
            ParseErrorKind::TrailingData => f.write_str("there is more after the end of the value"),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset)
    }
}

impl Error for ParseError {}
