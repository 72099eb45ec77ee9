//! The conversation: who says what, and which result belongs to which call.
//!
//! What comes out is what the strictest provider takes: the roles alternate, every call has its result directly after
//! it, and every result its call. What a client's compaction left without its other half is kept as plain text.

use std::collections::BTreeSet;

use crate::api::anthropic::names::Names;
use crate::chat::Invalid;
use crate::json::{Object, Text, Value, object};

use super::content::{self, Content, Part};
use super::field::{self, Path, append, append_after, some};
use super::{results, system};

/// The result of a call that none was sent for.
const UNANSWERED: &str = "[no result: the client sent none for this call]";

/// Canonical messages so far.
struct Turns<'a, 'n> {
    /// What the model is told before the conversation.
    system: Option<Text<'a>>,
    messages: Vec<Value<'a>>,
    names: &'n mut Names,
    /// The assistant's turn that is being read; the user has not spoken since.
    turn: Option<Turn<'a>>,
    /// Calls of the assistant's last turn that was written.
    open: Vec<Call>,
    /// What the user has said since, which goes after all results.
    said: Vec<Part<'a>>,
    /// Ids of all calls.
    ids: BTreeSet<String>,
}

/// A turn of the assistant.
#[derive(Default)]
struct Turn<'a> {
    text: Option<Text<'a>>,
    thinking: Option<Text<'a>>,
    calls: Vec<Value<'a>>,
    open: Vec<Call>,
}

/// A call that waits for its result.
struct Call {
    /// The client's id of it.
    id: String,
    /// The id that is sent: another one if the client has used its id before.
    sent: String,
}

/// Reads `messages` and `system` as canonical messages.
pub(super) fn read<'a>(body: &Object<'a>, names: &mut Names) -> Result<Vec<Value<'a>>, Invalid> {
    let path = Path::Top("messages");
    let list = some(body, "messages").ok_or_else(|| path.missing("a list of messages"))?;
    let list = field::list(list, &path)?;
    let mut turns = Turns {
        system: system::read(body)?,
        messages: Vec::new(),
        names,
        turn: None,
        open: Vec::new(),
        said: Vec::new(),
        ids: BTreeSet::new(),
    };
    for (at, message) in list.iter().enumerate() {
        let path = path.at(at);
        turns.message(field::object(message, &path)?, &path)?;
    }
    turns.end_assistant();
    turns.end_user();
    if turns.messages.is_empty() {
        return Err(path.invalid("There must be at least one message that says something."));
    }
    if let Some(said) = turns.system {
        let system = [
            ("role", Value::from("system")),
            ("content", Value::String(said)),
        ];
        turns.messages.insert(0, object(system));
    }
    Ok(turns.messages)
}

