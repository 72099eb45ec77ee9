//! OpenRouter's refusals: its own, and those of the provider behind it.

use freellmapi_sdk::openai::ErrorBody;
use freellmapi_sdk::serde_json::Value as Json;
use freellmapi_sdk::wait::LONGEST_MS;
use freellmapi_sdk::{Call, Failure, Head, Scope, openai};

pub(crate) fn failure(call: &Call, head: &Head, body: &[u8]) -> Failure {
    let error = ErrorBody::read(body);
    let mut failure = openai::failure(call, head, body);
    let says = |words: &str| error.message.contains(words);
    if failure.kind == "model-missing"
        && says("No endpoints found")
        && !says("No endpoints found for")
    {
        // The model is there, but not with tools, cache marks or this account's privacy: another one may do.
        failure.kind = "unsupported".to_owned();
    } else if says("Token limit reached") {
        failure.kind = "too-long".to_owned();
    } else if matches!(failure.kind.as_str(), "rate-limited" | "quota-exhausted") {
        limited(call, &error, &mut failure);
    }
    failure
}

/// Either the account has spent its free requests (`free-models-per-day`, `-per-min`), which the body tells in
/// headers of its own, or the provider behind is busy, which is the model's matter alone.
fn limited(call: &Call, error: &ErrorBody, failure: &mut Failure) {
    let metadata = &error.json["error"]["metadata"];
    if !error.message.contains("free-models-per-") {
        failure.scope = "model".to_owned();
        return;
    }
    failure.scope = "account".to_owned();
    let day = failure.kind == "quota-exhausted";
    let told = &metadata["headers"];
    if let Some(reset) = number(&told["X-RateLimit-Reset"]) {
        // A moment, milliseconds since 1970.
        failure.retry_after_ms = Some(reset.saturating_sub(call.now_ms).min(LONGEST_MS));
    } else if day {
        failure.retry_after_ms = Some(LONGEST_MS - call.now_ms % LONGEST_MS);
    }
    if let Some(limit) = number(&told["X-RateLimit-Limit"]) {
        let (scope, window) = match day {
            true => (Scope::ACCOUNT_DAY_UTC, 86_400),
            false => (Scope::ACCOUNT, 60),
        };
        let mut quota = scope.limit("requests", window, limit);
        quota.remaining = number(&told["X-RateLimit-Remaining"]);
        quota.reset_ms = failure.retry_after_ms;
        failure.quotas.push(quota);
    }
}

fn number(value: &Json) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}
