//! From a client's body to the canonical request.

mod builtin;
mod content;
mod document;
mod field;
mod results;
mod stops;
mod system;
mod thinking;
mod tools;
mod turns;

#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

use super::names::Names;
use crate::chat::{ChatRequest, Invalid};
use crate::json::{Object, Options, Value, object, parse};
use field::{Path, some};

pub(super) use stops::Stops;

/// The longest name of an end user that is passed on, characters: OpenAI's own bound.
const LONGEST_USER: usize = 64;

/// A request that could be read.
#[derive(Debug)]
pub(super) struct Read {
    /// What is asked of the gateway.
    pub(super) request: ChatRequest<'static>,
    /// What the answer must be like.
    pub(super) manner: Manner,
}

/// What the answer to one request must be like.
#[derive(Debug, Default)]
pub(super) struct Manner {
    /// What the client calls the model.
    pub(super) model: String,
    /// What it calls its tools.
    pub(super) names: Names,
    /// Where it ends.
    pub(super) stops: Stops,
    /// Whether the client is shown thoughts.
    pub(super) thinking: bool,
    /// Estimate of the prompt, for the beginning of a stream.
    pub(super) input_tokens: u64,
}

/// What is done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It is answered.
    Answer,
    /// Its tokens are counted; `max_tokens` is not needed.
    Count,
}

/// Reads a body. `route` says which model is meant by the client's name of one.
///
/// Members that nobody here knows are left out, and so is `cache_control` everywhere: a new version of a client must
/// not break.
///
/// # Errors
/// Names the member at fault as Anthropic does: `messages.2.content.0.tool_use_id: …`.
pub(super) fn read(
    bytes: &[u8],
    purpose: Purpose,
    route: impl FnOnce(&str) -> String,
) -> Result<Read, Invalid> {
    let body = parse(bytes, &Options::STRICT).map_err(|error| Invalid {
        param: None,
        message: format!("The body is not valid JSON: {error}."),
    })?;
    let Value::Object(body) = body else {
        return Err(Invalid {
            param: None,
            message: format!("The body must be a JSON object, not {}.", body.kind()),
        });
    };
    let mut to = Object::new();
    let model = model(&body, purpose)?;
    to.insert("model", Value::from(route(&model)));
    let mut names = Names::default();
    // Before the messages, so that a name that is declared is never taken by one that was made up.
    tools::put(&body, &mut to, &mut names)?;
    to.insert("messages", Value::Array(turns::read(&body, &mut names)?));
    limits(&body, &mut to, purpose)?;
    let stops = stops::put(&body, &mut to)?;
    let thinking = thinking::read(&body)?;
    thinking::put(&thinking, &mut to);
    format(&body, &mut to)?;
    user(&body, &mut to)?;
    stream(&body, &mut to)?;
    let request = ChatRequest::of(Value::Object(to).into_owned())?;
    // The estimate is told where an answer begins before its cost is known.
    let input_tokens = if purpose == Purpose::Count || request.stream() {
        request.outline().input_tokens
    } else {
        0
    };
    Ok(Read {
        request,
        manner: Manner {
            model,
            names,
            stops,
            thinking: thinking.shown,
            input_tokens,
        },
    })
}

fn model(body: &Object<'_>, purpose: Purpose) -> Result<String, Invalid> {
    let path = Path::Top("model");
    match some(body, "model") {
        None if purpose == Purpose::Count => Ok(String::new()),
        None => Err(path.missing("the name of a model, such as \"auto\"")),
        Some(value) => match value.as_str() {
            Some(model) if !model.is_empty() => Ok(model.into_owned()),
            _ => Err(path.not("the name of a model, such as \"auto\"", value)),
        },
    }
}

