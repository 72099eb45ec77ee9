//! Anthropic's dialect: the Messages API, its token counts and its list of models.
//!
//! - [`messages`]: `POST /v1/messages`; [`count_tokens`]: `POST /v1/messages/count_tokens`; [`models`]: `GET
//!   /v1/models` for clients that send `anthropic-version`.
//! - `request`: from the client's body to the canonical request.
//! - `encode`: from canonical answers to messages; `stream` is its state machine, `whole` the same at once.
//! - [`error`]: what is wrong, in Anthropic's words.
//!
//! What is taken, what is left out and what is refused is told in `docs/dialects/anthropic.md`.

mod arguments;
pub mod count_tokens;
mod encode;
pub mod error;
mod event;
pub mod messages;
pub mod models;
mod names;
mod request;
mod stop;
mod stream;
mod usage;
mod whole;

#[cfg(test)]
mod tests;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::json::Value;

/// A good answer that is no message.
fn json(value: &Value<'_>) -> Response {
    let mut response = value.to_vec().into_response();
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    if let Ok(id) = HeaderValue::from_str(&error::request_id()) {
        headers.insert("request-id", id);
    }
    response
}
