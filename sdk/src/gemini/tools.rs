//! Tools become function declarations.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::names::Names;
use super::request::{Chat, invalid};
use super::schema;
use crate::{Failure, failure};

/// Google's own search, offered in the place of a tool of such a name that takes no parameters.
const SEARCH: [&str; 3] = ["google_search", "googlesearch", "google_search_retrieval"];

#[derive(Deserialize)]
struct Given<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    function: Option<Function<'a>>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    description: Option<&'a RawValue>,
    parameters: Option<Json>,
}

/// One of its members is set.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tool {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    function_declarations: Vec<Declaration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    google_search: Option<serde_json::Map<String, Json>>,
}

#[derive(Serialize)]
struct Declaration {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Json>,
}

/// Whether a function must be called.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolConfig {
    function_calling_config: Calling,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Calling {
    mode: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_function_names: Vec<String>,
}

impl Tool {
    /// It declares functions; with them, an answer in JSON cannot be asked for.
    pub(super) fn declares(&self) -> bool {
        !self.function_declarations.is_empty()
    }
}

/// Translates the tools and which of them to use.
pub(super) fn tools(
    chat: &Chat<'_>,
    names: &mut Names,
) -> Result<(Vec<Tool>, Option<ToolConfig>), Failure> {
    let mut tools = Vec::new();
    let mut functions = Tool::default();
    for given in chat.tools.iter().flatten() {
        let given: Given<'_> =
            serde_json::from_str(given.get()).map_err(|error| invalid(&error))?;
        let Some(function) = given.function else {
            if SEARCH.contains(&&*given.kind) {
                tools.push(search());
                continue;
            }
            return Err(failure::unsupported(format!(
                "this provider has no tool of type `{}`",
                given.kind
            )));
        };
        let parameters = function.parameters.as_ref().and_then(schema::parameters);
        if parameters.is_none() && SEARCH.contains(&&*function.name) {
            tools.push(search());
            continue;
        }
        functions.function_declarations.push(Declaration {
            name: names.lower(&function.name).into_owned(),
            description: function
                .description
                .filter(|text| text.get().starts_with('"'))
                .map(RawValue::to_owned),
            parameters,
        });
    }
    if !functions.declares() {
        return Ok((tools, None));
    }
    tools.push(functions);
    let config = chat.tool_choice.map(|choice| config(choice, names));
    Ok((tools, config.transpose()?.flatten()))
}

fn search() -> Tool {
    Tool {
        google_search: Some(serde_json::Map::new()),
        ..Tool::default()
    }
}

fn config(choice: &RawValue, names: &mut Names) -> Result<Option<ToolConfig>, Failure> {
    let choice: Json = serde_json::from_str(choice.get()).map_err(|error| invalid(&error))?;
    let listed = &choice["allowed_tools"];
    let (mode, allowed) = match (choice.as_str(), choice["type"].as_str()) {
        (Some("none"), _) => ("NONE", Vec::new()),
        (Some("auto"), _) => ("AUTO", Vec::new()),
        (Some("required" | "any"), _) => ("ANY", Vec::new()),
        (_, Some("function")) => match choice["function"]["name"].as_str() {
            Some(name) => ("ANY", vec![name]),
            None => ("ANY", Vec::new()),
        },
        // Names go with `ANY` only: where the model may also answer in words, all tools stay open to it.
        (_, Some("allowed_tools")) if listed["mode"] == "required" => {
            let tools = listed["tools"].as_array().into_iter().flatten();
            let names = tools.filter_map(|tool| tool["function"]["name"].as_str());
            ("ANY", names.collect())
        }
        _ => return Ok(None),
    };
    Ok(Some(ToolConfig {
        function_calling_config: Calling {
            mode,
            allowed_function_names: allowed
                .into_iter()
                .map(|name| names.lower(name).into_owned())
                .collect(),
        },
    }))
}
