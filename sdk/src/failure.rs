//! Makes failures.

use crate::Failure;

/// A failure of this kind; see `failure.kind` in the contract for the words.
#[must_use]
pub fn of(kind: &str, message: impl Into<String>) -> Failure {
    Failure {
        kind: kind.to_owned(),
        message: message.into(),
        retry_after_ms: None,
        scope: String::new(),
        quotas: Vec::new(),
        extra: Vec::new(),
    }
}

/// The provider, or this plugin, cannot do what is asked; another one may.
#[must_use]
pub fn unsupported(message: impl Into<String>) -> Failure {
    of("unsupported", message)
}

/// The reply cannot be read.
#[must_use]
pub fn malformed(message: impl Into<String>) -> Failure {
    of("malformed-reply", message)
}
