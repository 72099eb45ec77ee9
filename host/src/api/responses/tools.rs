//! Tools and the choice among them: all become functions, and their names find the way back.

use std::borrow::Cow;

use super::{custom, invalid, wrong};
use crate::chat::Invalid;
use crate::json::{Object, Value, object};

/// The longest name of a function that OpenAI takes, and with it most others.
const LONGEST: usize = 64;

/// Tools that OpenAI runs itself, or of a form that models must have learnt: left out, see the rules. What begins with
/// `web_search`, `computer` or `tool_search` is one of them too, whatever date follows.
const HOSTED: [&str; 8] = [
    "file_search",
    "code_interpreter",
    "image_generation",
    "mcp",
    "local_shell",
    "shell",
    "apply_patch",
    "programmatic_tool_calling",
];

/// What a function stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A function.
    Function,
    /// A custom tool, see [`custom`].
    Custom,
}

/// A tool as the client knows it, and as the model does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The function's name.
    pub(super) flat: String,
    /// The tool's own.
    pub(super) name: String,
    /// Of which namespace.
    pub(super) namespace: Option<String>,
    /// Its kind.
    pub(super) kind: Kind,
}

/// All names of a request's tools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names(Vec<Named>);

/// The tools of a request.
#[derive(Debug, Default)]
pub(super) struct Tools<'a> {
    /// As chat has them.
    functions: Vec<Value<'a>>,
    pub(super) names: Names,
    /// A type that was left out.
    hosted: Option<String>,
}

// === impl Names ===

impl Names {
    /// What the client knows a function as; `None` for one that it did not declare.
    pub(super) fn of_function(&self, flat: &str) -> Option<&Named> {
        self.0.iter().find(|named| named.flat == flat)
    }

    /// What the model knows a tool as. One of a former turn need not be declared.
    pub(super) fn flat<'n>(&'n self, namespace: Option<&str>, name: &'n str) -> Cow<'n, str> {
        let known = self
            .0
            .iter()
            .find(|named| named.name == name && named.namespace.as_deref() == namespace);
        match (known, namespace) {
            (Some(named), _) => Cow::Borrowed(&named.flat),
            (None, Some(namespace)) => Cow::Owned(flatten(namespace, name)),
            (None, None) => Cow::Borrowed(name),
        }
    }

    fn add(&mut self, namespace: Option<&str>, name: &str, kind: Kind) -> &str {
        let mut flat = match namespace {
            Some(namespace) => flatten(namespace, name),
            None => name.to_owned(),
        };
        // Two names that differ only in what was replaced or cut.
        let mut number = 2;
        while namespace.is_some() && self.of_function(&flat).is_some() {
            flat = flatten(&format!("{number}"), &flat);
            number += 1;
        }
        self.0.push(Named {
            flat,
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
            kind,
        });
        self.0.last().map_or("", |named| &named.flat)
    }
}

/// `namespace__name` of letters, digits, `_` and `-`, cut to what fits; what was cut is told apart by a hash.
fn flatten(namespace: &str, name: &str) -> String {
    let whole = format!("{namespace}__{name}");
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let flat: String = whole
        .chars()
        .map(|letter| if fits(letter) { letter } else { '_' })
        .collect();
    if flat.len() <= LONGEST {
        return flat;
    }
    // FNV-1a: only to tell names apart, and the same in every process.
    let hash = whole.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    // All ASCII by now.
    format!("{}_{hash:08x}", &flat[..LONGEST - 9])
}

// === impl Tools ===

