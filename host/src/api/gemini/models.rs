//! `GET /v1beta/models` and `/v1beta/models/{id}`.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::Api;
use crate::api::answer::json;
use crate::api::dialect::Dialect;
use crate::chat::request::AUTO;
use crate::gateway::Error;
use crate::json::{Value, object};
use crate::routing::Model;

/// All models, each once, `auto` first. One page: there is no `nextPageToken`.
pub(super) async fn list(State(api): State<Arc<Api>>) -> Response {
    let table = api.gateway.table.load();
    let mut seen = BTreeSet::new();
    let mut models = vec![auto()];
    for one in table.all() {
        if seen.insert(one.model.id.to_lowercase()) {
            models.push(entry(&one.model.id, &one.model));
        }
    }
    json(&object([("models", Value::Array(models))]))
}

/// One model, by any of its names.
pub(super) async fn one(State(api): State<Arc<Api>>, Path(id): Path<String>) -> Response {
    let table = api.gateway.table.load();
    match table.resolve(&id) {
        Ok(_) if id.eq_ignore_ascii_case(AUTO) => json(&auto()),
        Ok(found) => json(
            &found
                .first()
                .map_or_else(auto, |one| entry(&id, &one.model)),
        ),
        Err(unknown) => Dialect::Gemini.refuse(&Error::from(unknown).into()),
    }
}

fn auto() -> Value<'static> {
    let chat = Model {
        operations: vec!["chat".to_owned()],
        label: "The best model at hand".to_owned(),
        ..Model::default()
    };
    entry(AUTO, &chat)
}

fn entry(id: &str, model: &Model) -> Value<'static> {
    let label = if model.label.is_empty() {
        id
    } else {
        &model.label
    };
    let mut methods = Vec::new();
    for operation in &model.operations {
        match operation.as_str() {
            "chat" => methods.extend(["generateContent", "streamGenerateContent", "countTokens"]),
            "embeddings" => methods.extend(["embedContent", "batchEmbedContents"]),
            _ => {}
        }
    }
    let mut entry = object([
        ("name", format!("models/{id}").into()),
        ("version", "1".into()),
        ("displayName", label.to_owned().into()),
        (
            "supportedGenerationMethods",
            Value::Array(methods.into_iter().map(Value::from).collect()),
        ),
    ]);
    if let Some(members) = entry.as_object_mut() {
        if let Some(context) = model.context {
            members.insert("inputTokenLimit", Value::from(context));
        }
        if let Some(most) = model.max_output {
            members.insert("outputTokenLimit", Value::from(most));
        }
    }
    entry
}
