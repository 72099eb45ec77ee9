//! What a reply that is no success means, in the router's words.

use super::{ErrorBody, quotas};
use crate::{Call, Failure, Head, Quota, failure, wait};

const TOO_LONG: &[&str] = &[
    "context_length_exceeded",
    "context length",
    "context window",
    "context size",
    "maximum context",
    "maximum number of tokens",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "messages is too long",
    "too many tokens",
    "reduce the length of",
    "request too large",
    "string_above_max_length",
];
const FILTERED: &[&str] = &[
    "content_filter",
    "content filter",
    "content_policy",
    "content management policy",
    "moderation",
    "flagged",
    "safety system",
];
const MISSING: &[&str] = &[
    "model_not_found",
    "model_decommissioned",
    "model not found",
    "model does not exist",
    "does not exist or you do not have access",
    "no such model",
    "not a valid model",
    "invalid model",
    "unknown model",
    "has been decommissioned",
    "no longer supported",
    "unknown_model",
];
const UNPAID: &[&str] = &[
    "insufficient_quota",
    "insufficient credit",
    "insufficient balance",
    "insufficient funds",
    "insufficient_balance",
    "out of credits",
    "exceeded your monthly included credits",
    "billing_hard_limit",
    "billing hard limit",
    "payment required",
    "requires a subscription",
];
const BAD_KEY: &[&str] = &[
    "invalid_api_key",
    "invalid api key",
    "incorrect api key",
    "api key not valid",
    "api_key_invalid",
    "authentication_error",
    "invalid authentication",
];
const DAILY: &[&str] = &[
    "per day",
    "per-day",
    "/day",
    "daily",
    "(rpd)",
    "(tpd)",
    "free-models-per-day",
];
const CANNOT: &[&str] = &[
    "does not support",
    "doesn't support",
    "not supported",
    "unsupported",
    "only supports",
];
const BUSY: &[&str] = &[
    "overloaded",
    "over capacity",
    "no capacity",
    "capacity temporarily",
    "currently loading",
    "is loading",
    "degraded",
    "temporarily unavailable",
];

/// Reads status, headers and body. Also for an error inside a 200: the status is then the error's own code.
#[must_use]
pub fn failure(call: &Call, head: &Head, body: &[u8]) -> Failure {
    failure_of(call, head, body, (60, 60), &[])
}

/// What a provider means by words of its own, wherever in an error's code, type or message they stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// In lower case.
    pub(crate) words: &'static str,
    /// As in `failure.kind`.
    pub(crate) kind: &'static str,
    /// As in `failure.scope`.
    pub(crate) scope: &'static str,
}

/// The same where the `x-ratelimit-*` headers count other `windows`, as in [`quotas`], and the first of `faults` that is
/// there counts before all else.
pub(crate) fn failure_of(
    call: &Call,
    head: &Head,
    body: &[u8],
    windows: (u64, u64),
    faults: &[Fault],
) -> Failure {
    let error = ErrorBody::read(body);
    let status = match head.status {
        200..=299 => error
            .code
            .parse()
            .ok()
            .filter(|code| (400..600).contains(code))
            .unwrap_or(head.status),
        status => status,
    };
    let text = format!("{} {} {}", error.code, error.kind, error.message).to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let told = wait::told(call, head, &error.json, &error.message);
    let fault = faults.iter().find(|fault| text.contains(fault.words));
    let kind = match status {
        _ if let Some(fault) = fault => fault.kind,
        402 if told.is_some() => "rate-limited",
        402 => "payment-required",
        429 if any(UNPAID) => "payment-required",
        429 if any(DAILY) => "quota-exhausted",
        429 => "rate-limited",
        401 => "key-invalid",
        _ if any(BAD_KEY) && status < 500 => "key-invalid",
        413 => "too-long",
        _ if any(TOO_LONG) && status < 500 => "too-long",
        403 if any(FILTERED) => "content-filtered",
        403 if any(UNPAID) => "payment-required",
        403 => "key-forbidden",
        404 | 410 => "model-missing",
        400 | 422 if any(FILTERED) => "content-filtered",
        400 | 422 if any(MISSING) => "model-missing",
        400 | 422 if any(UNPAID) => "payment-required",
        400 | 422 if any(CANNOT) => "unsupported",
        400 | 405..=407 | 409 | 411 | 412 | 414..=417 | 422 => "invalid-request",
        408 | 498 | 503 | 504 | 524 | 529 => "overloaded",
        500.. if any(BUSY) => "overloaded",
        300.. => "upstream-broken",
        _ if any(UNPAID) => "payment-required",
        _ if text.contains("rate_limit") || text.contains("rate limit") => "rate-limited",
        _ if any(FILTERED) => "content-filtered",
        _ if any(BUSY) => "overloaded",
        _ => "upstream-broken",
    };
    let limits = quotas(head, windows);
    let mut failure = failure::of(kind, message(&error, head.status));
    if matches!(kind, "rate-limited" | "quota-exhausted" | "overloaded") {
        failure.retry_after_ms = told.or_else(|| spent(&limits));
    }
    if kind == "quota-exhausted" {
        failure.scope = "model".to_owned();
    }
    if let Some(fault) = fault.filter(|fault| !fault.scope.is_empty()) {
        failure.scope = fault.scope.to_owned();
    }
    failure.quotas = limits;
    failure
}

/// Until the meter that is spent is full again.
fn spent(limits: &[Quota]) -> Option<u64> {
    limits
        .iter()
        .filter(|quota| quota.remaining == Some(0))
        .filter_map(|quota| quota.reset_ms)
        .max()
        .map(|wait| wait.min(wait::LONGEST_MS))
}

fn message(error: &ErrorBody, status: u16) -> String {
    if error.message.is_empty() {
        format!("status {status}")
    } else {
        error.message.chars().take(1000).collect()
    }
}
