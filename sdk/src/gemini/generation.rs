//! How to generate: sampling, length, format, thinking.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::request::{Chat, invalid};
use super::schema;
use crate::Failure;

/// The most texts to stop at that Google takes.
const STOPS: usize = 5;

/// Google's `generationConfig`.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Generation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_schema: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<Json>,
}

/// Translates the parameters. `declares`: functions are declared, beside which Google refuses a format.
pub(super) fn generation<'a>(
    chat: &Chat<'a>,
    model: &str,
    declares: bool,
) -> Result<Generation<'a>, Failure> {
    let mut generation = Generation {
        temperature: number(chat.temperature),
        top_p: number(chat.top_p),
        top_k: number(chat.top_k),
        max_output_tokens: number(chat.max_completion_tokens).or(number(chat.max_tokens)),
        stop_sequences: stops(chat.stop)?,
        candidate_count: whole(chat.n).filter(|count| *count > 1),
        seed: seed(chat.seed),
        presence_penalty: number(chat.presence_penalty),
        frequency_penalty: number(chat.frequency_penalty),
        thinking_config: chat
            .reasoning_effort
            .as_deref()
            .and_then(|effort| thinking(effort, model)),
        ..Generation::default()
    };
    if let Some(format) = chat.response_format.filter(|_| !declares) {
        let format: Json = serde_json::from_str(format.get()).map_err(|error| invalid(&error))?;
        let schema = &format["json_schema"]["schema"];
        if matches!(format["type"].as_str(), Some("json_object" | "json_schema")) {
            generation.response_mime_type = Some("application/json");
            generation.response_schema = schema.is_object().then(|| schema::lower(schema));
        }
    }
    Ok(generation)
}

/// A number as it was spelt.
fn number(raw: Option<&RawValue>) -> Option<&RawValue> {
    raw.filter(|raw| {
        raw.get()
            .starts_with(|first: char| first.is_ascii_digit() || first == '-')
    })
}

fn whole(raw: Option<&RawValue>) -> Option<u64> {
    raw?.get().parse().ok()
}

/// Google's are 32 bits wide: a longer one is folded, so that the same seed gives the same one.
fn seed(raw: Option<&RawValue>) -> Option<i32> {
    let seed: i64 = raw?.get().parse().ok()?;
    let folded = (seed ^ (seed >> 32)) as i32;
    Some(i32::try_from(seed).unwrap_or(folded))
}

fn stops(raw: Option<&RawValue>) -> Result<Vec<Json>, Failure> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    let stops = match serde_json::from_str(raw.get()).map_err(|error| invalid(&error))? {
        Json::Array(list) => list,
        other => vec![other],
    };
    let texts = stops
        .into_iter()
        .filter(|stop| stop.as_str().is_some_and(|it| !it.is_empty()));
    Ok(texts.take(STOPS).collect())
}

/// From the third generation on a level, before it a budget of tokens. A model that cannot stop thinking thinks as
/// little as it can.
fn thinking(effort: &str, model: &str) -> Option<Json> {
    let pro = model.contains("pro");
    if model.starts_with("gemini-2.5") {
        let budget = match effort {
            "none" | "minimal" if pro => 128,
            "none" | "minimal" => 0,
            "low" => 1024,
            "medium" => 8192,
            "high" => 24_576,
            _ => return None,
        };
        return Some(if budget > 128 {
            json!({"thinkingBudget": budget, "includeThoughts": true})
        } else {
            json!({"thinkingBudget": budget})
        });
    }
    let thinks = model.starts_with("gemini-")
        && !model.starts_with("gemini-1")
        && !model.starts_with("gemini-2");
    if !thinks {
        return None;
    }
    Some(match effort {
        "none" | "minimal" if pro => json!({"thinkingLevel": "low"}),
        "none" | "minimal" => json!({"thinkingLevel": "minimal"}),
        "low" | "medium" | "high" => json!({"thinkingLevel": effort, "includeThoughts": true}),
        _ => return None,
    })
}
