//! Tool calls that a model wrote into its text, in the forms that its chat template would have had read:
//!
//! ```text
//! <tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>
//! <tool_call><function=f><parameter=a>1</parameter></function></tool_call>
//! <function=f>{"a": 1}</function>     <function=f={"a": 1}</function>
//! [TOOL_CALLS][{"name": "f", "arguments": {"a": 1}}]     [TOOL_CALLS]f[ARGS]{"a": 1}
//! <|python_tag|>{"name": "f", "parameters": {"a": 1}}
//! ```

use serde_json::{Map, Value as Json};

use super::think::overlap;
use super::tools::{Called, Tools};

const CALL: &str = "<tool_call>";
const FUNCTION: &str = "<function=";
const LIST: &str = "[TOOL_CALLS]";
const PYTHON: &str = "<|python_tag|>";
const MARKS: [&str; 4] = [CALL, FUNCTION, LIST, PYTHON];

/// The text of one choice of a stream. From a mark on, all is held until the end.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    held: String,
    open: bool,
}

impl Spoken {
    /// The next piece of the text; gives back what is surely text.
    pub(super) fn push(&mut self, piece: &str) -> String {
        self.held.push_str(piece);
        if self.open {
            return String::new();
        }
        let sure = match first_mark(&self.held) {
            Some(at) => {
                self.open = true;
                at
            }
            None => {
                let most = MARKS.iter().map(|mark| overlap(&self.held, mark)).max();
                self.held.len() - most.unwrap_or(0)
            }
        };
        self.held.drain(..sure).collect()
    }

    /// The text is over: what is text after all, and the calls.
    pub(super) fn end(&mut self, tools: &Tools) -> (String, Vec<Called>) {
        let held = std::mem::take(&mut self.held);
        let found = self.open.then(|| find(&held, tools)).flatten();
        self.open = false;
        found.unwrap_or((held, Vec::new()))
    }
}

fn first_mark(text: &str) -> Option<usize> {
    MARKS.iter().filter_map(|mark| text.find(mark)).min()
}

/// The text around the calls, and the calls; `None` if there are none, or any of them is not one of the tools'.
pub(super) fn find(text: &str, tools: &Tools) -> Option<(String, Vec<Called>)> {
    if tools.is_empty() {
        return None;
    }
    let (before, mut rest) = text.split_at(first_mark(text)?);
    let mut calls = Vec::new();
    loop {
        rest = rest.trim_start();
        rest = if let Some(inside) = rest.strip_prefix(CALL) {
            let (inside, after) = inside.split_once("</tool_call>").unwrap_or((inside, ""));
            tagged(inside.trim(), tools, &mut calls)?;
            after
        } else if let Some(inside) = rest.strip_prefix(FUNCTION) {
            function(inside, tools, &mut calls)?
        } else if let Some(inside) = rest.strip_prefix(LIST) {
            list(inside.trim_start(), tools, &mut calls)?
        } else if let Some(inside) = rest.strip_prefix(PYTHON) {
            let (json, after) = value(inside)?;
            calls.push(named(&json, tools)?);
            after.trim_start_matches([';', ' ', '\n'])
        } else {
            break;
        };
    }
    for end in ["<|eom_id|>", "<|eot_id|>", "</s>"] {
        rest = rest.trim().trim_end_matches(end);
    }
    let mut text = before.trim_end().to_owned();
    if !text.is_empty() && !rest.is_empty() {
        text.push('\n');
    }
    text.push_str(rest);
    Some((text, calls))
}

/// Between `<tool_call>` and its end: one object, or the function in tags.
fn tagged(inside: &str, tools: &Tools, calls: &mut Vec<Called>) -> Option<()> {
    let rest = match inside.strip_prefix(FUNCTION) {
        Some(inside) => function(inside, tools, calls)?,
        None => {
            let (json, rest) = value(inside)?;
            calls.push(named(&json, tools)?);
            rest
        }
    };
    rest.trim().is_empty().then_some(())
}

/// Behind `<function=`; gives back what follows.
fn function<'a>(inside: &'a str, tools: &Tools, calls: &mut Vec<Called>) -> Option<&'a str> {
    let end = inside.find(['>', '=', '{', '(', ',', ' ', '\n'])?;
    let (name, rest) = inside.split_at(end);
    let rest = rest.trim_start_matches(['>', '=', '(', ',', ' ', '\n']);
    let (arguments, rest) = if rest.starts_with('{') {
        value(rest)?
    } else {
        let (inside, _) = rest.split_once("</function>").unwrap_or((rest, ""));
        let arguments = parameters(name, inside, tools)?;
        (Json::Object(arguments), &rest[inside.len()..])
    };
    calls.push(tools.call(name, arguments)?);
    let rest = rest.trim_start_matches([')', '>', ' ', '\n']);
    Some(rest.strip_prefix("</function>").unwrap_or(rest))
}

/// `<parameter=a>1</parameter>`, any number of them.
fn parameters(tool: &str, mut text: &str, tools: &Tools) -> Option<Map<String, Json>> {
    let mut arguments = Map::new();
    loop {
        text = text.trim();
        if text.is_empty() {
            return Some(arguments);
        }
        let (name, rest) = text.strip_prefix("<parameter=")?.split_once('>')?;
        let (given, rest) = rest.split_once("</parameter>")?;
        let given = given.strip_prefix('\n').unwrap_or(given);
        let given = given.strip_suffix('\n').unwrap_or(given);
        arguments.insert(name.to_owned(), tools.value(tool, name, given));
        text = rest;
    }
}

/// Behind `[TOOL_CALLS]`.
fn list<'a>(inside: &'a str, tools: &Tools, calls: &mut Vec<Called>) -> Option<&'a str> {
    if inside.starts_with('[') {
        let (json, rest) = value(inside)?;
        for one in json.as_array()? {
            calls.push(named(one, tools)?);
        }
        return Some(rest);
    }
    let (name, rest) = inside.split_at(inside.find(['[', '{'])?);
    let rest = rest.strip_prefix("[ARGS]").unwrap_or(rest);
    let (arguments, rest) = value(rest)?;
    calls.push(tools.call(name.trim(), arguments)?);
    Some(rest)
}

/// `{"name": …, "arguments": …}`, or with `parameters`, or within `function`.
fn named(json: &Json, tools: &Tools) -> Option<Called> {
    let json = match &json["function"] {
        inner @ Json::Object(_) => inner,
        _ => json,
    };
    let arguments = ["arguments", "parameters"]
        .iter()
        .find_map(|name| json.get(*name))
        .cloned();
    tools.call(json["name"].as_str()?, arguments.unwrap_or_default())
}

/// The JSON value at the beginning, and what follows it.
fn value(text: &str) -> Option<(Json, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    let json = values.next()?.ok()?;
    Some((json, &text[values.byte_offset()..]))
}
