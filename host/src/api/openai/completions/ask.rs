//! A request as chats, one for each prompt.

use super::gap::{self, Gap};
use crate::chat::request::members;
use crate::chat::{ChatRequest, Invalid};
use crate::json::{Object, Value, object};

/// Prompts of one request: OpenAI's bound.
const MOST_PROMPTS: usize = 20;

/// Answers of one request, over all its prompts.
const MOST_CHOICES: u64 = 128;

/// Tokens of an answer to a client that names no bound. OpenAI has 16, which fills no line of code.
const USUAL_TOKENS: u64 = 256;

/// OpenAI's bound of `logprobs`.
const MOST_LOGPROBS: u64 = 5;

/// What a model is told that has a text to go on with.
const GO_ON: &str = "You complete text. Go on exactly where the user's text ends, in its language and style, even in the \
                     middle of a word or a line. Write the continuation only: do not repeat the text, explain nothing, \
                     and put no code fence around it.";

/// What a model is told that has a gap to fill.
const FILL: &str = "You fill a gap in a text or in code. What stands before the gap is in <before>, what stands after it \
                    in <after>. Write only what belongs into the gap, so that the three make one text: repeat nothing \
                    of the two, explain nothing, and put no code fence around it.";

/// A request that was read.
#[derive(Debug)]
pub(super) struct Asked {
    /// One for each prompt, in their order.
    pub(super) chats: Vec<One>,
    /// What the writer must know.
    pub(super) manner: Manner,
}

/// One prompt.
#[derive(Debug)]
pub(super) struct One {
    /// The chat that answers it.
    pub(super) chat: ChatRequest<'static>,
    /// What goes before each of its answers.
    pub(super) echo: String,
}

/// How the answer is wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct Manner {
    /// Streamed.
    pub(super) stream: bool,
    /// The usage stands at the end of the stream.
    pub(super) usage: bool,
    /// Answers for each prompt.
    pub(super) n: u64,
    /// A gap is filled: a code fence around the answer is none of the text.
    pub(super) gap: bool,
}

pub(super) fn read(bytes: &[u8]) -> Result<Asked, Invalid> {
    let mut body = members(bytes)?.into_owned();
    let suffix = suffix(&mut body)?;
    let prompts = prompts(&mut body, suffix.is_some())?;
    let echo = flag(&mut body, "echo")?;
    let n = choices(&mut body, prompts.len())?;
    logprobs(&mut body, echo)?;
    let manner = Manner {
        stream: body.get("stream").and_then(Value::as_bool) == Some(true),
        usage: body
            .get("stream_options")
            .and_then(|options| options.get("include_usage")?.as_bool())
            == Some(true),
        n,
        gap: false,
    };
    if !body.contains_key("max_tokens") && !body.contains_key("max_completion_tokens") {
        body.insert("max_tokens", Value::from(USUAL_TOKENS));
    }
    if manner.stream {
        // Added up over the prompts, whether or not the client wants to know.
        body.insert("stream_options", object([("include_usage", true.into())]));
    }
    let mut asked = Asked {
        chats: Vec::with_capacity(prompts.len()),
        manner,
    };
    for prompt in prompts {
        let gap = match &suffix {
            Some(suffix) => Some(Gap {
                before: prompt.clone(),
                after: suffix.clone(),
            }),
            None => gap::find(&prompt),
        };
        asked.manner.gap |= gap.is_some();
        let mut chat = body.clone();
        chat.insert("messages", messages(&prompt, gap.as_ref()));
        asked.chats.push(One {
            chat: ChatRequest::of(Value::Object(chat))?,
            echo: if echo { prompt } else { String::new() },
        });
    }
    Ok(asked)
}

fn messages(prompt: &str, gap: Option<&Gap>) -> Value<'static> {
    let (task, said) = match gap {
        None => (GO_ON, prompt.to_owned()),
        Some(Gap { before, after }) => (
            FILL,
            format!("<before>{before}</before>\n<after>{after}</after>"),
        ),
    };
    let message = |role: &'static str, content: Value<'static>| {
        object([("role", role.into()), ("content", content)])
    };
    Value::Array(vec![
        message("system", task.into()),
        message("user", said.into()),
    ])
}

