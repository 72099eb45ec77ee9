//! A chat request's answer on its way to the client, whatever dialect the client speaks.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::time::timeout;

use super::Api;
use super::auth::Client;
use super::dialect::{Dialect, route_headers};
use super::problem::Problem;
use crate::gateway::chat::{Ask, Caller, chat};
use crate::gateway::{Route, Step};
use crate::json::Value;

/// What happens to a request.
pub(super) type Steps = Pin<Box<dyn Stream<Item = Step> + Send>>;

/// Longer than any request.
const NEVER: Duration = Duration::from_secs(30 * 24 * 3_600);

/// How a dialect writes an answer: a state machine from canonical chunks, or one canonical answer, to bytes.
pub(super) trait Encode: Send + 'static {
    /// Whose errors.
    const DIALECT: Dialect;
    /// The stream's content type.
    const MEDIA_TYPE: &'static str = "text/event-stream";

    /// Says nothing, so that the connection stays open.
    fn keep_alive(&mut self, out: &mut Vec<u8>);

    /// One canonical chunk, as JSON without framing. The chunk with the usage comes last.
    fn chunk(&mut self, chunk: &[u8], out: &mut Vec<u8>);

    /// The stream is whole.
    fn done(&mut self, out: &mut Vec<u8>);

    /// The stream ends in an error.
    fn failed(&mut self, problem: &Problem, out: &mut Vec<u8>);

    /// A whole canonical answer.
    fn whole(&mut self, answer: Bytes) -> Bytes;
}

/// Answers a request, streamed or not.
pub(super) async fn answer<E: Encode>(api: &Api, client: Client, ask: Ask, encoder: E) -> Response {
    let caller = Caller {
        key: client.id,
        session: client.session,
    };
    let steps = Box::pin(chat(Arc::clone(&api.gateway), ask, caller));
    respond(api, steps, encoder).await
}

/// As [`answer`], of steps that are made already.
pub(super) async fn respond<E: Encode>(api: &Api, mut steps: Steps, encoder: E) -> Response {
    let streaming = match steps.next().await {
        Some(Step::Accepted(accepted)) => accepted.streaming,
        Some(Step::Failed(error, route)) => return E::DIALECT.respond(&error.into(), &route),
        _ => return nothing::<E>(),
    };
    if !streaming {
        return whole(steps, encoder).await;
    }
    // 0 is never: some clients take no comments.
    let keepalive = match api.gateway.timeouts.keepalive {
        Duration::ZERO => NEVER,
        time => time,
    };
    match timeout(keepalive, steps.next()).await {
        Ok(Some(Step::Begun(route))) => events(steps, encoder, &route, keepalive, false),
        Ok(Some(Step::Failed(error, route))) => E::DIALECT.respond(&error.into(), &route),
        Ok(_) => nothing::<E>(),
        // The client gets its status now; what goes wrong from here on is an event.
        Err(_) => events(steps, encoder, &Route::default(), keepalive, true),
    }
}

async fn whole<E: Encode>(mut steps: Steps, mut encoder: E) -> Response {
    let mut route = Route::default();
    while let Some(step) = steps.next().await {
        match step {
            Step::Begun(begun) => route = begun,
            Step::Whole(body) => {
                let mut response = Body::from(encoder.whole(body)).into_response();
                let headers = response.headers_mut();
                headers.insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                );
                route_headers(headers, &route);
                return response;
            }
            Step::Failed(error, route) => return E::DIALECT.respond(&error.into(), &route),
            Step::Accepted(_) | Step::Chunks(_) | Step::Done => {}
        }
    }
    nothing::<E>()
}

fn events<E: Encode>(
    mut steps: Steps,
    mut encoder: E,
    route: &Route,
    keepalive: Duration,
    late: bool,
) -> Response {
    let body = stream! {
        let mut out = Vec::new();
        if late {
            encoder.keep_alive(&mut out);
            yield Ok::<_, Infallible>(Bytes::from(std::mem::take(&mut out)));
        }
        loop {
            let last = match timeout(keepalive, steps.next()).await {
                Err(_) => {
                    encoder.keep_alive(&mut out);
                    false
                }
                Ok(Some(Step::Chunks(chunks))) => {
                    out.reserve(chunks.iter().map(|chunk| chunk.len() + 8).sum());
                    for chunk in &chunks {
                        encoder.chunk(chunk, &mut out);
                    }
                    false
                }
                Ok(Some(Step::Done)) => {
                    encoder.done(&mut out);
                    true
                }
                Ok(Some(Step::Failed(error, _))) => {
                    encoder.failed(&error.into(), &mut out);
                    true
                }
                Ok(Some(_)) => false,
                Ok(None) => true,
            };
            if !out.is_empty() {
                yield Ok(Bytes::from(std::mem::take(&mut out)));
            }
            if last {
                return;
            }
        }
    };
    let mut response = Body::from_stream(body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(E::MEDIA_TYPE),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Proxies such as nginx would otherwise hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    route_headers(headers, route);
    response
}

/// A good answer that is made here.
pub(super) fn json(value: &Value<'_>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_vec()).into_response()
}

/// Cannot be: a request always ends in an answer or an error.
fn nothing<E: Encode>() -> Response {
    E::DIALECT.refuse(&Problem::no_answer())
}
