//! `/api/embed`, and `/api/embeddings` of before.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;

use super::request::{canonical, members, name, wrong};
use super::{json, problem};
use crate::api::Api;
use crate::api::auth::Client;
use crate::api::body;
use crate::api::dialect::{Dialect, route_headers};
use crate::api::openai::embeddings;
use crate::chat::Invalid;
use crate::gateway::task::{self, Done, Task};
use crate::json::{Object, Options, Value, object, parse};

pub(super) async fn embed(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    request: Request,
) -> Response {
    run(&api, &client, request, "input", |done, vectors, model| {
        object([
            ("model", model.to_owned().into()),
            ("embeddings", Value::Array(vectors)),
            ("prompt_eval_count", done.usage.input.unwrap_or(0).into()),
        ])
    })
    .await
}

pub(super) async fn embeddings(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    request: Request,
) -> Response {
    run(&api, &client, request, "prompt", |_, vectors, _| {
        let first = vectors.into_iter().next().unwrap_or(Value::Null);
        object([("embedding", first)])
    })
    .await
}

async fn run(
    api: &Arc<Api>,
    client: &Client,
    request: Request,
    member: &'static str,
    shape: impl Fn(&Done, Vec<Value<'static>>, &str) -> Value<'static>,
) -> Response {
    let body = match body::read(request, api.body_limit).await {
        Ok(body) => body,
        Err(error) => return Dialect::Ollama.refuse(&error.into()),
    };
    let read = members(&body).and_then(|members| Ok((read(&members, member)?, name(&members)?)));
    let (task, model) = match read {
        Ok(read) => read,
        Err(invalid) => return Dialect::Ollama.refuse(&problem(invalid)),
    };
    let items = task.outline.items as usize;
    let turn = |done: &Done| embeddings::turn(done, items, false, &task.model).map(Some);
    match task::run(&api.gateway, &task, &client.id, turn).await {
        Err((error, route)) => Dialect::Ollama.respond(&error.into(), &route),
        Ok(done) => {
            let mut response = json(&shape(&done, vectors(&done.body), &model));
            route_headers(response.headers_mut(), &done.route);
            response
        }
    }
}

fn read(members: &Object<'static>, member: &str) -> Result<Task, Invalid> {
    let input = match members.get(member) {
        Some(one @ Value::String(text)) if !text.is_empty() => Value::Array(vec![one.clone()]),
        Some(Value::Array(list)) if !list.is_empty() => Value::Array(list.clone()),
        _ => return Err(wrong(member, "This must be a text, or a list of texts.")),
    };
    let mut body = Object::new();
    body.insert("model", Value::from(canonical(&name(members)?)));
    body.insert("input", input);
    if let Some(dimensions) = members.get("dimensions") {
        body.insert("dimensions", dimensions.clone());
    }
    let (items, chars) = embeddings::survey(&body).map_err(|problem| Invalid {
        param: problem.param,
        message: problem.message,
    })?;
    Ok(embeddings::task(body, items, chars))
}

fn vectors(body: &[u8]) -> Vec<Value<'static>> {
    let Ok(body) = parse(body, &Options::LENIENT) else {
        return Vec::new();
    };
    let data = body.get("data").and_then(Value::as_array);
    let vectors = data
        .into_iter()
        .flatten()
        .filter_map(|one| one.get("embedding"));
    vectors.map(|vector| vector.clone().into_owned()).collect()
}
