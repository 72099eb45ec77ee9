//! `POST /v1/messages/count_tokens`: answered here, without asking a provider. Agents ask dozens of times a minute.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::request::{Purpose, read};
use crate::api::Api;
use crate::api::body;
use crate::api::dialect::Dialect;
use crate::json::{Value, object};

/// Counts the tokens of a request: system, tools, texts and images, as routing estimates them.
pub async fn count(State(api): State<Arc<Api>>, request: Request) -> Response {
    let body = match body::read(request, api.body_limit).await {
        Ok(body) => body,
        Err(error) => return Dialect::Anthropic.refuse(&error.into()),
    };
    match read(&body, Purpose::Count, str::to_owned) {
        Ok(read) => {
            let tokens = read.manner.input_tokens.max(1);
            super::json(&object([("input_tokens", Value::from(tokens))]))
        }
        Err(invalid) => Dialect::Anthropic.refuse(&invalid.into()),
    }
}
