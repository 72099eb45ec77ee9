//! Tools and the choice among them.

use crate::api::anthropic::names::Names;
use crate::chat::Invalid;
use crate::json::{Object, Text, Value, object};

use super::builtin::{self, Builtin};
use super::field::{self, Path, some};

/// Puts `tools`, `tool_choice` and `parallel_tool_calls` into the canonical body.
pub(super) fn put<'a>(
    body: &Object<'a>,
    to: &mut Object<'a>,
    names: &mut Names,
) -> Result<(), Invalid> {
    let path = Path::Top("tools");
    let list = match some(body, "tools") {
        Some(value) => field::list(value, &path)?,
        None => &[],
    };
    let (mut tools, mut declared, mut hosted) = (Vec::new(), Vec::new(), Vec::new());
    for (at, tool) in list.iter().enumerate() {
        let path = path.at(at);
        match read(field::object(tool, &path)?, &path, names)? {
            Tool::Function(name, function) => {
                declared.push(name);
                tools.push(function);
            }
            Tool::Hosted(name) => hosted.push(name),
        }
    }
    let choice = choice(body, &declared, &hosted, names)?;
    if tools.is_empty() {
        return Ok(());
    }
    to.insert("tools", Value::Array(tools));
    if let Some((choice, alone)) = choice {
        to.insert("tool_choice", choice);
        if alone {
            to.insert("parallel_tool_calls", Value::from(false));
        }
    }
    Ok(())
}

enum Tool<'a> {
    /// The client's name of it, and the canonical tool.
    Function(String, Value<'a>),
    /// Anthropic's servers would run it: its name.
    Hosted(String),
}

fn read<'a>(tool: &Object<'a>, path: &Path<'_>, names: &mut Names) -> Result<Tool<'a>, Invalid> {
    let kind = field::optional_text(tool, "type", path)?.map(Text::text);
    let name = field::optional_text(tool, "name", path)?;
    match kind.as_deref() {
        None | Some("custom") => {}
        // One of a kind that is not known here, but that says itself what it takes.
        Some(_) if some(tool, "input_schema").is_some() => {}
        Some(kind) => {
            let said = name.map_or_else(|| kind.to_owned(), |name| name.text().into_owned());
            return Ok(match builtin::of(kind, tool) {
                Builtin::Client(description, parameters) => {
                    let name = names.lower(&Text::from_text(&said));
                    let description = Value::from(description);
                    Tool::Function(said, function(name, Some(description), parameters, None))
                }
                Builtin::Hosted => Tool::Hosted(said),
            });
        }
    }
    let name = name
        .filter(|name| !name.is_empty())
        .ok_or_else(|| path.name("name").missing("the name of the tool"))?;
    let description = field::optional_text(tool, "description", path)?;
    let at = path.name("input_schema");
    let schema = some(tool, "input_schema").ok_or_else(|| at.missing("a JSON Schema object"))?;
    field::object(schema, &at)?;
    let function = function(
        names.lower(name),
        description.cloned().map(Value::String),
        schema.clone(),
        tool.get("strict").and_then(Value::as_bool),
    );
    Ok(Tool::Function(name.text().into_owned(), function))
}

fn function<'a>(
    name: Text<'a>,
    description: Option<Value<'a>>,
    parameters: Value<'a>,
    strict: Option<bool>,
) -> Value<'a> {
    let mut function = Object::new();
    function.insert("name", Value::String(name));
    if let Some(description) = description {
        function.insert("description", description);
    }
    function.insert("parameters", parameters);
    // Where it is false, leaving it out says the same to more providers.
    if strict == Some(true) {
        function.insert("strict", Value::from(true));
    }
    object([
        ("type", Value::from("function")),
        ("function", Value::Object(function)),
    ])
}

/// The canonical choice, and whether only one tool may be called at a time.
fn choice<'a>(
    body: &Object<'a>,
    declared: &[String],
    hosted: &[String],
    names: &mut Names,
) -> Result<Option<(Value<'a>, bool)>, Invalid> {
    let path = Path::Top("tool_choice");
    let Some(choice) = some(body, "tool_choice") else {
        return Ok(None);
    };
    let choice = field::object(choice, &path)?;
    let at = path.name("type");
    let value = match &*field::text(choice, "type", &path)?.text() {
        "auto" => Value::from("auto"),
        "none" => Value::from("none"),
        "any" if declared.is_empty() && !hosted.is_empty() => {
            return Err(path.invalid(refusal(hosted)));
        }
        "any" => Value::from("required"),
        "tool" => {
            let name = field::text(choice, "name", &path)?;
            let said = name.text();
            if hosted.iter().any(|one| *one == said) {
                return Err(path.name("name").invalid(refusal(&[said.into_owned()])));
            }
            if declared.iter().all(|one| *one != said) {
                let what = format!("There is no tool `{said}` among `tools`.");
                return Err(path.name("name").invalid(what));
            }
            object([
                ("type", Value::from("function")),
                (
                    "function",
                    object([("name", Value::String(names.lower(name)))]),
                ),
            ])
        }
        other => {
            let what = format!("`{other}` is none of auto, any, tool and none.");
            return Err(at.invalid(what));
        }
    };
    let alone = match some(choice, "disable_parallel_tool_use") {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| {
            path.name("disable_parallel_tool_use")
                .not("true or false", value)
        })?,
    };
    Ok(Some((value, alone)))
}

fn refusal(hosted: &[String]) -> String {
    format!(
        "The tool `{}` runs on Anthropic's servers and nowhere else. Declare a tool of your own with an `input_schema`, \
         or choose another.",
        hosted.join("`, `")
    )
}
