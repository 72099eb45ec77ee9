//! Results of tools. The canonical dialect takes texts there and nothing else: images go to the user's next message.

use crate::chat::Invalid;
use crate::json::{Object, Text, Value};

use super::content::{self, Content, Part};
use super::field::{Path, append, some};

/// Marks a result that is an error, which the canonical dialect has no member for.
const ERROR: &str = "[tool error] ";

/// A result.
pub(super) struct Found<'a> {
    /// What it says; may be empty.
    pub(super) text: Text<'a>,
    /// Its images.
    pub(super) images: Vec<Part<'a>>,
}

/// Reads a `tool_result` block.
pub(super) fn read<'a>(block: &Object<'a>, path: &Path<'_>) -> Result<Found<'a>, Invalid> {
    let mut text = None;
    let mut images = Vec::new();
    let at = path.name("content");
    match some(block, "content") {
        None => {}
        Some(Value::String(said)) => append(&mut text, said),
        Some(content) => {
            if let Content::Blocks(blocks) = Content::of(Some(content), &at)? {
                for (number, value) in blocks.iter().enumerate() {
                    one(value, &at.at(number), &mut text, &mut images)?;
                }
            }
        }
    }
    let failed = match some(block, "is_error") {
        None => false,
        Some(value) => value
            .as_bool()
            .ok_or_else(|| path.name("is_error").not("true or false", value))?,
    };
    let mut text = text.unwrap_or_else(|| {
        Text::from(if images.is_empty() {
            ""
        } else {
            "[an image; see the user's next message]"
        })
    });
    if failed {
        let said = std::mem::replace(&mut text, Text::from(ERROR));
        text.push(&said);
    }
    Ok(Found { text, images })
}

fn one<'a>(
    value: &Value<'a>,
    path: &Path<'_>,
    text: &mut Option<Text<'a>>,
    images: &mut Vec<Part<'a>>,
) -> Result<(), Invalid> {
    let (block, kind) = content::block(value, path)?;
    let mut parts = Vec::new();
    if kind == "tool_reference" {
        // A tool that a search for tools found: it is declared with the others.
        if let Some(name) = some(block, "tool_name").and_then(Value::as_text) {
            append(text, name);
        }
        return Ok(());
    }
    if !content::parts(block, &kind, path, &mut parts)? {
        let what = format!(
            "`{kind}` is no type of block that a tool's result can have here; text, image, document and search_result \
             are."
        );
        return Err(path.name("type").invalid(what));
    }
    for part in parts {
        match part {
            Part::Text(said) => append(text, &said),
            image @ Part::Image(_) => images.push(image),
        }
    }
    Ok(())
}

impl<'a> Found<'a> {
    /// As a text of the user's, for a result whose call is not in the conversation.
    pub(super) fn as_text(&self, id: &str) -> Text<'a> {
        let head =
            format!("[result of the tool call {id}, which is no longer in the conversation]\n");
        let mut text = Text::from_text(&head);
        text.push(&self.text);
        text
    }
}