/// Sampling and length.
fn limits<'a>(body: &Object<'a>, to: &mut Object<'a>, purpose: Purpose) -> Result<(), Invalid> {
    let path = Path::Top("max_tokens");
    match some(body, "max_tokens") {
        None if purpose == Purpose::Count => {}
        None => return Err(path.missing("the most tokens that the answer may have")),
        Some(most) if most.as_u64().is_some_and(|most| most > 0) => {
            to.insert("max_tokens", most.clone());
        }
        Some(most) => {
            let what = match most.as_number() {
                Some(number) => format!(
                    "It must be a whole number of at least 1, not {}.",
                    number.spelling()
                ),
                None => format!(
                    "It must be a whole number of at least 1, not {}.",
                    most.kind()
                ),
            };
            return Err(path.invalid(what));
        }
    }
    for (name, most) in [("temperature", 1.0), ("top_p", 1.0)] {
        if let Some(value) = some(body, name) {
            if !value
                .as_f64()
                .is_some_and(|number| (0.0..=most).contains(&number))
            {
                return Err(Path::Top(name).invalid("It must be a number from 0 to 1."));
            }
            to.insert(name, value.clone());
        }
    }
    if let Some(value) = some(body, "top_k") {
        if value.as_u64().is_none() {
            return Err(Path::Top("top_k").invalid("It must be a whole number from 0 on."));
        }
        to.insert("top_k", value.clone());
    }
    Ok(())
}

/// `output_config.format`, and `output_format`, which it was called before.
fn format<'a>(body: &Object<'a>, to: &mut Object<'a>) -> Result<(), Invalid> {
    let config = Path::Top("output_config");
    let inside = some(body, "output_config").and_then(|config| config.get("format"));
    let (format, path) = match inside.filter(|format| !format.is_null()) {
        Some(format) => (format, config.name("format")),
        None => match some(body, "output_format") {
            Some(format) => (format, Path::Top("output_format")),
            None => return Ok(()),
        },
    };
    let format = field::object(format, &path)?;
    let kind = field::text(format, "type", &path)?.text();
    if kind != "json_schema" {
        let what = format!("`{kind}` is not known here; `json_schema` is.");
        return Err(path.name("type").invalid(what));
    }
    let at = path.name("schema");
    let schema = some(format, "schema").ok_or_else(|| at.missing("a JSON Schema object"))?;
    field::object(schema, &at)?;
    to.insert(
        "response_format",
        object([
            ("type", Value::from("json_schema")),
            (
                "json_schema",
                object([
                    ("name", Value::from("answer")),
                    ("strict", Value::from(true)),
                    ("schema", schema.clone()),
                ]),
            ),
        ]),
    );
    Ok(())
}

/// `metadata.user_id`. A long one goes out as its hash: it still tells users apart, and what a client put into it
/// (a device, an account) stays here.
fn user<'a>(body: &Object<'a>, to: &mut Object<'a>) -> Result<(), Invalid> {
    let path = Path::Top("metadata");
    let Some(metadata) = some(body, "metadata") else {
        return Ok(());
    };
    let metadata = field::object(metadata, &path)?;
    let Some(user) = field::optional_text(metadata, "user_id", &path)? else {
        return Ok(());
    };
    let value = if user.is_empty() {
        return Ok(());
    } else if user.chars() <= LONGEST_USER {
        Value::String(user.clone())
    } else {
        let hash = Sha256::digest(user.text().as_bytes());
        let digits: String = hash
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Value::from(format!("user_{digits}"))
    };
    to.insert("user", value);
    Ok(())
}

fn stream<'a>(body: &Object<'a>, to: &mut Object<'a>) -> Result<(), Invalid> {
    let Some(stream) = some(body, "stream") else {
        return Ok(());
    };
    let wanted = stream
        .as_bool()
        .ok_or_else(|| Path::Top("stream").not("true or false", stream))?;
    to.insert("stream", Value::from(wanted));
    if wanted {
        // A message ends with its usage, whether or not the client asks.
        to.insert(
            "stream_options",
            object([("include_usage", Value::from(true))]),
        );
    }
    Ok(())
}
