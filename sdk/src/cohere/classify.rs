//! What a reply that is no success means, and what headers tell of a trial key's limits.

use crate::openai::{self, ErrorBody};
use crate::wait::header;
use crate::{Call, Failure, Head, Quota, Scope, Verdict};

const MONTH: u64 = 30 * 86_400;

/// Reads status and body: `{"message": …}`, some with an `error_type`.
#[must_use]
pub fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
    Verdict::Failed(failure_of(call, head, body))
}

pub(super) fn failure_of(call: &Call, head: &Head, body: &[u8]) -> Failure {
    let mut failure = openai::failure(call, head, body);
    let error = ErrorBody::read(body);
    let text = error.message.to_ascii_lowercase();
    let kind = match head.status {
        429 if text.contains("/ month") || text.contains("per month") => "quota-exhausted",
        // Of Cohere's own: the prompt or the answer was blocked.
        498 => "content-filtered",
        400 | 422 if error.json["error_type"] == "TOO_MANY_TOKENS" => "too-long",
        404 if text.contains("was removed") || text.contains("deprecated") => "model-missing",
        _ => return limited(failure, &text),
    };
    kind.clone_into(&mut failure.kind);
    limited(failure, &text)
}

/// A trial key's limits are those of the key, whatever the model.
fn limited(mut failure: Failure, text: &str) -> Failure {
    if text.contains("trial key")
        && matches!(failure.kind.as_str(), "rate-limited" | "quota-exhausted")
    {
        "key".clone_into(&mut failure.scope);
    }
    failure
}

/// `x-trial-endpoint-call-limit` and `-remaining` count a minute, `x-endpoint-monthly-call-limit` a calendar month.
#[must_use]
pub fn quotas(head: &Head) -> Vec<Quota> {
    let amount = |name| header(head, name)?.parse::<u64>().ok();
    let minute = amount("x-trial-endpoint-call-limit").map(|limit| {
        let mut quota = Scope::ACCOUNT.limit("requests", 60, limit);
        quota.remaining = amount("x-trial-endpoint-call-remaining");
        quota
    });
    let month = amount("x-endpoint-monthly-call-limit")
        .map(|limit| Scope::ACCOUNT_DAY_UTC.limit("requests", MONTH, limit));
    minute.into_iter().chain(month).collect()
}