impl<'a> Tools<'a> {
    /// Adds tools. `path` is where they stand: `tools`, or an item that brings more.
    pub(super) fn add(&mut self, tools: &[Value<'a>], path: &str) -> Result<(), Invalid> {
        for (at, tool) in tools.iter().enumerate() {
            self.add_one(tool, &format!("{path}[{at}]"))?;
        }
        Ok(())
    }

    fn add_one(&mut self, tool: &Value<'a>, path: &str) -> Result<(), Invalid> {
        let kind = tool.get("type").and_then(Value::as_str);
        match kind.as_deref() {
            Some("function" | "custom") => self.declare(tool, None, None, path),
            Some("namespace") => self.namespace(tool, path),
            Some(kind) if is_hosted(kind) => {
                self.hosted = Some(kind.to_owned());
                Ok(())
            }
            Some(kind) => {
                let kind: String = kind.chars().take(60).collect();
                Err(invalid(
                    format!("{path}.type"),
                    format!(
                        "'{path}.type' is '{kind}', which this server does not know. It takes function, custom and \
                         namespace, and leaves OpenAI's hosted tools out."
                    ),
                ))
            }
            None => Err(invalid(
                format!("{path}.type"),
                format!("'{path}.type' must be a string; for a function it is \"function\"."),
            )),
        }
    }

    fn namespace(&mut self, tool: &Value<'a>, path: &str) -> Result<(), Invalid> {
        let namespace = name_of(tool, path)?;
        let tools = match tool.get("tools") {
            Some(Value::Array(tools)) => tools,
            other => {
                let other = other.unwrap_or(&Value::Null);
                return Err(wrong(&format!("{path}.tools"), "a list of tools", other));
            }
        };
        // Told once, before the first function's own: it is meant for all of them.
        let mut about = tool.get("description").and_then(Value::as_str);
        for (at, tool) in tools.iter().enumerate() {
            let path = format!("{path}.tools[{at}]");
            match tool.get("type").and_then(Value::as_str).as_deref() {
                Some("function" | "custom") => {
                    self.declare(tool, Some(&namespace), about.take().as_deref(), &path)?;
                }
                _ => {
                    return Err(invalid(
                        format!("{path}.type"),
                        format!(
                            "'{path}.type' must be function or custom: a namespace holds nothing else."
                        ),
                    ));
                }
            }
        }
        Ok(())
    }

    fn declare(
        &mut self,
        tool: &Value<'a>,
        namespace: Option<&str>,
        about: Option<&str>,
        path: &str,
    ) -> Result<(), Invalid> {
        let name = name_of(tool, path)?;
        let is_custom = tool
            .get("type")
            .and_then(Value::as_text)
            .is_some_and(|kind| kind == "custom");
        let kind = if is_custom {
            Kind::Custom
        } else {
            Kind::Function
        };
        let flat = self.names.add(namespace, &name, kind);
        let mut function = Object::new();
        function.insert("name", Value::from(flat.to_owned()));
        let own = match kind {
            Kind::Custom => Some(Value::from(custom::description(tool))),
            Kind::Function => tool
                .get("description")
                .filter(|text| text.as_text().is_some())
                .cloned(),
        };
        let about = about.filter(|about| !about.is_empty());
        match (about, own) {
            (Some(about), own) => {
                let own = own.as_ref().and_then(Value::as_str).unwrap_or_default();
                let all = format!("{about}\n\n{own}");
                function.insert("description", Value::from(all.trim_end().to_owned()));
            }
            (None, Some(own)) => drop(function.insert("description", own)),
            (None, None) => {}
        }
        match (kind, tool.get("parameters")) {
            (Kind::Custom, _) => drop(function.insert("parameters", custom::parameters())),
            (Kind::Function, Some(schema @ Value::Object(_))) => {
                function.insert("parameters", schema.clone());
            }
            (Kind::Function, None | Some(Value::Null)) => {}
            (Kind::Function, Some(other)) => {
                return Err(wrong(
                    &format!("{path}.parameters"),
                    "a JSON Schema object",
                    other,
                ));
            }
        }
        // Only where it says something: to leave it out means the same, and not everybody knows it.
        if let Some(strict @ Value::Bool(true)) = tool.get("strict") {
            function.insert("strict", strict.clone());
        }
        self.functions.push(object([
            ("type", Value::from("function")),
            ("function", Value::Object(function)),
        ]));
        Ok(())
    }

    /// Puts the tools and the choice among them into a canonical body.
    pub(super) fn put(
        mut self,
        choice: Option<&Value<'a>>,
        parallel: Option<&Value<'a>>,
        chat: &mut Object<'a>,
    ) -> Result<Names, Invalid> {
        let choice = self.choice(choice)?;
        if self.functions.is_empty() {
            return Ok(self.names);
        }
        chat.insert("tools", Value::Array(self.functions));
        if let Some(choice) = choice {
            chat.insert("tool_choice", choice);
        }
        if let Some(parallel) = parallel {
            chat.insert("parallel_tool_calls", parallel.clone());
        }
        Ok(self.names)
    }

    /// The choice as chat has it; those that are not allowed go.
    fn choice(&mut self, choice: Option<&Value<'a>>) -> Result<Option<Value<'a>>, Invalid> {
        let form = "\"none\", \"auto\", \"required\" or an object that names a tool";
        let choice = match choice {
            None | Some(Value::Null) => return Ok(None),
            Some(word @ Value::String(text)) => {
                return match &*text.text() {
                    "none" | "auto" => Ok(Some(word.clone())),
                    "required" => self.required("tool_choice", "tools").map(Some),
                    other => {
                        let other: String = other.chars().take(60).collect();
                        let what = format!("'tool_choice' is '{other}'; it must be {form}.");
                        Err(invalid("tool_choice", what))
                    }
                };
            }
            Some(choice @ Value::Object(_)) => choice,
            Some(other) => return Err(wrong("tool_choice", form, other)),
        };
        match choice.get("type").and_then(Value::as_str).as_deref() {
            Some("function" | "custom") => {
                let flat = self.chosen(choice, "tool_choice")?;
                Ok(Some(object([
                    ("type", Value::from("function")),
                    ("function", object([("name", Value::from(flat))])),
                ])))
            }
            Some("allowed_tools") => self.allowed(choice),
            Some(kind) if is_hosted(kind) => Err(invalid("tool_choice", hosted(kind))),
            _ => Err(invalid(
                "tool_choice.type",
                "'tool_choice.type' must be one of function, custom and allowed_tools.",
            )),
        }
    }

    fn allowed(&mut self, choice: &Value<'a>) -> Result<Option<Value<'a>>, Invalid> {
        let list = match choice.get("tools") {
            Some(Value::Array(list)) => list,
            other => {
                let other = other.unwrap_or(&Value::Null);
                return Err(wrong("tool_choice.tools", "a list of tools", other));
            }
        };
        let mut allowed = Vec::new();
        for (at, tool) in list.iter().enumerate() {
            match tool.get("type").and_then(Value::as_str) {
                Some(kind) if is_hosted(&kind) => self.hosted = Some(kind.into_owned()),
                _ => allowed.push(self.chosen(tool, &format!("tool_choice.tools[{at}]"))?),
            }
        }
        self.functions.retain(|tool| {
            let name = tool.pointer("/function/name").and_then(Value::as_str);
            name.is_some_and(|name| allowed.iter().any(|allowed| *allowed == name))
        });
        match choice.get("mode").and_then(Value::as_str).as_deref() {
            Some("required") => self
                .required("tool_choice.mode", "tool_choice.tools")
                .map(Some),
            Some("auto") => Ok(Some(Value::from("auto"))),
            _ => Err(invalid(
                "tool_choice.mode",
                "'tool_choice.mode' must be auto or required.",
            )),
        }
    }

    /// A call is demanded, so that there must be something to call.
    fn required(&self, param: &str, of: &str) -> Result<Value<'a>, Invalid> {
        match (&self.hosted, self.functions.is_empty()) {
            (Some(kind), true) => Err(invalid(param, hosted(kind))),
            (None, true) => Err(invalid(
                param,
                format!(
                    "'{param}' demands a call, but '{of}' names no tool. Name one, or choose \"auto\"."
                ),
            )),
            _ => Ok(Value::from("required")),
        }
    }

    /// The function that stands for the tool named there.
    fn chosen(&self, choice: &Value<'_>, path: &str) -> Result<String, Invalid> {
        let name = name_of(choice, path)?;
        let namespace = choice.get("namespace").and_then(Value::as_str);
        let flat = self.names.flat(namespace.as_deref(), &name);
        match self.names.of_function(&flat) {
            Some(named) => Ok(named.flat.clone()),
            None => Err(invalid(
                path,
                format!("'{path}' names the tool '{name}', which is not among 'tools'."),
            )),
        }
    }
}

fn is_hosted(kind: &str) -> bool {
    HOSTED.contains(&kind)
        || ["web_search", "computer", "tool_search"]
            .iter()
            .any(|family| kind.starts_with(family))
}

fn hosted(kind: &str) -> String {
    format!(
        "The tool '{kind}' is run by OpenAI's own servers, and this server has none like it. Leave it out of the choice, \
         or declare a function that does the work on your side."
    )
}

fn name_of<'v>(tool: &'v Value<'_>, path: &str) -> Result<Cow<'v, str>, Invalid> {
    match tool.get("name").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => Ok(name),
        _ => Err(invalid(
            format!("{path}.name"),
            format!("'{path}.name' must be a string that names the tool."),
        )),
    }
}