/// The prompts. An empty one makes sense only before a suffix.
fn prompts(body: &mut Object<'_>, gap: bool) -> Result<Vec<String>, Invalid> {
    let one = |value: &Value<'_>, place: &str| match value {
        Value::String(text) if gap || !text.is_empty() => Ok(text.text().into_owned()),
        Value::String(_) => Err(wrong(
            place,
            format!("'{place}' is empty: there is nothing to go on with."),
        )),
        Value::Number(_) | Value::Array(_) => Err(wrong(
            place,
            "Token numbers mean something else to each model, and which one answers is chosen here. Send the prompt as \
             text.",
        )),
        other => Err(wrong(
            place,
            format!(
                "Invalid value for '{place}': expected a string, but got {}.",
                other.kind()
            ),
        )),
    };
    match body.remove("prompt") {
        None => Err(wrong(
            "prompt",
            "Missing required parameter: 'prompt'. Give the text to go on with, or a list of texts.",
        )),
        Some(Value::Array(list)) if list.is_empty() => Err(wrong(
            "prompt",
            "'prompt' is an empty list: give at least one text.",
        )),
        Some(Value::Array(list)) if list.len() > MOST_PROMPTS && list[0].as_text().is_some() => {
            Err(wrong(
                "prompt",
                format!(
                    "'prompt' has {} texts; send at most {MOST_PROMPTS} at once.",
                    list.len()
                ),
            ))
        }
        Some(Value::Array(list)) => list
            .iter()
            .enumerate()
            .map(|(at, value)| one(value, &format!("prompt[{at}]")))
            .collect(),
        Some(value) => Ok(vec![one(&value, "prompt")?]),
    }
}

/// An empty suffix is none.
fn suffix(body: &mut Object<'_>) -> Result<Option<String>, Invalid> {
    match body.remove("suffix") {
        None => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.text().into_owned())),
        Some(other) => Err(wrong(
            "suffix",
            format!(
                "Invalid value for 'suffix': expected a string, but got {}.",
                other.kind()
            ),
        )),
    }
}

/// How many answers each prompt gets. `best_of` would have more made than are shown, which nobody here does.
fn choices(body: &mut Object<'_>, prompts: usize) -> Result<u64, Invalid> {
    let n = match body.get("n") {
        None => 1,
        Some(value) => value
            .as_u64()
            .filter(|n| (1..=MOST_CHOICES).contains(n))
            .ok_or_else(|| {
                wrong(
                    "n",
                    format!("'n' must be an integer from 1 to {MOST_CHOICES}."),
                )
            })?,
    };
    if n.saturating_mul(prompts as u64) > MOST_CHOICES {
        return Err(wrong(
            "n",
            format!("'n' times the number of prompts must be at most {MOST_CHOICES}."),
        ));
    }
    match body.remove("best_of") {
        Some(best) if best.as_u64() != Some(n) && best.as_u64() != Some(1) => Err(wrong(
            "best_of",
            "'best_of' must be equal to 'n' here: leave it out, and choose among 'n' answers yourself.",
        )),
        _ => Ok(n),
    }
}

/// A number in the old way, a flag and a number in the new one.
fn logprobs(body: &mut Object<'_>, echo: bool) -> Result<(), Invalid> {
    let Some(value) = body.remove("logprobs") else {
        return Ok(());
    };
    let most = value
        .as_u64()
        .filter(|most| *most <= MOST_LOGPROBS)
        .ok_or_else(|| {
            wrong(
                "logprobs",
                format!("'logprobs' must be an integer from 0 to {MOST_LOGPROBS}."),
            )
        })?;
    if echo {
        return Err(wrong(
            "logprobs",
            "The probabilities of a prompt's own tokens are not known here: leave out 'echo' or 'logprobs'.",
        ));
    }
    body.insert("logprobs", Value::from(true));
    body.insert("top_logprobs", Value::from(most));
    Ok(())
}

fn flag(body: &mut Object<'_>, name: &str) -> Result<bool, Invalid> {
    match body.remove(name) {
        None => Ok(false),
        Some(value) => value
            .as_bool()
            .ok_or_else(|| wrong(name, format!("'{name}' must be true or false."))),
    }
}

fn wrong(param: &str, message: impl Into<String>) -> Invalid {
    Invalid {
        param: Some(param.to_owned()),
        message: message.into(),
    }
}
