//! A whole canonical answer as a message.

use crate::chat::Usage;
use crate::json::{Object, Options, Text, Value, object, parse};

use super::arguments;
use super::event::{SIGNATURE, message_id};
use super::request::Manner;
use super::stop::{Cutter, Ending};
use super::usage;

/// The message: thought, text and calls in this order, as a stream has them.
pub(super) fn message(answer: &[u8], manner: &Manner) -> Vec<u8> {
    // The gateway has read it before.
    let answer = parse(answer, &Options::LENIENT).unwrap_or(Value::Null);
    let choice = answer.pointer("/choices/0").and_then(Value::as_object);
    let said = choice
        .and_then(|choice| choice.get("message"))
        .and_then(Value::as_object);
    let mut ending = Ending::default();
    if let Some(choice) = choice {
        ending.read(choice, &manner.stops);
    }
    let (content, called) =
        said.map_or_else(Default::default, |said| content(said, manner, &mut ending));
    let (reason, sequence) = ending.reason(called);
    let cost = answer
        .get("usage")
        .and_then(Usage::read)
        .unwrap_or_default();
    let id = answer.get("id").and_then(Value::as_str);
    object([
        ("id", Value::from(message_id(id.as_deref()))),
        ("type", Value::from("message")),
        ("role", Value::from("assistant")),
        ("model", Value::from(manner.model.clone())),
        ("content", Value::Array(content)),
        ("stop_reason", Value::from(reason.word())),
        (
            "stop_sequence",
            sequence.map_or(Value::Null, |sequence| Value::from(sequence.to_owned())),
        ),
        ("usage", usage::value(cost)),
    ])
    .to_vec()
}

/// The blocks, and whether any calls a tool.
fn content(said: &Object<'_>, manner: &Manner, ending: &mut Ending) -> (Vec<Value<'static>>, bool) {
    let text = |name: &str| {
        let text = said.get(name).and_then(Value::as_text);
        text.filter(|text| !text.is_empty())
    };
    let mut blocks = Vec::new();
    if let Some(thought) = text("reasoning_content").filter(|_| manner.thinking) {
        blocks.push(object([
            ("type", Value::from("thinking")),
            ("thinking", Value::String(thought.clone().into_owned())),
            ("signature", Value::from(SIGNATURE)),
        ]));
    }
    let mut whole: Option<Text<'static>> = None;
    for name in ["content", "refusal"] {
        if let Some(text) = text(name) {
            match &mut whole {
                Some(before) => before.push(text),
                None => whole = Some(text.clone().into_owned()),
            }
        }
    }
    if text("refusal").is_some() {
        ending.refuse();
    }
    let mut cutter = Cutter::default();
    if let Some(text) = whole {
        let text = cut(text, manner, &mut cutter);
        if !text.is_empty() {
            blocks.push(object([
                ("type", Value::from("text")),
                ("text", Value::String(text)),
            ]));
        }
    }
    if let Some(sequence) = cutter.hit() {
        ending.cut(sequence);
        return (blocks, false);
    }
    let before = blocks.len();
    let calls = said.get("tool_calls").and_then(Value::as_array);
    blocks.extend(
        calls
            .into_iter()
            .flatten()
            .filter_map(|call| tool_use(call, manner)),
    );
    let called = blocks.len() > before;
    (blocks, called)
}

fn cut(text: Text<'static>, manner: &Manner, cutter: &mut Cutter) -> Text<'static> {
    if manner.stops.kept.is_empty() {
        return text;
    }
    let mut said = cutter.push(&manner.stops.kept, &text.text());
    said.push_str(&cutter.finish());
    Text::from_text(&said)
}

/// A call that has a name.
fn tool_use(call: &Value<'_>, manner: &Manner) -> Option<Value<'static>> {
    let name = call.pointer("/function/name")?.as_str()?;
    if name.is_empty() {
        return None;
    }
    let id = call.get("id").and_then(Value::as_text)?;
    let arguments = call.pointer("/function/arguments").and_then(Value::as_str);
    Some(object([
        ("type", Value::from("tool_use")),
        ("id", Value::String(id.clone().into_owned())),
        ("name", Value::from(manner.names.raise(&name).to_owned())),
        (
            "input",
            arguments::input(arguments.as_deref().unwrap_or_default()),
        ),
    ]))
}
