//! Refusals that every provider of OpenAI's dialect may send; their bytes are invented in its documented shape.

use super::{Refusal, listed, refusals};
use crate::Adapter;

/// Classifies the usual refusals.
///
/// # Panics
/// If one comes to something else than it should.
#[track_caller]
pub fn refuses_as_usual<A: Adapter>() {
    const USUAL: &[Refusal<'_>] = &[
        (
            429,
            &[("retry-after", "7")],
            r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#,
            "rate-limited",
            Some(7000),
        ),
        (
            401,
            &[],
            r#"{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}"#,
            "key-invalid",
            None,
        ),
        (
            404,
            &[],
            r#"{"error":{"message":"The model `m` does not exist","code":"model_not_found"}}"#,
            "model-missing",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens","code":"context_length_exceeded"}}"#,
            "too-long",
            None,
        ),
        (
            402,
            &[],
            r#"{"error":{"message":"Insufficient credits"}}"#,
            "payment-required",
            None,
        ),
        (503, &[], "<html>busy</html>", "overloaded", None),
        (502, &[], "", "upstream-broken", None),
    ];
    refusals::<A>(USUAL);
}

/// The names of the models that the plugin keeps of a list.
///
/// # Panics
/// If it is none.
#[must_use]
#[track_caller]
pub fn kept<A: Adapter>(list: &str) -> Vec<String> {
    listed::<A>(list)
        .into_iter()
        .map(|model| model.id)
        .collect()
}
