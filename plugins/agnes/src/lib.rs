//! Agnes AI: OpenAI's dialect behind a LiteLLM proxy, whose errors it passes on.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{Dialect, Entry};
use freellmapi_sdk::{Adapter, Call, Manifest, Model, Scope, export};

/// The adapter.
pub struct Agnes;

const HOST: &str = "apihub.agnes-ai.com";

const MODELS: &str = "
agnes-2.0-flash | Agnes 2.0 Flash | agnes-2.0-flash | 524288 | 65536 | 710 | tools vision reasoning
agnes-1.5-flash | Agnes 1.5 Flash | agnes-1.5-flash | 262144 | 65536 | 590 | vision
";

impl Adapter for Agnes {
    fn manifest() -> Manifest {
        Manifest::new("agnes", "Agnes AI")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://agnes-ai.com")
            .key_page("https://platform.agnes-ai.com")
            .terms("Its own models are free without an end, 20 requests a minute; some thirty at a time are answered.")
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("sk-[A-Za-z0-9_-]{10,}")
            .tools()
            .limit(Scope::ACCOUNT, "requests", 60, 20)
            .limit(Scope::ACCOUNT, "concurrent", 0, 30)
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
            .remove("/messages/*/reasoning_content")
            // LiteLLM's words: no server of the model is up; too much was spent; the key may not use the model.
            .fault("no deployments available", "overloaded")
            .fault("budget_exceeded", "payment-required")
            .fault("exceededbudget", "payment-required")
            .fault("key_model_access_denied", "key-forbidden")
            .fault("invalid model name", "model-missing")
    }

    /// The list names pictures and videos too, which are asked for elsewhere.
    fn keeps(row: &Entry) -> bool {
        let id = row["id"].as_str().unwrap_or_default();
        !["-image-", "-video-"].iter().any(|word| id.contains(word))
    }
}

export!(Agnes);
