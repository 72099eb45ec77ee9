//! Errors in Anthropic's shape: `{"type": "error", "error": {"type", "message"}, "request_id"}`.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::api::problem::{Problem, ProblemKind};
use crate::gateway::{ErrorKind, OVERLOADED};
use crate::json::{Value, object};

/// Anthropic's own.
const OVERLOADED_STATUS: u16 = 529;

/// A fresh id, as it stands in the header `request-id` and in errors.
#[must_use]
pub fn request_id() -> String {
    format!("req_{:032x}", rand::random::<u128>())
}

/// An error as a response, which lacks what all dialects' have.
#[must_use]
pub fn response(problem: &Problem) -> Response {
    let id = request_id();
    let mut response = (status(problem), value(problem, &id).to_vec()).into_response();
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("request-id", id);
    }
    response
}

/// The error, as it is also sent in the middle of a stream.
#[must_use]
pub fn value(problem: &Problem, request_id: &str) -> Value<'static> {
    object([
        ("type", Value::from("error")),
        (
            "error",
            object([
                ("type", Value::from(word(problem))),
                ("message", Value::from(message(problem))),
            ]),
        ),
        ("request_id", Value::from(request_id.to_owned())),
    ])
}

/// The status that Anthropic's clients expect with it.
fn status(problem: &Problem) -> StatusCode {
    match problem.kind {
        _ if is_overloaded(problem) => {
            StatusCode::from_u16(OVERLOADED_STATUS).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
        }
        // Its clients come again after `retry-after`, which is when the first key can be used.
        ProblemKind::Gateway(ErrorKind::Exhausted | ErrorKind::Limited) => {
            StatusCode::TOO_MANY_REQUESTS
        }
        _ => problem.status(),
    }
}

/// Whether the providers have too much to do: its clients know a status of Anthropic's own for that.
fn is_overloaded(problem: &Problem) -> bool {
    problem.code == Some(OVERLOADED)
}

fn message(problem: &Problem) -> String {
    match problem.kind {
        // Claude Code shortens the conversation by itself when it reads these words.
        ProblemKind::Gateway(ErrorKind::TooLong) => {
            format!("prompt is too long: {}", problem.message)
        }
        _ => problem.message.clone(),
    }
}

fn word(problem: &Problem) -> &'static str {
    match problem.kind {
        _ if is_overloaded(problem) => "overloaded_error",
        ProblemKind::Unauthorized => "authentication_error",
        ProblemKind::ShutOut => "rate_limit_error",
        ProblemKind::TooLarge => "request_too_large",
        ProblemKind::UnknownPath | ProblemKind::NotFound => "not_found_error",
        ProblemKind::Encoding | ProblemKind::WrongMethod => "invalid_request_error",
        ProblemKind::Gateway(kind) => match kind {
            ErrorKind::Invalid
            | ErrorKind::Unable
            | ErrorKind::TooLong
            | ErrorKind::ContentFiltered => "invalid_request_error",
            ErrorKind::UnknownModel => "not_found_error",
            ErrorKind::Exhausted | ErrorKind::Limited => "rate_limit_error",
            ErrorKind::UpstreamTimeout => "timeout_error",
            // Also a provider that refuses its key: a client that read of that would ask its user to log in again.
            ErrorKind::NoProviders | ErrorKind::UpstreamFailed | ErrorKind::Interrupted => {
                "api_error"
            }
        },
    }
}
