//! What the response object repeats of its request, with OpenAI's defaults in the place of what was left out.

use super::ask::Birth;
use crate::json::{Number, Object, Value, object};

/// The response object before anything has come, its members in OpenAI's order. The machine fills in `status`,
/// `completed_at`, `error`, `incomplete_details`, `model`, `output` and `usage`.
pub(super) fn template(
    body: &Object<'_>,
    birth: &Birth,
    model: &str,
    store: bool,
) -> Object<'static> {
    let given = |name: &str| body.get(name).cloned().map(Value::into_owned);
    let or_null = |name: &str| given(name).unwrap_or(Value::Null);
    let members = [
        ("id", Value::from(birth.id.clone())),
        ("object", "response".into()),
        ("created_at", birth.created.into()),
        ("status", "in_progress".into()),
        ("background", false.into()),
        ("completed_at", Value::Null),
        ("error", Value::Null),
        (
            "frequency_penalty",
            given("frequency_penalty").unwrap_or_else(|| number(0.0)),
        ),
        ("incomplete_details", Value::Null),
        ("instructions", or_null("instructions")),
        ("max_output_tokens", or_null("max_output_tokens")),
        ("max_tool_calls", or_null("max_tool_calls")),
        ("model", Value::from(model.to_owned())),
        ("output", Value::Array(Vec::new())),
        (
            "parallel_tool_calls",
            given("parallel_tool_calls").unwrap_or(true.into()),
        ),
        (
            "presence_penalty",
            given("presence_penalty").unwrap_or_else(|| number(0.0)),
        ),
        ("previous_response_id", or_null("previous_response_id")),
        ("prompt_cache_key", or_null("prompt_cache_key")),
        ("reasoning", reasoning(body)),
        ("safety_identifier", or_null("safety_identifier")),
        // There is one tier, whichever was asked for.
        ("service_tier", "default".into()),
        ("store", store.into()),
        (
            "temperature",
            given("temperature").unwrap_or_else(|| number(1.0)),
        ),
        ("text", text(body)),
        ("tool_choice", given("tool_choice").unwrap_or("auto".into())),
        ("tools", tools(body)),
        (
            "top_logprobs",
            given("top_logprobs").unwrap_or(0_u64.into()),
        ),
        ("top_p", given("top_p").unwrap_or_else(|| number(1.0))),
        (
            "truncation",
            given("truncation").unwrap_or("disabled".into()),
        ),
        ("usage", Value::Null),
        ("user", or_null("user")),
        (
            "metadata",
            given("metadata").unwrap_or_else(|| Value::Object(Object::new())),
        ),
    ];
    members.into_iter().collect()
}

fn number(value: f64) -> Value<'static> {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn reasoning(body: &Object<'_>) -> Value<'static> {
    let of = |name: &str| {
        let value = body
            .get("reasoning")
            .and_then(|reasoning| reasoning.get(name));
        value.cloned().map_or(Value::Null, Value::into_owned)
    };
    object([("effort", of("effort")), ("summary", of("summary"))])
}

fn text(body: &Object<'_>) -> Value<'static> {
    let of = |name: &str| {
        let value = body.get("text").and_then(|text| text.get(name));
        value
            .filter(|value| !value.is_null())
            .cloned()
            .map(Value::into_owned)
    };
    let mut format = of("format").unwrap_or_else(|| object([("type", "text".into())]));
    let schema = format
        .get("type")
        .and_then(Value::as_text)
        .is_some_and(|kind| kind == "json_schema");
    if schema {
        fill(
            &mut format,
            &[("description", Value::Null), ("strict", false.into())],
        );
    }
    object([
        ("format", format),
        ("verbosity", of("verbosity").unwrap_or("medium".into())),
    ])
}

fn tools(body: &Object<'_>) -> Value<'static> {
    let tools = body
        .get("tools")
        .and_then(Value::as_array)
        .unwrap_or_default();
    let tools = tools.iter().map(|tool| {
        let mut tool = tool.clone().into_owned();
        let function = tool
            .get("type")
            .and_then(Value::as_text)
            .is_some_and(|kind| kind == "function");
        if function {
            let nothing = ["description", "parameters", "strict"].map(|name| (name, Value::Null));
            fill(&mut tool, &nothing);
        }
        tool
    });
    Value::Array(tools.collect())
}

/// Puts members where there are none.
fn fill(value: &mut Value<'static>, members: &[(&'static str, Value<'static>)]) {
    let Some(object) = value.as_object_mut() else {
        return;
    };
    for (name, member) in members {
        if !object.contains_key(name) {
            object.insert(*name, member.clone());
        }
    }
}
