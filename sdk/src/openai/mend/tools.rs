//! The tools that a request declares, as far as reading its answer needs them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The host carries no longer memo.
const MOST: usize = 60_000;

/// By name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tools(BTreeMap<String, Shape>);

/// What the arguments of a tool must be.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Shape {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    required: Vec<String>,
    /// Types of members that have exactly one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    types: BTreeMap<String, String>,
}

/// A call that was found in text.
#[derive(Debug, PartialEq)]
pub(crate) struct Called {
    pub(crate) name: String,
    pub(crate) arguments: Map<String, Json>,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    tools: Vec<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    parameters: Json,
}

/// The tools of a canonical request as a memo; empty if there are none, or too many to carry.
pub(crate) fn memo(body: &[u8]) -> String {
    let Ok(body) = serde_json::from_slice::<Body>(body) else {
        return String::new();
    };
    let functions = body.tools.into_iter().filter_map(|tool| tool.function);
    let tools = functions.map(|function| {
        let shape = Shape::of(&function.parameters);
        (function.name, shape)
    });
    let mut tools = Tools(tools.collect());
    if tools.0.is_empty() {
        return String::new();
    }
    let mut memo = serde_json::to_string(&tools).unwrap_or_default();
    if memo.len() > MOST {
        tools
            .0
            .values_mut()
            .for_each(|shape| *shape = Shape::default());
        memo = serde_json::to_string(&tools).unwrap_or_default();
    }
    if memo.len() > MOST {
        memo.clear();
    }
    memo
}

impl Tools {
    pub(crate) fn of_memo(memo: &str) -> Self {
        serde_json::from_str(memo).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A call of `name`, if there is such a tool and its arguments fit. Arguments may be text that holds an object.
    pub(crate) fn call(&self, name: &str, arguments: Json) -> Option<Called> {
        let shape = self.0.get(name)?;
        let arguments = match arguments {
            Json::Object(members) => members,
            Json::Null => Map::new(),
            Json::String(text) => serde_json::from_str(&text).ok()?,
            _ => return None,
        };
        shape.takes(&arguments).then(|| Called {
            name: name.to_owned(),
            arguments,
        })
    }

    /// A value that was written without quotes, as its member wants it.
    pub(crate) fn value(&self, tool: &str, member: &str, text: &str) -> Json {
        let kind = self.0.get(tool).and_then(|shape| shape.types.get(member));
        match kind.map(String::as_str) {
            None | Some("string") => Json::String(text.to_owned()),
            Some(_) => {
                serde_json::from_str(text.trim()).unwrap_or_else(|_| Json::String(text.to_owned()))
            }
        }
    }
}

impl Shape {
    fn of(schema: &Json) -> Self {
        let required = schema["required"].as_array().into_iter().flatten();
        let members = schema["properties"].as_object().into_iter().flatten();
        Self {
            required: required
                .filter_map(Json::as_str)
                .map(str::to_owned)
                .collect(),
            types: members
                .filter_map(|(name, schema)| {
                    Some((name.clone(), schema["type"].as_str()?.to_owned()))
                })
                .collect(),
        }
    }

    fn takes(&self, arguments: &Map<String, Json>) -> bool {
        self.required
            .iter()
            .all(|name| arguments.contains_key(name))
            && arguments.iter().all(|(name, value)| {
                self.types
                    .get(name)
                    .is_none_or(|kind| is_of(value, kind.as_str()))
            })
    }
}

fn is_of(value: &Json, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    }
}
