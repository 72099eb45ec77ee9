//! What an answer cost, in Anthropic's members.

use crate::chat::Usage;
use crate::json::{Value, object};

/// Input that came from a cache is counted apart from the rest; writing to one is not told by anybody.
pub(super) fn value(usage: Usage) -> Value<'static> {
    let cached = usage.cached.unwrap_or(0);
    let input = usage.input.unwrap_or(0).saturating_sub(cached);
    object([
        ("input_tokens", Value::from(input)),
        ("cache_creation_input_tokens", Value::from(0_u64)),
        ("cache_read_input_tokens", Value::from(cached)),
        ("output_tokens", Value::from(usage.output.unwrap_or(0))),
    ])
}
