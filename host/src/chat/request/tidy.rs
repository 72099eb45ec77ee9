//! One word for each thing, so that providers and plugins need not know the others.

use crate::json::{Object, Value};

/// Top-level nulls are gone already.
pub(super) fn body(body: &mut Object<'_>) {
    let text = |value: &Value<'_>| {
        value
            .get("type")
            .and_then(Value::as_text)
            .is_some_and(|kind| kind == "text")
    };
    if body.get("response_format").is_some_and(text) {
        body.remove("response_format");
    }
    if body
        .get("tools")
        .and_then(Value::as_array)
        .is_some_and(<[_]>::is_empty)
    {
        // A choice among no tools is refused by some.
        for name in ["tools", "tool_choice", "parallel_tool_calls"] {
            body.remove(name);
        }
    }
    reasoning(body);
}

fn reasoning(body: &mut Object<'_>) {
    if let Some(Value::Object(reasoning)) = body.get_mut("reasoning")
        && let Some(effort) = reasoning.remove("effort")
    {
        let empty = reasoning.is_empty();
        if empty {
            body.remove("reasoning");
        }
        if !body.contains_key("reasoning_effort") && !effort.is_null() {
            body.insert("reasoning_effort", effort);
        }
    }
    let Some(effort) = body.get("reasoning_effort") else {
        return;
    };
    let word = effort.as_str().and_then(|word| effort_word(&word));
    match word {
        None => drop(body.remove("reasoning_effort")),
        Some(word) if effort.as_str().as_deref() != Some(word) => {
            body.insert("reasoning_effort", Value::from(word));
        }
        Some(_) => {}
    }
}

/// OpenAI's word for an effort; `None` if it is no effort.
fn effort_word(word: &str) -> Option<&'static str> {
    Some(match &*word.trim().to_ascii_lowercase() {
        "high" | "max" | "maximum" | "highest" | "ultra" | "xhigh" => "high",
        "medium" | "mid" | "moderate" | "balanced" | "normal" | "standard" => "medium",
        "low" => "low",
        "minimal" | "min" | "minimum" | "lowest" | "xlow" => "minimal",
        "none" | "off" | "disabled" => "none",
        _ => return None,
    })
}
