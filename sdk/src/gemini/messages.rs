//! Messages become contents.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::media::{self, FileData, InlineData};
use super::names::Names;
use super::request::invalid;
use crate::{Failure, Note, failure};

/// The signature that Google documents for calls which another model made.
const FOREIGN: &str = "skip_thought_signature_validator";

/// A message of the client.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
    #[serde(borrow)]
    tool_call_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    function: Function<'a>,
    extra_content: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    arguments: Option<Cow<'a, str>>,
}

/// What Google is told of the conversation.
pub(super) struct Contents<'a> {
    pub(super) system_instruction: Option<Content<'a>>,
    pub(super) contents: Vec<Content<'a>>,
}

/// A turn of the conversation.
#[derive(Serialize)]
pub(super) struct Content<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    role: &'static str,
    parts: Vec<Part<'a>>,
    /// Holds the results of tools, which may stand beside nothing else.
    #[serde(skip)]
    results: bool,
}

/// One of its members is set, and perhaps the signature.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inline_data: Option<InlineData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_data: Option<FileData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_call: Option<FunctionCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_response: Option<FunctionResponse<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thought_signature: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
pub(super) struct FunctionCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: Cow<'a, str>,
    args: Box<RawValue>,
}

#[derive(Serialize)]
pub(super) struct FunctionResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: Cow<'a, str>,
    response: Output<'a>,
}

/// A tool's result stays a text: read as structure, a `$ref` in it would be taken for a file's name.
#[derive(Serialize)]
struct Output<'a> {
    output: media::Text<'a>,
}

/// Where the pieces come together.
struct Writer<'a, 'n> {
    model: &'a str,
    notes: BTreeMap<&'a str, &'a [u8]>,
    names: &'n mut Names,
    called: BTreeMap<&'a str, &'a str>,
    contents: Vec<Content<'a>>,
}

/// Gemma takes no system instruction; it is told at the beginning of the conversation.
fn is_gemma(model: &str) -> bool {
    model.starts_with("gemma")
}

/// From the third generation on, a call without its thought signature is refused; older ones know no stand-in.
fn wants_signature(model: &str) -> bool {
    !(is_gemma(model) || model.starts_with("gemini-1") || model.starts_with("gemini-2"))
}

/// Translates the conversation.
pub(super) fn contents<'a>(
    messages: &'a [Message<'a>],
    model: &'a str,
    notes: &'a [Note],
    names: &mut Names,
) -> Result<Contents<'a>, Failure> {
    let mut system = Vec::new();
    let mut writer = Writer {
        model,
        notes: notes
            .iter()
            .map(|note| (note.id.as_str(), note.data.as_slice()))
            .collect(),
        names,
        called: BTreeMap::new(),
        contents: Vec::new(),
    };
    for message in messages {
        match &*message.role {
            "system" | "developer" => media::parts(message.content, &mut system)?,
            "user" => {
                let mut parts = Vec::new();
                media::parts(message.content, &mut parts)?;
                writer.put("user", false, parts);
            }
            "assistant" => writer.assistant(message)?,
            "tool" | "function" => writer.result(message)?,
            other => {
                return Err(failure::of(
                    "invalid-request",
                    format!("there is no role `{other}`"),
                ));
            }
        }
    }
    Ok(writer.end(system))
}

impl<'a> Writer<'a, '_> {
    /// Appends a content, unless it is empty, which Google refuses.
    fn put(&mut self, role: &'static str, results: bool, parts: Vec<Part<'a>>) {
        if !parts.is_empty() {
            self.contents.push(Content {
                role,
                parts,
                results,
            });
        }
    }

    fn assistant(&mut self, message: &'a Message<'a>) -> Result<(), Failure> {
        let mut parts = Vec::new();
        media::parts(message.content, &mut parts)?;
        for (place, call) in message.tool_calls.iter().flatten().enumerate() {
            let id = call.id.as_deref().filter(|id| !id.is_empty());
            if let Some(id) = id {
                self.called.insert(id, &call.function.name);
            }
            parts.push(Part {
                thought_signature: self.signature(place, call),
                function_call: Some(FunctionCall {
                    id,
                    name: self.names.lower(&call.function.name),
                    args: arguments(call.function.arguments.as_deref().unwrap_or_default())?,
                }),
                ..Part::default()
            });
        }
        self.put("model", false, parts);
        Ok(())
    }

    /// The client's own, else what the host remembers, else for the first call of a message the stand-in.
    fn signature(&self, place: usize, call: &'a ToolCall<'a>) -> Option<Cow<'a, str>> {
        let extra = call.extra_content.as_ref();
        extra
            .and_then(|extra| extra["google"]["thought_signature"].as_str())
            .or_else(|| std::str::from_utf8(self.notes.get(call.id.as_deref()?)?).ok())
            .or_else(|| (place == 0 && wants_signature(self.model)).then_some(FOREIGN))
            .map(Cow::Borrowed)
    }

    /// Results that follow one another make one content: Google wants as many as there were calls.
    fn result(&mut self, message: &'a Message<'a>) -> Result<(), Failure> {
        let id = message.tool_call_id.as_deref();
        let name = id
            .and_then(|id| self.called.get(id).copied())
            .or(message.name.as_deref())
            .unwrap_or("tool");
        let (output, seen) = media::text_and_rest(message.content)?;
        let part = Part {
            function_response: Some(FunctionResponse {
                id,
                name: self.names.lower(name),
                response: Output { output },
            }),
            ..Part::default()
        };
        match self.contents.last_mut() {
            Some(last) if last.results => last.parts.push(part),
            _ => self.put("user", true, vec![part]),
        }
        // Pictures that a tool gave are shown beside its result.
        if let Some(last) = self.contents.last_mut() {
            last.parts.extend(seen);
        }
        Ok(())
    }

    fn end(mut self, system: Vec<Part<'a>>) -> Contents<'a> {
        if system.is_empty() {
            return Contents {
                system_instruction: None,
                contents: self.contents,
            };
        }
        // Contents may not be empty: with nothing else said, the instruction is what is asked.
        if is_gemma(self.model) || self.contents.is_empty() {
            let first = self.contents.first_mut();
            match first.filter(|first| first.role == "user" && !first.results) {
                Some(first) => drop(first.parts.splice(0..0, system)),
                None => self.contents.insert(
                    0,
                    Content {
                        role: "user",
                        parts: system,
                        results: false,
                    },
                ),
            }
            return Contents {
                system_instruction: None,
                contents: self.contents,
            };
        }
        Contents {
            system_instruction: Some(Content {
                role: "",
                parts: system,
                results: false,
            }),
            contents: self.contents,
        }
    }
}

/// The arguments of a call are an object; whatever else a model once wrote is kept in one.
fn arguments(text: &str) -> Result<Box<RawValue>, Failure> {
    let text = text.trim();
    let text = if text.is_empty() { "{}" } else { text };
    match serde_json::from_str::<Box<RawValue>>(text) {
        Ok(raw) if raw.get().starts_with('{') => Ok(raw),
        Ok(raw) => RawValue::from_string(format!("{{\"value\":{}}}", raw.get())),
        Err(_) => serde_json::value::to_raw_value(&serde_json::json!({ "value": text })),
    }
    .map_err(|error| invalid(&error))
}
