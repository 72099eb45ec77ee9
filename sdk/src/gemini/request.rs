//! The body: what a client said in OpenAI's words becomes what `generateContent` reads.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::generation::{self, Generation};
use super::messages::{self, Content, Contents, Message};
use super::names::Names;
use super::tools::{self, Tool, ToolConfig};
use crate::{Call, Failure, Input, failure};

/// The members of a chat request that have a counterpart. The others are left out: Google refuses what it
/// does not know. Numbers stay raw, so that they go on as they were spelt.
#[derive(Deserialize)]
pub(super) struct Chat<'a> {
    #[serde(borrow, default)]
    pub(super) messages: Vec<Message<'a>>,
    #[serde(borrow)]
    pub(super) tools: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) tool_choice: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) response_format: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) stop: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) reasoning_effort: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) temperature: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) top_p: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) top_k: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) max_completion_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) max_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) n: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) seed: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) presence_penalty: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) frequency_penalty: Option<&'a RawValue>,
}

/// What Google reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfig>,
    generation_config: Generation<'a>,
}

/// Writes the body, and the memo that maps changed tool names back.
pub(super) fn body(call: &Call, input: &Input) -> Result<(Vec<u8>, String), Failure> {
    let chat: Chat<'_> = serde_json::from_slice(&input.body).map_err(|error| invalid(&error))?;
    let mut names = Names::default();
    let (tools, tool_config) = tools::tools(&chat, &mut names)?;
    let declares = tools.iter().any(Tool::declares);
    let generation_config = generation::generation(&chat, &call.model, declares)?;
    let Contents {
        system_instruction,
        contents,
    } = messages::contents(&chat.messages, &call.model, &input.notes, &mut names)?;
    let body = Body {
        system_instruction,
        contents,
        tools,
        tool_config,
        generation_config,
    };
    let bytes = serde_json::to_vec(&body)
        .map_err(|error| failure::unsupported(format!("the request cannot be written: {error}")))?;
    Ok((bytes, names.memo()))
}

/// A body that is no chat request.
pub(super) fn invalid(error: &serde_json::Error) -> Failure {
    failure::of(
        "invalid-request",
        format!("the request is not understood: {error}"),
    )
}
