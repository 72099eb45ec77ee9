//! `/api/tags`, `/api/show` and `/api/ps`.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::request::{canonical, name};
use crate::api::Api;
use crate::api::answer::json;
use crate::api::body::Body;
use crate::api::dialect::Dialect;
use crate::chat::request::{AUTO, members};
use crate::gateway::Error;
use crate::json::{Object, Value, object};
use crate::routing::Model;

/// Nobody knows when a model was made; clients only want a date.
const MADE: &str = "2025-01-01T00:00:00Z";

/// All models, each once, `auto` first.
pub(super) async fn tags(State(api): State<Arc<Api>>) -> Response {
    let table = api.gateway.table.load();
    let mut seen = BTreeSet::new();
    let mut models = vec![entry(AUTO, "freellmapi")];
    for one in table.all() {
        if seen.insert(one.model.id.to_lowercase()) {
            models.push(entry(&one.model.id, &one.model.family));
        }
    }
    json(&object([("models", Value::Array(models))]))
}

/// None is loaded on this machine.
pub(super) async fn running() -> Response {
    json(&object([("models", Value::Array(Vec::new()))]))
}

/// What is known of one model.
pub(super) async fn show(State(api): State<Arc<Api>>, Body(body): Body) -> Response {
    let name = match members(&body).and_then(|members| name(&members)) {
        Ok(name) => canonical(&name),
        Err(invalid) => return Dialect::Ollama.refuse(&invalid.into()),
    };
    let table = api.gateway.table.load();
    match table.resolve(&name) {
        Err(unknown) => Dialect::Ollama.refuse(&Error::from(unknown).into()),
        Ok(found) => {
            let model = found
                .first()
                .map(|one| one.model.clone())
                .unwrap_or_default();
            json(&described(&model))
        }
    }
}

fn described(model: &Model) -> Value<'static> {
    let mut capabilities = Vec::new();
    for operation in &model.operations {
        match operation.as_str() {
            "chat" => capabilities.push("completion"),
            "embeddings" => capabilities.push("embedding"),
            _ => {}
        }
    }
    // What nobody has said of a model is not held against it: clients hide what is not named here.
    for (capability, word) in [
        ("tools", "tools"),
        ("vision", "vision"),
        ("thinking", "reasoning"),
    ] {
        if capabilities.contains(&"completion") && !model.lacks(word) {
            capabilities.push(capability);
        }
    }
    let mut info = Object::new();
    info.insert("general.architecture", Value::from("freellmapi"));
    if let Some(context) = model.context {
        info.insert("freellmapi.context_length", Value::from(context));
    }
    object([
        ("modelfile", "".into()),
        ("parameters", "".into()),
        ("template", "{{ .Prompt }}".into()),
        ("details", details(&model.family)),
        ("model_info", Value::Object(info)),
        (
            "capabilities",
            Value::Array(capabilities.into_iter().map(Value::from).collect()),
        ),
        ("modified_at", MADE.into()),
    ])
}

fn entry(id: &str, family: &str) -> Value<'static> {
    object([
        ("name", id.to_owned().into()),
        ("model", id.to_owned().into()),
        ("modified_at", MADE.into()),
        ("size", 0_u64.into()),
        ("digest", "".into()),
        ("details", details(family)),
    ])
}

fn details(family: &str) -> Value<'static> {
    object([
        ("parent_model", "".into()),
        ("format", "".into()),
        ("family", family.to_owned().into()),
        ("families", Value::Array(vec![family.to_owned().into()])),
        ("parameter_size", "".into()),
        ("quantization_level", "".into()),
    ])
}
