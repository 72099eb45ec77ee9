//! Reading a request's body, bounded after decompression.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// Why there is no body.
pub(super) enum BodyError {
    /// More than the limit, bytes.
    TooLarge(usize),
    /// It could not be read or decompressed.
    Broken(String),
}

/// Reads all of it. A body that says it is too large is refused before it is read.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Bytes, BodyError> {
    let said = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| said > limit as u64) {
        return Err(BodyError::TooLarge(limit));
    }
    match Limited::new(body, limit).collect().await {
        Ok(read) => Ok(read.to_bytes()),
        Err(error) if is_length(error.as_ref()) => Err(BodyError::TooLarge(limit)),
        Err(error) => Err(BodyError::Broken(error.to_string())),
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
