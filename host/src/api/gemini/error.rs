//! Errors in Google's shape: `{"error": {"code", "message", "status", "details"}}`.

use crate::api::problem::{Problem, ProblemKind};
use crate::gateway::ErrorKind;
use crate::json::{Value, object};

/// The body, as it is also sent in the middle of a stream.
pub fn body(problem: &Problem) -> Vec<u8> {
    value(problem).to_vec()
}

fn value(problem: &Problem) -> Value<'static> {
    let mut details = Vec::new();
    if let Some(param) = &problem.param {
        let violation = object([
            ("field", param.clone().into()),
            ("description", problem.message.clone().into()),
        ]);
        details.push(object([
            ("@type", "type.googleapis.com/google.rpc.BadRequest".into()),
            ("fieldViolations", Value::Array(vec![violation])),
        ]));
    }
    if let Some(ms) = problem.retry_after_ms {
        details.push(object([
            ("@type", "type.googleapis.com/google.rpc.RetryInfo".into()),
            ("retryDelay", format!("{}s", ms.div_ceil(1000)).into()),
        ]));
    }
    let mut error = object([
        ("code", u64::from(problem.status().as_u16()).into()),
        ("message", problem.message.clone().into()),
        ("status", word(problem.kind).into()),
    ]);
    if let (Some(members), false) = (error.as_object_mut(), details.is_empty()) {
        members.insert("details", Value::Array(details));
    }
    object([("error", error)])
}

fn word(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Unauthorized => "UNAUTHENTICATED",
        ProblemKind::ShutOut => "RESOURCE_EXHAUSTED",
        ProblemKind::UnknownPath | ProblemKind::NotFound => "NOT_FOUND",
        ProblemKind::TooLarge | ProblemKind::Encoding | ProblemKind::WrongMethod => {
            "INVALID_ARGUMENT"
        }
        ProblemKind::Gateway(kind) => match kind {
            ErrorKind::Exhausted | ErrorKind::Limited => "RESOURCE_EXHAUSTED",
            ErrorKind::UnknownModel => "NOT_FOUND",
            ErrorKind::NoProviders => "FAILED_PRECONDITION",
            ErrorKind::UpstreamFailed | ErrorKind::Interrupted => "UNAVAILABLE",
            ErrorKind::UpstreamTimeout => "DEADLINE_EXCEEDED",
            _ => "INVALID_ARGUMENT",
        },
    }
}
