//! What clients speak. A dialect is parse and encode over the canonical form, and nothing else.

mod auth;
mod body;
pub mod openai;
mod shell;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{get, post};
use tower_http::decompression::RequestDecompressionLayer;

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
    /// The largest body, bytes, after decompression.
    pub body_limit: usize,
    /// For the totals on `/healthz`.
    pub guests: Arc<Guests>,
    /// For the count of plugins there.
    pub registry: Arc<Registry>,
}

/// All routes.
pub fn router(api: Arc<Api>) -> Router {
    let v1 = Router::new()
        .route("/v1/chat/completions", post(openai::chat::complete))
        .route("/v1/models", get(openai::models::list))
        .route("/v1/models/{*id}", get(openai::models::one))
        .route_layer(from_fn_with_state(Arc::clone(&api), auth::require));
    Router::new()
        .merge(v1)
        .merge(shell::routes())
        .route("/healthz", get(shell::health))
        .fallback(openai::error::no_such_path)
        .method_not_allowed_fallback(openai::error::wrong_method)
        .layer(RequestDecompressionLayer::new())
        .layer(map_response(openai::error::in_shape))
        .with_state(api)
}
