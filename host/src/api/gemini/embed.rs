//! `:embedContent` and `:batchEmbedContents`.

use std::sync::Arc;

use axum::response::Response;

use super::parts;
use super::request::{member, wrong};
use crate::api::Api;
use crate::api::auth::Client;
use crate::api::dialect::Dialect;
use crate::api::openai::embeddings;
use crate::api::problem::Problem;
use crate::api::task::{self, Turn};
use crate::chat::Invalid;
use crate::chat::request::members;
use crate::gateway::task::Task;
use crate::json::{Object, Value, object};

/// Google's bound of texts in one batch.
const MOST_TEXTS: usize = 100;

/// Answers a request for one vector.
pub(super) async fn one(api: &Arc<Api>, client: &Client, body: &[u8], model: &str) -> Response {
    let read = members(body).and_then(|members| {
        let members = members.into_owned();
        let text = text(&members, "")?;
        Ok(task_of(model, vec![text], dimensions(&members)))
    });
    respond(api, client, read, |vectors| {
        let first = vectors.into_iter().next().unwrap_or(Value::Null);
        object([("embedding", first)])
    })
    .await
}

/// Answers a request for many.
pub(super) async fn batch(api: &Arc<Api>, client: &Client, body: &[u8], model: &str) -> Response {
    let read = members(body).and_then(|members| read_batch(&members.into_owned(), model));
    respond(api, client, read, |vectors| {
        object([("embeddings", Value::Array(vectors))])
    })
    .await
}

fn read_batch(members: &Object<'static>, model: &str) -> Result<Task, Invalid> {
    let requests = match member(members, "requests").and_then(Value::as_array) {
        Some(list) if (1..=MOST_TEXTS).contains(&list.len()) => list,
        _ => {
            return Err(wrong(
                "requests",
                &format!("`requests` must be a list of 1 to {MOST_TEXTS} entries."),
            ));
        }
    };
    let (mut texts, mut length) = (Vec::new(), None);
    for (at, one) in requests.iter().enumerate() {
        let place = format!("requests[{at}]");
        let Some(one) = one.as_object() else {
            return Err(wrong(place, "An entry must be an object with `content`."));
        };
        texts.push(text(one, &format!("{place}."))?);
        let wanted = dimensions(one);
        if *length.get_or_insert_with(|| wanted.clone()) != wanted {
            return Err(wrong(
                format!("{place}.outputDimensionality"),
                "All entries of a batch must ask for the same `outputDimensionality`.",
            ));
        }
    }
    Ok(task_of(model, texts, length.flatten()))
}

fn text(members: &Object<'static>, prefix: &str) -> Result<String, Invalid> {
    let place = format!("{prefix}content");
    let Some(content) = member(members, "content") else {
        return Err(wrong(place, "`content` is missing."));
    };
    match parts::text(content, &place)? {
        none if none.is_empty() => Err(wrong(place, "`content` holds no text.")),
        text => Ok(text),
    }
}

fn dimensions(members: &Object<'static>) -> Option<Value<'static>> {
    member(members, "outputDimensionality")
        .or_else(|| {
            let config = member(members, "embedContentConfig")?.as_object()?;
            member(config, "outputDimensionality")
        })
        .cloned()
}

fn task_of(model: &str, texts: Vec<String>, dimensions: Option<Value<'static>>) -> Task {
    let (items, chars) = (
        texts.len(),
        texts.iter().map(|text| text.chars().count()).sum(),
    );
    let input = texts.into_iter().map(Value::from).collect();
    let mut members: Object<'static> = [
        ("model", Value::from(model.to_owned())),
        ("input", Value::Array(input)),
    ]
    .into_iter()
    .collect();
    if let Some(dimensions) = dimensions {
        members.insert("dimensions", dimensions);
    }
    embeddings::task(members, items, chars)
}

async fn respond(
    api: &Arc<Api>,
    client: &Client,
    read: Result<Task, Invalid>,
    shape: fn(Vec<Value<'static>>) -> Value<'static>,
) -> Response {
    let read = read.map(|task| {
        let items = task.outline.items as usize;
        let turn: Turn = Box::new(move |done| {
            let vectors = embeddings::vectors(done, items)?.into_iter();
            let values = vectors.map(|vector| object([("values", vector)]));
            Ok(Some(shape(values.collect()).to_vec()))
        });
        (task, turn)
    });
    task::respond(api, client, Dialect::Gemini, read.map_err(Problem::from)).await
}
