//! Tokens used, as upstreams tell them.

use crate::json::{Value, object};

/// What an upstream says was used; `None` is "not told".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Prompt tokens, cached ones included.
    pub input: Option<u64>,
    /// Answer tokens, reasoning included.
    pub output: Option<u64>,
    /// Of `input`, read from a cache.
    pub cached: Option<u64>,
    /// Of `output`, spent on reasoning.
    pub reasoning: Option<u64>,
}

impl Usage {
    /// Reads a `usage` object; `None` if it is none or tells nothing.
    #[must_use]
    pub fn read(value: &Value<'_>) -> Option<Self> {
        let first = |names: &[&str]| names.iter().find_map(|name| value.pointer(name)?.as_u64());
        let input = first(&["/prompt_tokens", "/input_tokens"]);
        let total = first(&["/total_tokens"]);
        let usage = Usage {
            input,
            output: first(&["/completion_tokens", "/output_tokens"]).or_else(|| {
                total
                    .zip(input)
                    .and_then(|(total, input)| total.checked_sub(input))
            }),
            cached: first(&[
                "/prompt_tokens_details/cached_tokens",
                "/input_tokens_details/cached_tokens",
                "/prompt_cache_hit_tokens",
            ]),
            reasoning: first(&[
                "/completion_tokens_details/reasoning_tokens",
                "/output_tokens_details/reasoning_tokens",
                "/reasoning_tokens",
            ]),
        };
        (usage != Usage::default()).then_some(usage)
    }

    /// As a `usage` object of a chat completion. What was not told is 0, or left out where it may be.
    #[must_use]
    pub fn to_value(self) -> Value<'static> {
        let (input, output) = (self.input.unwrap_or(0), self.output.unwrap_or(0));
        let mut usage = object([
            ("prompt_tokens", input.into()),
            ("completion_tokens", output.into()),
            ("total_tokens", input.saturating_add(output).into()),
        ]);
        if let Some(members) = usage.as_object_mut() {
            if let Some(cached) = self.cached {
                members.insert(
                    "prompt_tokens_details",
                    object([("cached_tokens", cached.into())]),
                );
            }
            if let Some(reasoning) = self.reasoning {
                members.insert(
                    "completion_tokens_details",
                    object([("reasoning_tokens", reasoning.into())]),
                );
            }
        }
        usage
    }

    /// What `self` tells, and what only `before` told.
    #[must_use]
    pub fn or(self, before: Usage) -> Usage {
        Usage {
            input: self.input.or(before.input),
            output: self.output.or(before.output),
            cached: self.cached.or(before.cached),
            reasoning: self.reasoning.or(before.reasoning),
        }
    }
}
