//! Mistral: OpenAI's dialect, which answers 422 to any member it does not know.

mod catalogue;
#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::wait::header;
use freellmapi_sdk::{
    Adapter, Call, Head, Manifest, Quota, Scope, Verdict, export, failure, openai,
};

/// The adapter.
pub struct Mistral;

const HOST: &str = "api.mistral.ai";

/// All that the chat endpoint takes of a request.
const KNOWN: &[&str] = &[
    "model",
    "messages",
    "stream",
    "max_tokens",
    "temperature",
    "top_p",
    "n",
    "stop",
    "random_seed",
    "presence_penalty",
    "frequency_penalty",
    "response_format",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "prediction",
];

impl Adapter for Mistral {
    fn manifest() -> Manifest {
        Manifest::new("mistral", "Mistral")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://mistral.ai")
            .key_page("https://console.mistral.ai/api-keys")
            .terms("On the free plan, requests may be used to train models unless you opt out in the console.")
            .data_use("trains")
            .region("EU")
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .reach(HOST, &["POST"], "/v1/embeddings")
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("[A-Za-z0-9]{20,}")
            .tools()
            .tasks(&["embeddings"])
            .models(catalogue::models())
    }

    fn dialect(call: &Call) -> Dialect {
        let dialect = Dialect::at(HOST, "/v1").no_stream_options();
        match call.operation.as_str() {
            "chat" => {}
            // What it takes for vectors is its own: one length only, and no name of the user.
            "embeddings" => return dialect.retain("", &["model", "input"]),
            _ => return dialect,
        }
        dialect
            .rename("/seed", "random_seed")
            .rename("/max_completion_tokens", "max_tokens")
            .retain("", KNOWN)
            .retain(
                "/messages/*",
                &["role", "content", "name", "tool_calls", "tool_call_id"],
            )
            .retain("/messages/*/tool_calls/*", &["id", "type", "function"])
            .replace("/messages/*/role", "developer", Some("system"))
            .replace("/tool_choice", "required", Some("any"))
            .map_call_ids(9)
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let mut failure = openai::failure(call, head, body);
        let error = openai::ErrorBody::read(body);
        // Its type is not always the fitting one.
        let full = error.message.contains("tier capacity exceeded");
        if full || error.kind.contains("capacity_exceeded") {
            // All of the free plan is full, whoever asks: no key of ours is spent.
            failure = failure::of("overloaded", error.message);
        }
        failure.quotas = Self::quotas(call, head);
        Verdict::Failed(failure)
    }

    /// `x-ratelimit-limit-req-minute` and its like: Mistral's own order of words.
    fn quotas(_: &Call, head: &Head) -> Vec<Quota> {
        [("requests", "req-minute"), ("tokens", "tokens-minute")]
            .into_iter()
            .filter_map(|(unit, words)| {
                let amount = |what| {
                    header(head, &format!("x-ratelimit-{what}-{words}"))?
                        .parse()
                        .ok()
                };
                let mut quota = Scope::MODEL.limit(unit, 60, amount("limit")?);
                quota.remaining = amount("remaining");
                Some(quota)
            })
            .collect()
    }
}

export!(Mistral);
