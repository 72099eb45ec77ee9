//! Cloudflare's error numbers, which mean the same under any status.

use freellmapi_sdk::openai::ErrorBody;
use freellmapi_sdk::wait::{self, LONGEST_MS};
use freellmapi_sdk::{Call, Failure, Head, failure as make, openai};

pub(crate) fn failure(call: &Call, head: &Head, body: &[u8]) -> Failure {
    let error = ErrorBody::read(body);
    let kind = match error.code.as_str() {
        "5007" | "3042" => "model-missing",
        // The second one is what its models really answer; some put only words around it.
        "3036" | "4006" => "quota-exhausted",
        _ if error.message.contains("daily free allocation") => "quota-exhausted",
        "3040" | "3007" | "3008" => "overloaded",
        "3006" => "too-long",
        "5004" | "5005" | "5006" => "invalid-request",
        "1000" | "9106" | "9109" | "10000" | "10001" => "key-invalid",
        "7000" | "7003" => {
            // Its own words repeat the path, which holds whatever was typed as the account.
            return make::of(
                "key-forbidden",
                "Cloudflare knows no such account; check the account ID",
            );
        }
        _ => return openai::failure(call, head, body),
    };
    let mut failure = make::of(kind, error.message);
    if kind == "quota-exhausted" {
        failure.scope = "account".to_owned();
        let now = wait::header(head, "date")
            .and_then(wait::http_date)
            .unwrap_or(call.now_ms);
        failure.retry_after_ms = Some(LONGEST_MS - now % LONGEST_MS);
    } else if kind == "overloaded" {
        failure.retry_after_ms =
            wait::header(head, "retry-after").and_then(|text| wait::retry_after(text, call.now_ms));
    }
    failure
}
