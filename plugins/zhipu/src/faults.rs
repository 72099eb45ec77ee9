//! What the numbers mean; from the table of error codes in the documentation of both consoles. They count whatever the
//! status: a stream that begins with 200 may hold one.

use freellmapi_sdk::{Call, Failure, Head, failure, openai, wait};

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// China's time, which the texts mean and whose midnight ends a day. That the printed times are of it is an assumption.
const AHEAD_MS: u64 = 8 * HOUR_MS;

/// The kind and who rests; empty is the kind's default.
fn meaning(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        1000..=1004 | 1110..=1112 | 1121 => ("key-invalid", ""),
        // No balance: the models that cost nothing still answer.
        1113 => ("payment-required", "model"),
        1309 => ("payment-required", ""),
        1120 | 1234 | 500 => ("overloaded", ""),
        1200 | 1230 => ("upstream-broken", ""),
        1210 | 1213..=1215 => ("invalid-request", ""),
        1211 | 1221 | 1222 => ("model-missing", ""),
        1212 => ("unsupported", ""),
        1220 | 1311 => ("key-forbidden", ""),
        1261 => ("too-long", ""),
        1300 | 1301 => ("content-filtered", ""),
        // The account's requests at a time, or in a while.
        1302 | 1303 | 1313 => ("rate-limited", "key"),
        1304 | 1308 | 1310 => ("quota-exhausted", "model"),
        // The model is full, whoever asks: another key of ours does not help.
        1305 | 1312 => ("overloaded", "ip-model"),
        _ => return None,
    })
}

pub(crate) fn failure(call: &Call, head: &Head, body: &[u8]) -> Failure {
    let error = openai::ErrorBody::read(body);
    let code = error.code.parse().ok();
    let Some((kind, scope)) = code.and_then(meaning) else {
        return openai::failure(call, head, body);
    };
    let mut failure = failure::of(kind, error.message.chars().take(1000).collect::<String>());
    scope.clone_into(&mut failure.scope);
    failure.retry_after_ms = match code {
        Some(1304) => Some(DAY_MS - (call.now_ms + AHEAD_MS) % DAY_MS),
        Some(1308 | 1310) => wait::date_time(&error.message)
            .map(|at| at.saturating_sub(AHEAD_MS).saturating_sub(call.now_ms)),
        _ if matches!(kind, "rate-limited" | "overloaded") => {
            wait::told(call, head, &error.json, &error.message)
        }
        _ => None,
    };
    failure
}
