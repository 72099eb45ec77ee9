//! Errors in Ollama's shape: `{"error": "text"}`.

use crate::api::problem::Problem;
use crate::json::{Value, object};

/// The body, as it is also sent in the middle of a stream.
#[must_use]
pub fn body(problem: &Problem) -> Vec<u8> {
    object([("error", Value::from(problem.message.clone()))]).to_vec()
}
