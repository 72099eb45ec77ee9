//! Where the model is to stop.

use crate::chat::Invalid;
use crate::json::{Object, Value};

use super::field::{self, Path, some};

/// As many texts to stop at as all providers take that take any. Others are looked for in the answer.
const SENT: usize = 4;

/// The most a request may have: each is looked for in every piece of the answer.
const MOST: usize = 64;

/// The texts at which an answer ends.
#[derive(Debug, Default)]
pub(in crate::api::anthropic) struct Stops {
    /// Those that the provider is told.
    pub(in crate::api::anthropic) sent: Vec<String>,
    /// Those that it is not.
    pub(in crate::api::anthropic) kept: Vec<String>,
}

/// Reads `stop_sequences`, and puts as many as may be into the canonical body.
pub(super) fn put<'a>(body: &Object<'a>, to: &mut Object<'a>) -> Result<Stops, Invalid> {
    let path = Path::Top("stop_sequences");
    let Some(list) = some(body, "stop_sequences") else {
        return Ok(Stops::default());
    };
    let list = field::list(list, &path)?;
    if list.len() > MOST {
        return Err(path.invalid(format_args!("There may be no more than {MOST}.")));
    }
    let mut stops = Stops::default();
    for (at, value) in list.iter().enumerate() {
        let path = path.at(at);
        let text = value.as_text().ok_or_else(|| path.not("a string", value))?;
        let said = text.text();
        if said.trim().is_empty() {
            return Err(path.invalid("It must hold something else than white space."));
        }
        let side = if at < SENT {
            &mut stops.sent
        } else {
            &mut stops.kept
        };
        side.push(said.into_owned());
    }
    if !list.is_empty() {
        to.insert(
            "stop",
            Value::Array(list.iter().take(SENT).cloned().collect()),
        );
    }
    Ok(stops)
}
