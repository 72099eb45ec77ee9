//! `GET /v1/models` and `GET /v1/models/{id}`: one path for two dialects, which a header tells apart.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::dialect::speaks_anthropic;
use super::{Api, anthropic, openai};

/// All models.
pub(super) async fn list(State(api): State<Arc<Api>>, headers: HeaderMap, uri: Uri) -> Response {
    if speaks_anthropic(&headers) {
        anthropic::models::list(&api, &uri)
    } else {
        openai::models::list(&api)
    }
}

/// One model.
pub(super) async fn one(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if speaks_anthropic(&headers) {
        anthropic::models::one(&api, &id)
    } else {
        openai::models::one(&api, &id)
    }
}
