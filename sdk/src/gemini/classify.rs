//! Google's errors in the router's words.
//!
//! `{"error": {"code", "message", "status", "details": [ErrorInfo, QuotaFailure, RetryInfo]}}`; before a stream,
//! sometimes in a list of one.

use serde_json::Value as Json;

use crate::openai::{self, ErrorBody};
use crate::{Call, Failure, Head, Quota, Verdict, failure, wait};

const MINUTE: u64 = 60;
const DAY: u64 = 86_400;

/// Where Google's days begin.
const PACIFIC: &str = "America/Los_Angeles";

/// Reasons of `ErrorInfo` that say the key itself is no good.
const BAD_KEY: &[&str] = &["API_KEY_INVALID", "API_KEY_EXPIRED", "ACCESS_TOKEN_EXPIRED"];
const BAD_KEY_WORDS: &[&str] = &[
    "api key not valid",
    "api key expired",
    "api key not found",
    "reported as leaked",
];
/// The key may be good, but not from here or not for this.
const FORBIDDEN_WORDS: &[&str] = &["location is not supported", "has not been used in project"];
const UNPAID_WORDS: &[&str] = &[
    "enable billing",
    "billing to be enabled",
    "prepayment credits are depleted",
    "billing account",
];
const TOO_LONG_WORDS: &[&str] = &[
    "exceeds the maximum number of tokens",
    "input token count",
    "payload size exceeds",
];
/// What another provider may well do: the client's request is not wrong.
const UNSUPPORTED_WORDS: &[&str] = &[
    "thought_signature",
    "thought signature",
    "cannot fetch content",
    "is not enabled for",
    "not supported",
    "unsupported",
    "unknown name",
    "function_declarations",
    "response_schema",
    "invalid json payload",
];

/// Says what a reply that is no success means.
#[must_use]
pub fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
    Verdict::Failed(failure_of(call, head, body))
}

/// The same for an error inside a 2xx reply, whose code then counts as the status.
pub(super) fn failure_of(call: &Call, head: &Head, body: &[u8]) -> Failure {
    let error = ErrorBody::read(body);
    let details = details(&error.json);
    let status = match head.status {
        200..=299 => error.code.parse().unwrap_or(500),
        status => status,
    };
    let text = error.message.to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let reason = |names: &[&str]| {
        let told = details
            .iter()
            .filter_map(|detail| detail["reason"].as_str());
        told.into_iter().any(|reason| names.contains(&reason))
    };
    let quotas: Vec<Quota> = violations(&details).filter_map(quota).collect();
    let told = wait::told(call, head, &error.json, &error.message);
    let kind = match status {
        400..=499 if reason(BAD_KEY) || any(BAD_KEY_WORDS) => "key-invalid",
        401 => "key-invalid",
        400..=499 if any(FORBIDDEN_WORDS) => "key-forbidden",
        400 | 402 | 403 | 429 if any(UNPAID_WORDS) && quotas.is_empty() => "payment-required",
        403 => "key-forbidden",
        404 => "model-missing",
        429 if quotas
            .iter()
            .any(|quota| quota.window_s == DAY || quota.limit == Some(0)) =>
        {
            "quota-exhausted"
        }
        429 => "rate-limited",
        400 | 413 if any(TOO_LONG_WORDS) => "too-long",
        400 if any(UNSUPPORTED_WORDS) => "unsupported",
        400 => "invalid-request",
        503 | 504 | 529 => "overloaded",
        500 => "upstream-broken",
        // Something else stands before Google.
        _ => return openai::failure(call, head, body),
    };
    let mut failure = failure::of(kind, message(&error, head.status));
    match kind {
        "rate-limited" | "overloaded" => failure.retry_after_ms = told,
        // A day's limit comes with a short delay too, which would only bring the same answer again.
        "quota-exhausted" => failure.scope = "model".to_owned(),
        _ => {}
    }
    failure.quotas = quotas
        .into_iter()
        .map(|mut quota| {
            if quota.window_s == MINUTE {
                quota.reset_ms = told;
            }
            quota
        })
        .collect();
    failure
}

fn details(json: &Json) -> Vec<Json> {
    let top = json
        .as_array()
        .and_then(|list| list.first())
        .unwrap_or(json);
    match &top["error"]["details"] {
        Json::Array(list) => list.clone(),
        _ => Vec::new(),
    }
}

fn violations(details: &[Json]) -> impl Iterator<Item = &Json> {
    details
        .iter()
        .filter_map(|detail| detail["violations"].as_array())
        .flatten()
}

/// `GenerateRequestsPerDayPerProjectPerModel-FreeTier`: what is counted, how long, for whom.
fn quota(violation: &Json) -> Option<Quota> {
    let id = violation["quotaId"].as_str()?;
    let (window_s, anchor) = if id.contains("PerDay") {
        (DAY, PACIFIC)
    } else if id.contains("PerMinute") {
        (MINUTE, "rolling")
    } else {
        return None;
    };
    let unit = if id.contains("InputTokens") {
        "input-tokens"
    } else if id.contains("OutputTokens") {
        "output-tokens"
    } else if id.contains("Tokens") {
        "tokens"
    } else {
        "requests"
    };
    let scope = if id.contains("PerModel") {
        "model"
    } else {
        "account"
    };
    let value = &violation["quotaValue"];
    let limit = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    Some(Quota {
        unit: unit.to_owned(),
        window_s,
        scope: scope.to_owned(),
        anchor: anchor.to_owned(),
        limit,
        remaining: Some(0),
        reset_ms: None,
        extra: Vec::new(),
    })
}

fn message(error: &ErrorBody, status: u16) -> String {
    if error.message.is_empty() {
        format!("status {status}")
    } else {
        error.message.chars().take(1000).collect()
    }
}
