//! `GET /v1/models` and `GET /v1/models/{id}`.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::response::Response;

use crate::api::Api;
use crate::api::answer::json;
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;
use crate::chat::request::AUTO;
use crate::gateway::Error;
use crate::json::{Value, object};
use crate::routing::Candidate;

/// All models, each once, `auto` first. A model that several providers have is listed once; `provider/model` picks.
pub(in crate::api) fn list(api: &Api) -> Response {
    let table = api.gateway.table.load();
    let mut seen = BTreeSet::new();
    let mut models = vec![entry(AUTO, "freellmapi", None)];
    for one in table.all() {
        if seen.insert(one.model.id.to_lowercase()) {
            models.push(entry(&one.model.id, &one.provider, Some(one)));
        }
    }
    json(&object([
        ("object", "list".into()),
        ("data", Value::Array(models)),
    ]))
}

/// One model, by any of its names.
pub(in crate::api) fn one(api: &Api, id: &str) -> Response {
    let table = api.gateway.table.load();
    match table.resolve(id) {
        Ok(_) if id.eq_ignore_ascii_case(AUTO) => json(&entry(AUTO, "freellmapi", None)),
        Ok(found) => match found.first() {
            Some(one) => json(&entry(id, &one.provider, Some(one))),
            None => Dialect::OpenAi.refuse(&Problem::invalid("There is no model.")),
        },
        Err(unknown) => Dialect::OpenAi.refuse(&Error::from(unknown).into()),
    }
}

fn entry(id: &str, owner: &str, of: Option<&Arc<Candidate>>) -> Value<'static> {
    let mut entry = object([
        ("id", Value::from(id.to_owned())),
        ("object", Value::from("model")),
        // Nobody says when; clients only want a number.
        ("created", Value::from(0_u64)),
        ("owned_by", Value::from(owner.to_owned())),
    ]);
    if let (Some(members), Some(one)) = (entry.as_object_mut(), of)
        && let Some(window) = one.model.context
    {
        members.insert("context_window", Value::from(window));
    }
    entry
}
