//! Refusals: `{"error": {"code", "message", "field"}}`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use freellmapi_types::{ApiError, ErrorBody};

use crate::manage::Refused;
use crate::store::StoreError;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    field: Option<String>,
    retry_after_ms: Option<i64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            field: None,
            retry_after_ms: None,
        }
    }

    /// A member of the request is wrong.
    pub(super) fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", message)
        }
    }

    /// The request as such is wrong.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    /// Nobody is logged in.
    pub(super) fn not_logged_in() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "not_logged_in",
            "You are not logged in, or the session is over. Log in again.",
        )
    }

    /// There is no such thing.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("There is no {what}; it may have been removed meanwhile."),
        )
    }

    /// What was looked at is another by now, or is there already.
    pub(super) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// Too many attempts.
    pub(super) fn slow_down(wait_ms: i64) -> Self {
        let minutes = wait_ms.div_euclid(60_000) + 1;
        Self {
            retry_after_ms: Some(wait_ms),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_attempts",
                format!("Too many attempts. Try again in {minutes} minutes."),
            )
        }
    }

    /// Something of ours failed. The log says what; the client is not told.
    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "the admin API failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The server could not do this; its log says why.",
        )
    }

    /// Names the member that is wrong.
    pub(super) fn at(self, field: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            ..self
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { what } => Self::not_found(&what),
            StoreError::NameTaken { .. } => Self::conflict("taken", error.to_string()).at("name"),
            other => Self::internal(&other),
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Field { field, message } => Self::field(field, sentence(&message)),
            Refused::Missing(what) => Self::not_found(&what),
            Refused::Taken { field, message } => {
                Self::conflict("taken", sentence(&message)).at(field)
            }
            Refused::Changed(message) => Self::conflict("changed", sentence(&message)),
            Refused::Unable(message) => Self::conflict("unable", sentence(&message)),
            Refused::Store(error) => error.into(),
            Refused::Failed(message) => Self::internal(&message),
        }
    }
}

/// As the API writes them; the command line writes them without.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let first: String = first.into_iter().flatten().collect();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            error: ApiError {
                code: self.code.to_owned(),
                message: self.message,
                field: self.field,
            },
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        if let Some(ms) = self.retry_after_ms {
            let seconds = ms.div_euclid(1_000) + 1;
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
