//! `POST /v1/messages/count_tokens`: answered here, without asking a provider. Agents ask dozens of times a minute.

use axum::response::Response;

use super::request::{Purpose, read};
use crate::api::body::Body;
use crate::api::dialect::Dialect;
use crate::json::{Value, object};

/// Counts the tokens of a request: system, tools, texts and images, as routing estimates them.
pub async fn count(Body(body): Body) -> Response {
    match read(&body, Purpose::Count, str::to_owned) {
        Ok(read) => {
            let tokens = read.manner.input_tokens.max(1);
            super::json(&object([("input_tokens", Value::from(tokens))]))
        }
        Err(invalid) => Dialect::Anthropic.refuse(&invalid.into()),
    }
}
