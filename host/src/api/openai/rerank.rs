//! `POST /v1/rerank` (the shape that Cohere and Jina share) and `POST /v1/moderations`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use crate::api::Api;
use crate::api::auth::Client;
use crate::api::body::Body;
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;
use crate::api::task::{self, Turn, wrong};
use crate::gateway::task::{Done, Task};
use crate::json::{Object, Value};

/// Documents in one request.
const MOST_DOCUMENTS: usize = 1_000;

/// Answers a request to sort documents by how well they fit a query.
pub async fn rerank(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    task::respond(&api, &client, Dialect::OpenAi, read_rerank(&body)).await
}

/// Answers a request to judge texts.
pub async fn moderate(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    task::respond(&api, &client, Dialect::OpenAi, read_moderation(&body)).await
}

fn read_rerank(body: &[u8]) -> Result<(Task, Turn), Problem> {
    let members = task::members(body)?;
    let query = task::text(&members, "query")?.chars().count();
    let (items, chars) = documents(&members)?;
    task::integer(&members, "top_n", 1, u64::MAX)?;
    let task = task::task("rerank", members, items, query * items + chars);
    let check = move |done: &Done| {
        let answer = task::json(done)?;
        let fits = |one: &Value<'_>| {
            one.get("index")
                .and_then(Value::as_u64)
                .is_some_and(|index| index < items as u64)
                && one.get("relevance_score").and_then(Value::as_f64).is_some()
        };
        if task::list(&answer, "results")?.iter().all(fits) {
            Ok(None)
        } else {
            Err(
                "the provider's answer ranks something that is no document of the request"
                    .to_owned(),
            )
        }
    };
    Ok((task, Box::new(check)))
}

fn documents(members: &Object<'_>) -> Result<(usize, usize), Problem> {
    let shape = "must be a text, or an object with a `text`";
    let documents = match members.get("documents").and_then(Value::as_array) {
        Some(list) if (1..=MOST_DOCUMENTS).contains(&list.len()) => list,
        _ => {
            return Err(wrong(
                "documents",
                format!("`documents` must be a list of 1 to {MOST_DOCUMENTS} texts."),
            ));
        }
    };
    let mut chars = 0;
    for (at, one) in documents.iter().enumerate() {
        let text = one.get("text").unwrap_or(one).as_text();
        let place = format!("documents[{at}]");
        chars += text
            .ok_or_else(|| wrong(place.clone(), format!("`{place}` {shape}.")))?
            .chars();
    }
    Ok((documents.len(), chars))
}

fn read_moderation(body: &[u8]) -> Result<(Task, Turn), Problem> {
    let members = task::members(body)?;
    let (items, chars) = match members.get("input") {
        Some(Value::String(text)) if !text.is_empty() => (1, text.chars()),
        Some(Value::Array(list)) if !list.is_empty() => {
            let chars = |one: &Value<'_>| {
                one.get("text")
                    .unwrap_or(one)
                    .as_text()
                    .map_or(0, crate::json::Text::chars)
            };
            (list.len(), list.iter().map(chars).sum())
        }
        _ => {
            return Err(wrong(
                "input",
                "`input` must be a text or a list that is not empty.",
            ));
        }
    };
    let task = task::task("moderation", members, items, chars);
    let check = |done: &Done| {
        let answer = task::json(done)?;
        task::list(&answer, "results").map(|_| None)
    };
    Ok((task, Box::new(check)))
}
