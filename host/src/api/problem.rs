//! What can be wrong, before any dialect puts it into its own shape.

use axum::http::{Method, StatusCode};

use super::body::BodyError;
use crate::chat::Invalid;
use crate::gateway::{Error, ErrorKind};

/// An error on its way to a client.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What kind of thing is wrong.
    pub kind: ProblemKind,
    /// For people: what is wrong and what to do; without credentials.
    pub message: String,
    /// The member of the request at fault.
    pub param: Option<String>,
    /// A narrower word for programs than the kind's, as `no_vision_model`.
    pub code: Option<&'static str>,
    /// When to come again.
    pub retry_after_ms: Option<u64>,
}

/// See [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The key is missing or wrong.
    Unauthorized,
    /// Too many wrong keys came from the client's address.
    ShutOut,
    /// The body is too large.
    TooLarge,
    /// The body's encoding is unknown.
    Encoding,
    /// There is nothing at this path.
    UnknownPath,
    /// The path has other methods.
    WrongMethod,
    /// There is no such thing (a stored answer, a file).
    NotFound,
    /// What the gateway says.
    Gateway(ErrorKind),
}

impl Problem {
    /// One with nothing but words.
    #[must_use]
    pub fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            param: None,
            code: None,
            retry_after_ms: None,
        }
    }

    /// The request is wrong.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Gateway(ErrorKind::Invalid), message)
    }

    /// The request was answered with nothing at all, which cannot be.
    #[must_use]
    pub fn no_answer() -> Self {
        Self::new(
            ProblemKind::Gateway(ErrorKind::UpstreamFailed),
            "The request ended without an answer.",
        )
    }

    /// Nothing lies at the path.
    #[must_use]
    pub fn unknown_path(path: &str) -> Self {
        let path: String = path.chars().take(200).collect();
        Self::new(
            ProblemKind::UnknownPath,
            format!("There is nothing at {path}. Chat is at POST /v1/chat/completions."),
        )
    }

    /// The path takes other methods.
    #[must_use]
    pub fn wrong_method(path: &str, method: &Method) -> Self {
        let path: String = path.chars().take(200).collect();
        Self::new(
            ProblemKind::WrongMethod,
            format!("{path} does not take {method}."),
        )
    }

    /// The HTTP status that goes with it.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.kind {
            ProblemKind::Unauthorized => StatusCode::UNAUTHORIZED,
            ProblemKind::ShutOut => StatusCode::TOO_MANY_REQUESTS,
            ProblemKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ProblemKind::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ProblemKind::UnknownPath | ProblemKind::NotFound => StatusCode::NOT_FOUND,
            ProblemKind::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            ProblemKind::Gateway(kind) => {
                StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::BAD_GATEWAY)
            }
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            kind: ProblemKind::Gateway(error.kind),
            message: error.message,
            param: error.param,
            code: error.code,
            retry_after_ms: error.retry_after_ms,
        }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self {
            param: invalid.param,
            ..Self::invalid(invalid.message)
        }
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge(limit) => Self::new(
                ProblemKind::TooLarge,
                format!(
                    "The body is larger than {limit} bytes, counted after decompression. Send less, or raise \
                     FREELLMAPI_BODY_LIMIT."
                ),
            ),
            BodyError::Broken(why) => Self::invalid(format!("The body could not be read: {why}.")),
        }
    }
}
