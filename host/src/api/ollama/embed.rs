//! `/api/embed`, and `/api/embeddings` of before.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use super::request::{canonical, name, wrong};
use crate::api::Api;
use crate::api::auth::Client;
use crate::api::body::Body;
use crate::api::dialect::Dialect;
use crate::api::openai::embeddings;
use crate::api::problem::Problem;
use crate::api::task::{self, Turn};
use crate::chat::Invalid;
use crate::chat::request::members;
use crate::gateway::task::{Done, Task};
use crate::json::{Object, Value, object};

pub(super) async fn embed(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    run(&api, &client, &body, "input", |done, vectors, model| {
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
    Body(body): Body,
) -> Response {
    run(&api, &client, &body, "prompt", |_, vectors, _| {
        let first = vectors.into_iter().next().unwrap_or(Value::Null);
        object([("embedding", first)])
    })
    .await
}

async fn run(
    api: &Arc<Api>,
    client: &Client,
    body: &[u8],
    member: &'static str,
    shape: fn(&Done, Vec<Value<'static>>, &str) -> Value<'static>,
) -> Response {
    let read = read(body, member, shape).map_err(Problem::from);
    task::respond(api, client, Dialect::Ollama, read).await
}

fn read(
    body: &[u8],
    member: &str,
    shape: fn(&Done, Vec<Value<'static>>, &str) -> Value<'static>,
) -> Result<(Task, Turn), Invalid> {
    let members = members(body)?.into_owned();
    let task = task_of(&members, member)?;
    let model = name(&members)?;
    let items = task.outline.items as usize;
    let turn = move |done: &Done| {
        let vectors = embeddings::vectors(done, items)?;
        Ok(Some(shape(done, vectors, &model).to_vec()))
    };
    Ok((task, Box::new(turn)))
}

fn task_of(members: &Object<'static>, member: &str) -> Result<Task, Invalid> {
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
