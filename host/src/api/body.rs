//! Reading a request's body, bounded after decompression.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::header;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use super::Api;
use super::dialect::Dialect;

/// How long a client may take between two pieces of its body.
const STALL: Duration = Duration::from_secs(60);

/// A request's body, for a handler. One that cannot be read is refused in the dialect of its path.
pub struct Body(pub Bytes);

impl FromRequest<Arc<Api>> for Body {
    type Rejection = Response;

    async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, Response> {
        let dialect = Dialect::of_request(&request);
        let read = read(request, api.body_limit).await;
        read.map(Self)
            .map_err(|error| dialect.refuse(&error.into()))
    }
}

/// Why there is no body.
pub(crate) enum BodyError {
    /// More than the limit, bytes.
    TooLarge(usize),
    /// It could not be read or decompressed.
    Broken(String),
}

/// Reads all of it. A body that says it is too large is refused before it is read.
pub(crate) async fn read(request: Request, limit: usize) -> Result<Bytes, BodyError> {
    let (head, body) = request.into_parts();
    let said = head
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| said > limit as u64) {
        return Err(BodyError::TooLarge(limit));
    }
    let mut body = Limited::new(body, limit);
    let mut read = BytesMut::new();
    loop {
        match timeout(STALL, body.frame()).await {
            Err(_) => return Err(BodyError::Broken("it stalled".to_owned())),
            Ok(None) => return Ok(read.freeze()),
            Ok(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    read.extend_from_slice(data);
                }
            }
            Ok(Some(Err(error))) if is_length(error.as_ref()) => {
                return Err(BodyError::TooLarge(limit));
            }
            Ok(Some(Err(error))) => return Err(BodyError::Broken(error.to_string())),
        }
    }
}

fn is_length(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
