//! Input items as chat messages.
//!
//! What an assistant did in one go (reasoning, text, calls) is several items here and one message there, and the outputs
//! of its calls must follow that message at once, in whatever order the items came.

use super::reasoning::Sealer;
use super::tools::Names;
use super::{content, custom, invalid, wrong};
use crate::chat::Invalid;
use crate::json::{Object, Text, Value, object};

/// Items of calls that OpenAI runs itself or that its models must have learnt, and of their outputs: other models cannot
/// make sense of them, so they are left out of the history.
const LEFT_OUT: [&str; 23] = [
    "file_search_call",
    "web_search_call",
    "computer_call",
    "computer_call_output",
    "code_interpreter_call",
    "image_generation_call",
    "local_shell_call",
    "local_shell_call_output",
    "shell_call",
    "shell_call_output",
    "apply_patch_call",
    "apply_patch_call_output",
    "mcp_list_tools",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
    "tool_search_call",
    "tool_search_output",
    "program",
    "program_output",
    "compaction",
    // Its tools were added before.
    "additional_tools",
    // One that could not be found, see `ask`.
    "item_reference",
];

/// Messages under way.
pub(super) struct Conversation<'a, 'n> {
    names: &'n Names,
    sealer: &'n Sealer,
    entries: Vec<Entry<'a>>,
    turn: Turn<'a>,
}

/// A message, and what belongs right behind it.
struct Entry<'a> {
    message: Value<'a>,
    calls: Vec<Call<'a>>,
    /// What does not fit into tools' messages.
    attachments: Vec<Value<'a>>,
}

/// A call and its output, once that has come.
struct Call<'a> {
    id: Text<'a>,
    output: Option<Text<'a>>,
    /// Where the call stands.
    path: String,
}

/// What the assistant did since somebody else did something.
#[derive(Default)]
struct Turn<'a> {
    reasoning: Option<Text<'a>>,
    said: Option<Text<'a>>,
    calls: Vec<Value<'a>>,
    ids: Vec<Call<'a>>,
}

impl<'a, 'n> Conversation<'a, 'n> {
    pub(super) fn new(names: &'n Names, sealer: &'n Sealer) -> Self {
        Self {
            names,
            sealer,
            entries: Vec::new(),
            turn: Turn::default(),
        }
    }

    /// What the server is told for this one answer.
    pub(super) fn instruct(&mut self, instructions: &Text<'a>) {
        self.push(object([
            ("role", Value::from("system")),
            ("content", Value::String(instructions.clone())),
        ]));
    }

    /// What the user says, where the input is plain text.
    pub(super) fn say(&mut self, text: &Text<'a>) {
        self.push(object([
            ("role", Value::from("user")),
            ("content", Value::String(text.clone())),
        ]));
    }

    /// Takes the next item. `path` is where it stands.
    pub(super) fn take(&mut self, item: &Value<'a>, path: &str) -> Result<(), Invalid> {
        if item.as_object().is_none() {
            return Err(wrong(path, "an object with a 'type'", item));
        }
        match item.get("type").and_then(Value::as_str).as_deref() {
            Some("message") => self.message(item, path),
            // A message in its short form.
            None if item.get("role").is_some() => self.message(item, path),
            Some("function_call") => {
                let arguments = text(item, "arguments", path)?.clone();
                self.call(item, Value::String(arguments), path)
            }
            Some("custom_tool_call") => {
                let input = text(item, "input", path)?.clone();
                let arguments = custom::pack(Value::String(input));
                self.call(item, Value::from(arguments), path)
            }
            Some("function_call_output" | "custom_tool_call_output") => self.output(item, path),
            Some("reasoning") => {
                self.reason(item);
                Ok(())
            }
            Some(kind) if LEFT_OUT.contains(&kind) => Ok(()),
            Some("compaction_trigger") => Err(invalid(
                path,
                format!(
                    "'{path}' asks for a compaction, which this server does not do. Send a shorter history."
                ),
            )),
            Some(kind) => {
                let kind: String = kind.chars().take(60).collect();
                Err(invalid(
                    format!("{path}.type"),
                    format!(
                        "'{path}.type' is '{kind}', which this server does not know. It takes message, function_call, \
                         function_call_output, custom_tool_call, custom_tool_call_output, reasoning and item_reference."
                    ),
                ))
            }
            None => Err(invalid(
                format!("{path}.type"),
                format!("'{path}' must have a 'type', or a 'role' and 'content' as a message."),
            )),
        }
    }

