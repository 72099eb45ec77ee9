//! Google's Gemini dialect, as its client libraries and Gemini CLI speak it.

mod embed;
mod encode;
pub mod error;
mod models;
mod parts;
mod request;
#[cfg(test)]
mod tests;
mod tools;

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};

use self::encode::Encoder;
use super::Api;
use super::answer::{Encode, answer, json};
use super::auth::Client;
use super::body::Body;
use super::dialect::Dialect;
use super::problem::{Problem, ProblemKind};
use crate::chat::ChatRequest;
use crate::chat::request::members;
use crate::gateway::chat::Ask;
use crate::json::{Value, object};

/// All routes; who may use them is the caller's business.
pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/v1beta/models", get(models::list))
        // A model's name may hold slashes, and the verb follows a colon.
        .route("/v1beta/models/{*call}", get(models::one).post(call))
}

/// A model and what is asked of it, as `NAME:generateContent`.
pub(super) async fn call(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Path(call): Path<String>,
    RawQuery(query): RawQuery,
    Body(body): Body,
) -> Response {
    let Some((model, verb)) = call.rsplit_once(':') else {
        return unknown(&call);
    };
    let model = model.strip_prefix("models/").unwrap_or(model).to_owned();
    match verb {
        "generateContent" => chat::<false>(&api, client, &body, &model, false).await,
        "streamGenerateContent" => {
            let events = query
                .as_deref()
                .unwrap_or_default()
                .split('&')
                .any(|pair| pair == "alt=sse");
            if events {
                chat::<false>(&api, client, &body, &model, true).await
            } else {
                chat::<true>(&api, client, &body, &model, true).await
            }
        }
        "countTokens" => count(&body, &model),
        "embedContent" => embed::one(&api, &client, &body, &model).await,
        "batchEmbedContents" => embed::batch(&api, &client, &body, &model).await,
        _ => unknown(&call),
    }
}

fn unknown(call: &str) -> Response {
    let call: String = call.chars().take(200).collect();
    Dialect::Gemini.refuse(&Problem::new(
        ProblemKind::UnknownPath,
        format!(
            "There is nothing at /v1beta/models/{call}. Known: :generateContent, :streamGenerateContent, \
             :countTokens, :embedContent and :batchEmbedContents."
        ),
    ))
}

async fn chat<const ARRAY: bool>(
    api: &Api,
    client: Client,
    body: &[u8],
    model: &str,
    stream: bool,
) -> Response
where
    Encoder<ARRAY>: Encode,
{
    let (read, thoughts) = match request::read(body, model, stream) {
        Ok(read) => (Ok(read.chat), read.thoughts),
        Err(invalid) => (Err(invalid), false),
    };
    answer(
        api,
        client,
        Ask::Read(read),
        Encoder::<ARRAY>::new(model, thoughts),
    )
    .await
}

/// An estimate: the same that limits are reserved by.
fn count(body: &[u8], model: &str) -> Response {
    let read = members(body).and_then(|members| {
        // Either the contents, or the whole request that would be sent.
        let members = members.into_owned();
        let whole = request::member(&members, "generateContentRequest").and_then(Value::as_object);
        let messages = request::messages(whole.unwrap_or(&members))?;
        ChatRequest::of(object([
            ("model", model.to_owned().into()),
            ("messages", Value::Array(messages)),
        ]))
    });
    match read {
        Ok(request) => json(&object([(
            "totalTokens",
            request.outline().input_tokens.into(),
        )])),
        Err(invalid) => Dialect::Gemini.refuse(&invalid.into()),
    }
}
