//! `GET /v1/models` and `GET /v1/models/{id}`, for clients that send `anthropic-version`.

use std::collections::BTreeSet;

use axum::extract::Query;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use crate::api::Api;
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;
use crate::chat::request::AUTO;
use crate::config::FAMILIES;
use crate::gateway::Error;
use crate::json::{Object, Value, object};
use crate::routing::Candidate;

/// Models on a page, unless a client says otherwise, and at most.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 1_000;

/// Nobody says when a model came out. Anthropic's own word for that is the epoch.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// Which part of the list is wanted.
#[derive(Debug, Default, Deserialize)]
struct Page {
    limit: Option<usize>,
    after_id: Option<String>,
    before_id: Option<String>,
}

/// A page of all models: `auto`, Claude's families, which Claude Code shows in its own list, and the rest.
pub(in crate::api) fn list(api: &Api, uri: &Uri) -> Response {
    let Ok(Query(page)) = Query::<Page>::try_from_uri(uri) else {
        return refuse("limit", "It must be a whole number from 1 to 1000.");
    };
    let limit = page.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return refuse("limit", "It must be a whole number from 1 to 1000.");
    }
    let all = all(api);
    let place = |id: &str| all.iter().position(|one| one.0 == id);
    let (from, to) = match (&page.after_id, &page.before_id) {
        (Some(after), _) => match place(after) {
            Some(at) => (at + 1, (at + 1 + limit).min(all.len())),
            None => return refuse("after_id", "There is no such model."),
        },
        (None, Some(before)) => match place(before) {
            Some(at) => (at.saturating_sub(limit), at),
            None => return refuse("before_id", "There is no such model."),
        },
        (None, None) => (0, limit.min(all.len())),
    };
    let more = if page.after_id.is_none() && page.before_id.is_some() {
        from > 0
    } else {
        to < all.len()
    };
    let shown = all.get(from..to).unwrap_or_default();
    let id = |one: Option<&(String, Value<'static>)>| {
        one.map_or(Value::Null, |one| Value::from(one.0.clone()))
    };
    super::json(&object([
        (
            "data",
            Value::Array(shown.iter().map(|one| one.1.clone()).collect()),
        ),
        ("has_more", Value::from(more)),
        ("first_id", id(shown.first())),
        ("last_id", id(shown.last())),
    ]))
}

/// One model, by any name that a request may have.
pub(in crate::api) fn one(api: &Api, id: &str) -> Response {
    let table = api.gateway.table.load();
    let routed = api
        .claude_models
        .route(id, |name| table.resolve(name).is_ok());
    match table.resolve(&routed) {
        Ok(found) => {
            let of = found.first().filter(|_| routed == id && id != AUTO);
            super::json(&entry(id, of.map(|one| &**one), &label(id, &routed)))
        }
        Err(unknown) => Dialect::Anthropic.refuse(&Error::from(unknown).into()),
    }
}

fn all(api: &Api) -> Vec<(String, Value<'static>)> {
    let table = api.gateway.table.load();
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let families = FAMILIES.iter().map(|family| format!("claude-{family}"));
    for name in std::iter::once(AUTO.to_owned()).chain(families) {
        let routed = api
            .claude_models
            .route(&name, |name| table.resolve(name).is_ok());
        seen.insert(name.clone());
        let entry = entry(&name, None, &label(&name, &routed));
        all.push((name, entry));
    }
    for one in table.all() {
        if seen.insert(one.model.id.to_lowercase()) {
            let label = if one.model.label.is_empty() {
                &one.model.id
            } else {
                &one.model.label
            };
            all.push((one.model.id.clone(), entry(&one.model.id, Some(one), label)));
        }
    }
    all
}

/// Tells what a name stands for where it is not the model's own.
fn label(name: &str, routed: &str) -> String {
    if name == routed {
        name.to_owned()
    } else {
        format!("{name} ({routed})")
    }
}

fn entry(id: &str, of: Option<&Candidate>, label: &str) -> Value<'static> {
    let mut entry = Object::new();
    entry.insert("type", Value::from("model"));
    entry.insert("id", Value::from(id.to_owned()));
    entry.insert("display_name", Value::from(label.to_owned()));
    entry.insert("created_at", Value::from(CREATED));
    if let Some(one) = of {
        for (name, tokens) in [
            ("max_input_tokens", one.model.context),
            ("max_tokens", one.model.max_output),
        ] {
            if let Some(tokens) = tokens {
                entry.insert(name, Value::from(tokens));
            }
        }
    }
    Value::Object(entry)
}

fn refuse(param: &str, what: &str) -> Response {
    Dialect::Anthropic.refuse(&Problem {
        param: Some(param.to_owned()),
        ..Problem::invalid(format!("{param}: {what}"))
    })
}
