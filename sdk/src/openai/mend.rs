//! Answers whose text holds what belongs elsewhere: reasoning between tags, tool calls written out in words.

mod spoken;
mod stream;
#[cfg(test)]
mod tests;
mod think;
pub(super) mod tools;

use serde_json::{Map, Value as Json, json};

use crate::{Call, Reply};
use tools::{Called, Tools};

pub use stream::mender;

/// What of an answer wants mending; see the methods of [`super::Dialect`] that ask for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mending {
    pub(super) think: bool,
    pub(super) calls: bool,
}

impl Mending {
    /// Nothing.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// A whole 2xx reply; what is right already, or no chat completion, is kept as it came.
#[must_use]
pub fn mended(mending: Mending, call: &Call, body: &[u8]) -> Reply {
    if call.operation != "chat" {
        return Reply::keep();
    }
    let Ok(mut answer) = serde_json::from_slice::<Json>(body) else {
        return Reply::keep();
    };
    let tools = Tools::of_memo(&call.memo);
    let mut changed = false;
    let choices = answer.get_mut("choices").and_then(Json::as_array_mut);
    for choice in choices.into_iter().flatten() {
        changed |= whole(mending, &tools, &call.id, choice).is_some();
    }
    if changed {
        Reply::json(answer.to_string().into_bytes(), None)
    } else {
        Reply::keep()
    }
}

/// Mends one choice; `None` if there was nothing to do.
fn whole(mending: Mending, tools: &Tools, seed: &str, choice: &mut Json) -> Option<()> {
    let message = choice.get_mut("message")?.as_object_mut()?;
    let content = message.get("content")?.as_str()?;
    let split = (mending.think && !reasons(message))
        .then(|| think::split(content))
        .flatten();
    let text = split.as_ref().map_or(content, |(_, text)| text);
    let spoken = (mending.calls && !message.contains_key("tool_calls"))
        .then(|| spoken::find(text, tools))
        .flatten();
    if split.is_none() && spoken.is_none() {
        return None;
    }
    let (thought, text) = match split {
        Some((thought, text)) => (thought, text.to_owned()),
        None => (String::new(), content.to_owned()),
    };
    if !thought.is_empty() {
        message.insert("reasoning_content".to_owned(), Json::String(thought));
    }
    let Some((text, calls)) = spoken else {
        message.insert("content".to_owned(), Json::String(text));
        return Some(());
    };
    let content = if text.is_empty() {
        Json::Null
    } else {
        Json::String(text)
    };
    message.insert("content".to_owned(), content);
    let calls = calls.iter().enumerate();
    message.insert(
        "tool_calls".to_owned(),
        calls
            .map(|(at, called)| written(called, seed, at))
            .collect(),
    );
    choice["finish_reason"] = json!("tool_calls");
    Some(())
}

/// Whether the provider has told the reasoning apart itself.
fn reasons(message: &Map<String, Json>) -> bool {
    ["reasoning_content", "reasoning"]
        .iter()
        .filter_map(|name| message.get(*name)?.as_str())
        .any(|text| !text.is_empty())
}

/// A call in OpenAI's words. `seed` is the attempt's id, so that no two answers give the same ids.
fn written(called: &Called, seed: &str, at: usize) -> Json {
    let arguments = Json::Object(called.arguments.clone()).to_string();
    json!({
        "id": format!("call_{seed}{at:x}"),
        "type": "function",
        "function": {"name": called.name, "arguments": arguments},
    })
}
