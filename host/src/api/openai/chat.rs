//! `POST /v1/chat/completions`.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::time::timeout;

use super::error::{OpenAiError, route_headers};
use crate::api::Api;
use crate::api::auth::Client;
use crate::api::body::{self, BodyError};
use crate::gateway::{Error, Route, Step, chat};

type Steps = Pin<Box<dyn Stream<Item = Step> + Send>>;

/// A comment, which clients skip: it keeps connections open while nothing else can be said.
const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// Longer than any request.
const NEVER: Duration = Duration::from_secs(30 * 24 * 3_600);

const DONE: &[u8] = b"data: [DONE]\n\n";

/// Answers a chat request, streamed or not.
pub async fn complete(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let body = match body::read(&head.headers, body, api.body_limit).await {
        Ok(body) => body,
        Err(BodyError::TooLarge(limit)) => return OpenAiError::too_large(limit).into_response(),
        Err(BodyError::Broken(why)) => {
            return OpenAiError::invalid(format!("The body could not be read: {why}."))
                .into_response();
        }
    };
    let keepalive = api.gateway.timeouts.keepalive;
    let mut steps: Steps = Box::pin(chat::chat(Arc::clone(&api.gateway), body, client.id));
    let streaming = match steps.next().await {
        Some(Step::Accepted(accepted)) => accepted.streaming,
        Some(Step::Failed(error, route)) => return failed(error, &route),
        _ => return nothing(),
    };
    if !streaming {
        return whole(steps).await;
    }
    // 0 is never: some clients take no comments.
    let keepalive = if keepalive.is_zero() {
        NEVER
    } else {
        keepalive
    };
    match timeout(keepalive, steps.next()).await {
        Ok(Some(Step::Begun(route))) => events(steps, &route, keepalive, &[]),
        Ok(Some(Step::Failed(error, route))) => failed(error, &route),
        Ok(_) => nothing(),
        // The client gets its status now; what goes wrong from here on is an event.
        Err(_) => events(steps, &Route::default(), keepalive, KEEP_ALIVE),
    }
}

async fn whole(mut steps: Steps) -> Response {
    let mut route = Route::default();
    while let Some(step) = steps.next().await {
        match step {
            Step::Begun(begun) => route = begun,
            Step::Whole(body) => {
                let mut response = Body::from(body).into_response();
                let headers = response.headers_mut();
                headers.insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                );
                route_headers(headers, &route);
                return response;
            }
            Step::Failed(error, route) => return failed(error, &route),
            Step::Accepted(_) | Step::Chunks(_) | Step::Done => {}
        }
    }
    nothing()
}

fn events(mut steps: Steps, route: &Route, keepalive: Duration, first: &'static [u8]) -> Response {
    let body = stream! {
        if !first.is_empty() {
            yield Ok::<_, std::convert::Infallible>(Bytes::from_static(first));
        }
        loop {
            match timeout(keepalive, steps.next()).await {
                Err(_) => yield Ok(Bytes::from_static(KEEP_ALIVE)),
                Ok(Some(Step::Chunks(chunks))) => {
                    if let Some(framed) = frame(&chunks) {
                        yield Ok(framed);
                    }
                }
                Ok(Some(Step::Done)) => {
                    yield Ok(Bytes::from_static(DONE));
                    return;
                }
                Ok(Some(Step::Failed(error, _))) => {
                    let body = OpenAiError::from(error).body();
                    if let Some(framed) = frame(&[body.into()]) {
                        yield Ok(framed);
                    }
                    return;
                }
                Ok(Some(_)) => {}
                Ok(None) => return,
            }
        }
    };
    let mut response = Body::from_stream(body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Proxies such as nginx would otherwise hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    route_headers(headers, route);
    response
}

/// As events, in one piece. Chunks hold no line break.
fn frame(chunks: &[Bytes]) -> Option<Bytes> {
    let length: usize = chunks.iter().map(|chunk| chunk.len() + 8).sum();
    let mut framed = Vec::with_capacity(length);
    for chunk in chunks {
        framed.extend_from_slice(b"data: ");
        framed.extend_from_slice(chunk);
        framed.extend_from_slice(b"\n\n");
    }
    (!framed.is_empty()).then(|| framed.into())
}

fn failed(error: Error, route: &Route) -> Response {
    let mut response = OpenAiError::from(error).into_response();
    route_headers(response.headers_mut(), route);
    response
}

/// Cannot be: a request always ends in an answer or an error.
fn nothing() -> Response {
    failed(
        Error::new(
            crate::gateway::ErrorKind::UpstreamFailed,
            "The request ended without an answer.",
        ),
        &Route::default(),
    )
}
