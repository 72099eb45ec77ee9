//! A client's chat request: parsed once, checked as OpenAI would, brought to one form, and cloned for each attempt.

mod check;
mod outline;
mod tidy;

#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;

use crate::json::{Object, Options, Value, parse};

pub use outline::{ATTACHMENT_TOKENS, CHARS_PER_TOKEN, Outline};

/// The model where the client names none: the router chooses.
pub const AUTO: &str = "auto";

/// A request in canonical form. It borrows the client's bytes.
#[derive(Clone, Debug)]
pub struct ChatRequest<'a> {
    /// Always an object.
    body: Value<'a>,
    model: String,
}

/// Why a request is refused, in OpenAI's terms: status 400, `invalid_request_error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The member at fault, as a path: `messages[2].tool_call_id`.
    pub param: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

/// The members of a request's body, whatever its dialect. Null is a member that was left out.
///
/// # Errors
/// Bytes that are no JSON object, and a duplicate key anywhere.
pub fn members(bytes: &[u8]) -> Result<Object<'_>, Invalid> {
    let body = parse(bytes, &Options::STRICT)
        .map_err(|error| Invalid::new(None, format!("The body is not valid JSON: {error}.")))?;
    let Value::Object(mut members) = body else {
        return Err(Invalid::new(
            None,
            format!("The body must be a JSON object, not {}.", body.kind()),
        ));
    };
    members.retain(|_, value| !value.is_null());
    Ok(members)
}

impl<'a> ChatRequest<'a> {
    /// Reads a request.
    ///
    /// Unknown members stay as they are. What is the same in other words is brought to one: top-level nulls go, so
    /// does a response format of `text`, and so do `tools: []`; `reasoning.effort` becomes `reasoning_effort`,
    /// whose synonyms become OpenAI's words.
    ///
    /// # Errors
    /// What OpenAI would refuse too, and a duplicate key anywhere.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Invalid> {
        Self::checked(members(bytes)?)
    }

    /// As [`ChatRequest::parse`], of a body that is read already.
    ///
    /// # Errors
    /// What OpenAI would refuse too.
    pub fn of(body: Value<'a>) -> Result<Self, Invalid> {
        let Value::Object(mut body) = body else {
            return Err(Invalid::new(
                None,
                format!("The body must be a JSON object, not {}.", body.kind()),
            ));
        };
        body.retain(|_, value| !value.is_null());
        Self::checked(body)
    }

    fn checked(mut body: Object<'a>) -> Result<Self, Invalid> {
        check::body(&body)?;
        tidy::body(&mut body);
        let model = body
            .get("model")
            .and_then(Value::as_str)
            .filter(|model| !model.is_empty());
        let model = model.map_or_else(|| AUTO.to_owned(), std::borrow::Cow::into_owned);
        Ok(ChatRequest {
            body: Value::Object(body),
            model,
        })
    }

    /// The canonical body.
    #[must_use]
    pub fn body(&self) -> &Value<'a> {
        &self.body
    }

    /// What the client calls the model; [`AUTO`] if it names none.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Whether a stream is wanted.
    #[must_use]
    pub fn stream(&self) -> bool {
        self.body
            .get("stream")
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// Whether the client wants the usage at the end of its stream.
    #[must_use]
    pub fn include_usage(&self) -> bool {
        self.body
            .pointer("/stream_options/include_usage")
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// The most tokens the client wants back, whichever member says so.
    #[must_use]
    pub fn max_output(&self) -> Option<u64> {
        let number = |name| self.body.get(name).and_then(Value::as_u64);
        number("max_completion_tokens").or_else(|| number("max_tokens"))
    }

    /// How many choices are wanted; at least 1.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.body.get("n").and_then(Value::as_u64).unwrap_or(1)
    }

    /// The ids of all tool calls in the conversation.
    pub fn call_ids(&self) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
        let messages = self
            .body
            .get("messages")
            .and_then(Value::as_array)
            .unwrap_or_default();
        messages
            .iter()
            .filter_map(|message| message.get("tool_calls")?.as_array())
            .flatten()
            .filter_map(|call| call.get("id")?.as_str())
    }

    /// What a plugin and the router are told of the request. Walks the whole body: ask once.
    #[must_use]
    pub fn outline(&self) -> Outline {
        outline::of(self)
    }

    /// The body for one attempt: `model` is the provider's name of the model, `stream` what is asked of it.
    /// Strings are not copied.
    #[must_use]
    pub fn for_attempt(&self, model: &str, stream: bool) -> Value<'a> {
        let mut body = self.body.clone();
        if let Value::Object(members) = &mut body {
            members.insert("model", Value::from(model.to_owned()));
            members.insert("stream", Value::from(stream));
            if !stream {
                // Refused without a stream by OpenAI and those who copy it.
                members.remove("stream_options");
            }
        }
        body
    }
}

impl Invalid {
    fn new(param: Option<&str>, message: impl Into<String>) -> Self {
        Invalid {
            param: param.map(str::to_owned),
            message: message.into(),
        }
    }

    fn at(param: impl Into<String>, message: impl Into<String>) -> Self {
        Invalid {
            param: Some(param.into()),
            message: message.into(),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Invalid {}