impl<'a> Turns<'a, '_> {
    fn message(&mut self, message: &Object<'a>, path: &Path<'_>) -> Result<(), Invalid> {
        let role = field::text(message, "role", path)?.text();
        let at = path.name("content");
        let content = Content::of(some(message, "content"), &at)?;
        match &*role {
            "user" => self.user(content, &at),
            "assistant" => self.assistant(content, &at),
            "system" => {
                let Some(said) = system::texts(&content, &at)? else {
                    return Ok(());
                };
                if self.turn.is_none() && self.messages.is_empty() && self.said.is_empty() {
                    append(&mut self.system, &said);
                } else {
                    self.end_assistant();
                    self.said.push(Part::Text(system::reminder(&said)));
                }
                Ok(())
            }
            other => {
                let what = format!("`{other}` is none of user, assistant and system.");
                Err(path.name("role").invalid(what))
            }
        }
    }

    fn user(&mut self, content: Content<'_, 'a>, path: &Path<'_>) -> Result<(), Invalid> {
        let blocks = match content {
            Content::Text(text) => {
                if !text.is_empty() {
                    self.end_assistant();
                    self.said.push(Part::Text(text.clone()));
                }
                return Ok(());
            }
            Content::Blocks(blocks) => blocks,
        };
        for (at, value) in blocks.iter().enumerate() {
            let path = path.at(at);
            let (block, kind) = content::block(value, &path)?;
            if kind == "tool_result" {
                self.end_assistant();
                self.result(block, &path)?;
                continue;
            }
            let mut parts = Vec::new();
            if !content::parts(block, &kind, &path, &mut parts)? {
                let what = format!(
                    "`{kind}` is no type of block that a user's message can have here; text, image, document, \
                     search_result and tool_result are."
                );
                return Err(path.name("type").invalid(what));
            }
            if !parts.is_empty() {
                self.end_assistant();
                self.said.append(&mut parts);
            }
        }
        Ok(())
    }

    fn assistant(&mut self, content: Content<'_, 'a>, path: &Path<'_>) -> Result<(), Invalid> {
        let mut turn = Turn::default();
        match content {
            Content::Text(text) if text.is_empty() => {}
            Content::Text(text) => turn.text = Some(text.clone()),
            Content::Blocks(blocks) => {
                for (at, value) in blocks.iter().enumerate() {
                    self.spoken(value, &path.at(at), &mut turn)?;
                }
            }
        }
        // Nothing but a thought is no turn.
        if turn.text.is_none() && turn.calls.is_empty() {
            return Ok(());
        }
        if self.turn.is_none() {
            self.end_user();
        }
        let before = self.turn.get_or_insert_with(Turn::default);
        for (to, more) in [
            (&mut before.text, turn.text),
            (&mut before.thinking, turn.thinking),
        ] {
            if let Some(more) = more {
                append(to, &more);
            }
        }
        before.calls.append(&mut turn.calls);
        before.open.append(&mut turn.open);
        Ok(())
    }

    /// One block of the assistant's.
    fn spoken(
        &mut self,
        value: &Value<'a>,
        path: &Path<'_>,
        turn: &mut Turn<'a>,
    ) -> Result<(), Invalid> {
        let (block, kind) = content::block(value, path)?;
        match &*kind {
            "text" => {
                let text = field::text(block, "text", path)?;
                if !text.is_empty() {
                    // Citations cut one text into several blocks.
                    append_after(&mut turn.text, "", text);
                }
            }
            "thinking" => {
                let text = field::text(block, "thinking", path)?;
                if !text.is_empty() {
                    append(&mut turn.thinking, text);
                }
            }
            "tool_use" => {
                let call = self.call(block, path)?;
                turn.calls.push(call.0);
                turn.open.push(call.1);
            }
            "tool_result" => {
                let what = "A `tool_result` belongs into a message of the user.";
                return Err(path.name("type").invalid(what));
            }
            // Encrypted thoughts, and what Anthropic's servers did with their own tools: nobody else can read it.
            _ => {}
        }
        Ok(())
    }

    fn call(&mut self, block: &Object<'a>, path: &Path<'_>) -> Result<(Value<'a>, Call), Invalid> {
        let id = field::text(block, "id", path)?;
        let name = field::text(block, "name", path)?;
        let arguments = match some(block, "input") {
            None => Value::from("{}"),
            Some(input @ Value::Object(_)) => {
                Value::from(String::from_utf8(input.to_vec()).unwrap_or_default())
            }
            Some(other) => return Err(path.name("input").not("an object", other)),
        };
        let said = id.text().into_owned();
        let mut sent = said.clone();
        let mut turn = 1;
        while !self.ids.insert(sent.clone()) {
            turn += 1;
            sent = format!("{said}_{turn}");
        }
        let shown = if turn == 1 {
            id.clone()
        } else {
            Text::from_text(&sent)
        };
        let function = object([
            ("name", Value::String(self.names.lower(name))),
            ("arguments", arguments),
        ]);
        let call = object([
            ("id", Value::String(shown)),
            ("type", Value::from("function")),
            ("function", function),
        ]);
        Ok((call, Call { id: said, sent }))
    }

    fn result(&mut self, block: &Object<'a>, path: &Path<'_>) -> Result<(), Invalid> {
        let id = field::text(block, "tool_use_id", path)?.text();
        let result = results::read(block, path)?;
        let Some(at) = self.open.iter().position(|call| call.id == id) else {
            self.said.push(Part::Text(result.as_text(&id)));
            self.said.extend(result.images);
            return Ok(());
        };
        let call = self.open.remove(at);
        self.messages
            .push(tool(call.sent, Value::String(result.text)));
        if !result.images.is_empty() {
            let shown = format!("What the tool call {id} returned:");
            self.said.push(Part::Text(Text::from_text(&shown)));
            self.said.extend(result.images);
        }
        Ok(())
    }

    /// The user speaks: writes the assistant's turn.
    fn end_assistant(&mut self) {
        let Some(turn) = self.turn.take() else {
            return;
        };
        let mut message = Object::new();
        message.insert("role", Value::from("assistant"));
        message.insert("content", turn.text.map_or(Value::Null, Value::String));
        if let Some(thinking) = turn.thinking {
            message.insert("reasoning_content", Value::String(thinking));
        }
        if !turn.calls.is_empty() {
            message.insert("tool_calls", Value::Array(turn.calls));
        }
        self.messages.push(Value::Object(message));
        self.open = turn.open;
    }

    /// The assistant speaks, or nobody any more: writes what the user said.
    fn end_user(&mut self) {
        if !self.open.is_empty() {
            // A thought that led to calls which were not carried out is no longer right.
            let called = self.messages.iter_mut().rev().find_map(|message| {
                let message = message.as_object_mut()?;
                message.contains_key("tool_calls").then_some(message)
            });
            if let Some(message) = called {
                message.remove("reasoning_content");
            }
        }
        for call in self.open.drain(..) {
            self.messages.push(tool(call.sent, Value::from(UNANSWERED)));
        }
        if !self.said.is_empty() {
            let said = std::mem::take(&mut self.said);
            self.messages.push(object([
                ("role", Value::from("user")),
                ("content", content::canonical(said)),
            ]));
        }
    }
}

fn tool<'a>(id: String, content: Value<'a>) -> Value<'a> {
    object([
        ("role", Value::from("tool")),
        ("tool_call_id", Value::from(id)),
        ("content", content),
    ])
}
