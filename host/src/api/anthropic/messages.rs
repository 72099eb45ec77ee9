//! `POST /v1/messages`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::Response;

use super::encode::Messages;
use super::error;
use super::request::{Manner, Purpose, read};
use crate::api::Api;
use crate::api::answer::answer;
use crate::api::auth::Client;
use crate::api::body::Body;
use crate::gateway::chat::Ask;

/// Answers a request, streamed or not.
pub async fn create(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    let table = api.gateway.table.load_full();
    let route = |name: &str| {
        api.claude_models
            .route(name, |name| table.resolve(name).is_ok())
    };
    let (ask, manner) = match read(&body, Purpose::Answer, route) {
        Ok(read) => (Ask::Read(Ok(read.request)), read.manner),
        Err(invalid) => (Ask::Read(Err(invalid)), Manner::default()),
    };
    let id = error::request_id();
    let mut response = answer(&api, client, ask, Messages::new(manner, &id)).await;
    // An error has one already, which its body repeats.
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().entry("request-id").or_insert(id);
    }
    response
}
