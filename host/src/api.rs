//! What clients speak. A dialect is parse and encode over the canonical form, and nothing else.

mod answer;
pub mod anthropic;
mod auth;
pub(crate) mod body;
pub mod dialect;
pub mod door;
pub mod gemini;
mod models;
pub mod ollama;
pub mod openai;
pub mod problem;
mod reference;
pub mod responses;
mod shell;
mod task;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::decompression::RequestDecompressionLayer;

use crate::config::ClaudeModels;
use crate::gateway::Gateway;
use crate::plugins::guests::Guests;
use crate::plugins::registry::Registry;

pub use auth::Tokens;

/// What the routes share.
pub struct Api {
    /// Answers requests.
    pub gateway: Arc<Gateway>,
    /// Who may ask.
    pub tokens: Tokens,
    /// Which models are meant by the names that Anthropic's clients use.
    pub claude_models: ClaudeModels,
    /// The largest body, bytes, after decompression.
    pub body_limit: usize,
    /// Sites whose pages may call the API.
    pub origins: door::Origins,
    /// Who sent wrong keys of late.
    pub strangers: door::Strangers,
    /// Who may use Ollama's routes.
    pub ollama: ollama::Mode,
    /// For the totals on `/healthz`.
    pub guests: Arc<Guests>,
    /// For the count of plugins there.
    pub registry: Arc<Registry>,
    /// Answers that clients may come back to.
    pub responses: responses::shelf::Shelf,
    /// How often keys and plugins were read anew: for whoever shows them.
    pub refreshed: AtomicU64,
}

/// All routes.
pub fn router(api: Arc<Api>) -> Router {
    // Forms are counted as they are read, against `body_limit`.
    let forms = Router::new()
        .route(
            "/v1/audio/transcriptions",
            post(openai::transcription::transcribe),
        )
        .route(
            "/v1/audio/translations",
            post(openai::transcription::translate),
        )
        .layer(DefaultBodyLimit::disable());
    let v1 = Router::new()
        .route("/v1/chat/completions", post(openai::chat::complete))
        .route("/v1/completions", post(openai::completions::complete))
        .route("/v1/responses", post(responses::create::create))
        .route(
            "/v1/responses/{id}",
            get(responses::kept::get).delete(responses::kept::delete),
        )
        .route("/v1/responses/input_tokens", post(responses::create::count))
        .route("/v1/responses/{id}/cancel", post(responses::kept::cancel))
        .route(
            "/v1/responses/{id}/input_items",
            get(responses::kept::input_items),
        )
        .route("/v1/embeddings", post(openai::embeddings::create))
        .route("/v1/images/generations", post(openai::images::generate))
        .route("/v1/audio/speech", post(openai::speech::create))
        .route("/v1/rerank", post(openai::rerank::rerank))
        .route("/v1/moderations", post(openai::rerank::moderate))
        .merge(forms)
        .merge(gemini::routes())
        .route("/v1/messages", post(anthropic::messages::create))
        .route(
            "/v1/messages/count_tokens",
            post(anthropic::count_tokens::count),
        )
        .route("/v1/models", get(models::list))
        // Google's clients ask for version 1 of its API as well as for `v1beta`.
        .route("/v1/models/{*id}", get(models::one).post(gemini::call))
        .route_layer(from_fn_with_state(Arc::clone(&api), auth::require));
    let mut dialects = Router::new()
        .merge(v1)
        .merge(ollama::routes(&api))
        // Before the next layer, which answers what asks for leave by a method that is no route's.
        .method_not_allowed_fallback(dialect::wrong_method);
    if let Some(cors) = api.origins.layer() {
        dialects = dialects.layer(cors);
    }
    Router::new()
        .merge(dialects)
        .merge(shell::routes())
        .merge(reference::routes())
        .route("/healthz", get(shell::health))
        .fallback(dialect::no_such_path)
        .method_not_allowed_fallback(dialect::wrong_method)
        .layer(RequestDecompressionLayer::new())
        .layer(from_fn(dialect::in_shape))
        .with_state(api)
}
