//! Refusals.

use serde::{Deserialize, Serialize};

/// The body of every answer whose status is 400 or above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What is wrong.
    pub error: ApiError,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// For programs, as `wrong_password`. Words in use: `not_logged_in` (401: go to the log-in page), `wrong_login`,
    /// `wrong_password`, `wrong_code`, `too_many_attempts` (429, with `Retry-After`), `bad_csrf` (403: ask for the
    /// session anew), `bad_origin`, `already_set_up`, `not_found`, `wrong_method`, `invalid_request`, `invalid_field`,
    /// `too_large`, `taken` (409: there is one already), `changed` (409: it is another by now, look again), `unable` (409: the
    /// server cannot do this as it is set up), `internal`.
    pub code: String,
    /// For people: what is wrong and what to do about it.
    pub message: String,
    /// The member of the request that is wrong, as `secrets.api-key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}
