//! `POST /v1/chat/completions`: the canonical dialect, so that chunks and answers pass as they are.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;

use super::error;
use crate::api::Api;
use crate::api::answer::{Encode, answer};
use crate::api::auth::Client;
use crate::api::body::Body;
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;
use crate::gateway::chat::Ask;

/// Answers a chat request, streamed or not.
pub async fn complete(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    answer(&api, client, Ask::Bytes(body), Plain).await
}

/// Frames what comes.
pub(super) struct Plain;

impl Encode for Plain {
    const DIALECT: Dialect = Dialect::OpenAi;

    /// A comment, which clients skip.
    fn keep_alive(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": keep-alive\n\n");
    }

    /// Chunks hold no line break.
    fn chunk(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\n\n");
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        self.chunk(b"[DONE]", out);
    }

    fn failed(&mut self, problem: &Problem, out: &mut Vec<u8>) {
        self.chunk(&error::body(problem), out);
    }

    fn whole(&mut self, answer: Bytes) -> Bytes {
        answer
    }
}
