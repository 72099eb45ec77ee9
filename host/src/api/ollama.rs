//! Ollama's dialect: for programs that know local models only. Off unless the user switches it on.

mod embed;
mod encode;
pub mod error;
mod gate;
mod models;
mod request;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};

use self::encode::{Encoder, Shape};
use super::Api;
use super::answer::{answer, json};
use super::auth::Client;
use super::body::Body;
use crate::gateway::chat::Ask;
use crate::json::object;

pub use gate::Mode;

/// The version of Ollama whose shapes these are; clients refuse servers that are too old.
const VERSION: &str = "0.12.6";

/// All that is served. Other paths under `/api` are the dashboard's.
pub(super) const PATHS: [&str; 8] = [
    "/api/chat",
    "/api/generate",
    "/api/embed",
    "/api/embeddings",
    "/api/tags",
    "/api/ps",
    "/api/show",
    "/api/version",
];

/// All routes, behind their own gate.
pub(super) fn routes(api: &Arc<Api>) -> Router<Arc<Api>> {
    Router::new()
        .route("/api/chat", post(chat))
        .route("/api/generate", post(generate))
        .route("/api/embed", post(embed::embed))
        .route("/api/embeddings", post(embed::embeddings))
        .route("/api/tags", get(models::tags))
        .route("/api/ps", get(models::running))
        .route("/api/show", post(models::show))
        .route("/api/version", get(version))
        .route_layer(from_fn_with_state(Arc::clone(api), gate::require))
}

async fn version() -> Response {
    json(&object([("version", VERSION.into())]))
}

async fn chat(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    run(&api, client, &body, Shape::Chat).await
}

async fn generate(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    run(&api, client, &body, Shape::Generate).await
}

async fn run(api: &Api, client: Client, body: &[u8], shape: Shape) -> Response {
    let read = request::read(body, shape);
    let (model, thoughts) = match &read {
        Ok(read) => (read.model.clone(), read.thoughts),
        Err(_) => (String::new(), true),
    };
    let mut encoder = Encoder::new(shape, &model, thoughts, &api.gateway.clock);
    let chat = match read {
        // A program that says nothing wants the model to be loaded, which it always is.
        Ok(read) if read.chat.is_none() => return json(&encoder.loaded()),
        Ok(read) => read
            .chat
            .ok_or_else(|| request::wrong("messages", "There is nothing to answer.")),
        Err(invalid) => Err(invalid),
    };
    answer(api, client, Ask::Read(chat), encoder).await
}
