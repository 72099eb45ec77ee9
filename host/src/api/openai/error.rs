//! Errors in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`.

use crate::api::problem::{Problem, ProblemKind};
use crate::gateway::{ErrorKind, OVERLOADED};
use crate::json::{Value, object};

/// The body, as it is also sent in the middle of a stream.
#[must_use]
pub fn body(problem: &Problem) -> Vec<u8> {
    let (kind, code) = words(problem.kind);
    // OpenAI has no word of its own for that: it is a provider's failure as any other.
    let narrower = problem.code.filter(|code| *code != OVERLOADED);
    let param = problem.param.clone().map_or(Value::Null, Value::from);
    object([(
        "error",
        object([
            ("message", Value::from(problem.message.clone())),
            ("type", Value::from(kind)),
            ("param", param),
            ("code", Value::from(narrower.unwrap_or(code))),
        ]),
    )])
    .to_vec()
}

/// `type` and `code`.
fn words(kind: ProblemKind) -> (&'static str, &'static str) {
    let (invalid, server) = ("invalid_request_error", "server_error");
    match kind {
        ProblemKind::Unauthorized => (invalid, "invalid_api_key"),
        ProblemKind::ShutOut => ("rate_limit_error", "too_many_wrong_keys"),
        ProblemKind::TooLarge => (invalid, "request_too_large"),
        ProblemKind::Encoding => (invalid, "unsupported_encoding"),
        ProblemKind::UnknownPath => (invalid, "unknown_url"),
        ProblemKind::WrongMethod => (invalid, "method_not_allowed"),
        ProblemKind::NotFound => (invalid, "not_found"),
        ProblemKind::Gateway(kind) => match kind {
            ErrorKind::Invalid => (invalid, "invalid_request"),
            ErrorKind::UnknownModel => (invalid, "model_not_found"),
            ErrorKind::Unable => (invalid, "unsupported_by_model"),
            ErrorKind::TooLong => (invalid, "context_length_exceeded"),
            ErrorKind::ContentFiltered => (invalid, "content_filter"),
            ErrorKind::NoProviders => (server, "no_providers_configured"),
            ErrorKind::Exhausted | ErrorKind::Limited => ("rate_limit_error", "all_keys_exhausted"),
            ErrorKind::UpstreamFailed => (server, "upstream_failed"),
            ErrorKind::UpstreamTimeout => (server, "upstream_timeout"),
            ErrorKind::Interrupted => (server, "upstream_interrupted"),
        },
    }
}