    /// All messages.
    pub(super) fn end(mut self) -> Result<Vec<Value<'a>>, Invalid> {
        self.flush();
        let mut messages = Vec::with_capacity(self.entries.len());
        for entry in self.entries {
            messages.push(entry.message);
            for call in entry.calls {
                let Some(output) = call.output else {
                    let id: String = call.id.text().chars().take(100).collect();
                    return Err(invalid(
                        call.path,
                        format!(
                            "No tool output found for function call {id}. Add its function_call_output."
                        ),
                    ));
                };
                messages.push(object([
                    ("role", Value::from("tool")),
                    ("tool_call_id", Value::String(call.id)),
                    ("content", Value::String(output)),
                ]));
            }
            if !entry.attachments.is_empty() {
                messages.push(object([
                    ("role", Value::from("user")),
                    ("content", Value::Array(entry.attachments)),
                ]));
            }
        }
        Ok(messages)
    }

    fn message(&mut self, item: &Value<'a>, path: &str) -> Result<(), Invalid> {
        let role = match item.get("role").and_then(Value::as_str).as_deref() {
            Some("user") => "user",
            Some("system") => "system",
            Some("developer") => "developer",
            Some("assistant") => "assistant",
            _ => {
                return Err(invalid(
                    format!("{path}.role"),
                    format!("'{path}.role' must be one of user, assistant, system and developer."),
                ));
            }
        };
        let at = format!("{path}.content");
        let content = item.get("content").unwrap_or(&Value::Null);
        if role == "assistant" {
            let said = content::of_assistant(content, &at)?;
            self.assistant_says(said);
            return Ok(());
        }
        let content = content::of_prompt(content, &at)?;
        self.push(object([("role", Value::from(role)), ("content", content)]));
        Ok(())
    }

    fn assistant_says(&mut self, text: Text<'a>) {
        match &mut self.turn.said {
            // The outputs of calls are still to come: it is the same message.
            Some(said) if !self.turn.calls.is_empty() => said.push(&text),
            Some(_) => {
                self.flush();
                self.turn.said = Some(text);
            }
            None => self.turn.said = Some(text),
        }
    }

    fn call(&mut self, item: &Value<'a>, arguments: Value<'a>, path: &str) -> Result<(), Invalid> {
        let id = text(item, "call_id", path)?;
        let name = text(item, "name", path)?.text();
        let namespace = item.get("namespace").and_then(Value::as_str);
        let flat = self.names.flat(namespace.as_deref(), &name).into_owned();
        self.turn.calls.push(object([
            ("id", Value::String(id.clone())),
            ("type", Value::from("function")),
            (
                "function",
                object([("name", Value::from(flat)), ("arguments", arguments)]),
            ),
        ]));
        self.turn.ids.push(Call {
            id: id.clone(),
            output: None,
            path: path.to_owned(),
        });
        Ok(())
    }

    fn output(&mut self, item: &Value<'a>, path: &str) -> Result<(), Invalid> {
        self.flush();
        let id = text(item, "call_id", path)?;
        let output = content::of_output(item.get("output"), &format!("{path}.output"))?;
        // The latest: some upstreams count their ids from the start in every answer.
        for entry in self.entries.iter_mut().rev() {
            let open = |call: &&mut Call<'a>| call.output.is_none() && call.id == *id;
            if let Some(call) = entry.calls.iter_mut().find(open) {
                // Some refuse an empty one.
                let told_below = output.text.is_empty() && !output.attachments.is_empty();
                call.output = Some(if told_below {
                    Text::from("The output is in the next message.")
                } else {
                    output.text
                });
                entry.attachments.extend(output.attachments);
                return Ok(());
            }
        }
        let id: String = id.text().chars().take(100).collect();
        Err(invalid(
            path,
            format!(
                "No tool call found for function call output with call_id {id}. Send the function_call item before it, \
                 or the previous_response_id of the answer that made the call."
            ),
        ))
    }

    /// Keeps reasoning that we can read for the model that goes on with it.
    fn reason(&mut self, item: &Value<'a>) {
        let Some(thoughts) = self.sealer.read(item) else {
            return;
        };
        // Thoughts come before what they led to; between calls that wait for their outputs they are of one turn.
        if self.turn.said.is_some() && self.turn.calls.is_empty() {
            self.flush();
        }
        match &mut self.turn.reasoning {
            Some(before) => {
                before.push(&Text::from("\n\n"));
                before.push(&thoughts);
            }
            None => self.turn.reasoning = Some(thoughts),
        }
    }

    fn push(&mut self, message: Value<'a>) {
        self.flush();
        self.entries.push(Entry {
            message,
            calls: Vec::new(),
            attachments: Vec::new(),
        });
    }

    /// The assistant's turn becomes a message.
    fn flush(&mut self) {
        let turn = std::mem::take(&mut self.turn);
        if turn.said.is_none() && turn.calls.is_empty() {
            // Thoughts that led to nothing.
            return;
        }
        let mut message = Object::new();
        message.insert("role", Value::from("assistant"));
        message.insert("content", turn.said.map_or(Value::Null, Value::String));
        if let Some(reasoning) = turn.reasoning {
            message.insert("reasoning_content", Value::String(reasoning));
        }
        if !turn.calls.is_empty() {
            message.insert("tool_calls", Value::Array(turn.calls));
        }
        self.entries.push(Entry {
            message: Value::Object(message),
            calls: turn.ids,
            attachments: Vec::new(),
        });
    }
}

fn text<'v, 'a>(item: &'v Value<'a>, member: &str, path: &str) -> Result<&'v Text<'a>, Invalid> {
    let value = item.get(member).unwrap_or(&Value::Null);
    value
        .as_text()
        .ok_or_else(|| wrong(&format!("{path}.{member}"), "a string", value))
}
