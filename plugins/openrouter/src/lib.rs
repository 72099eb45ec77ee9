//! OpenRouter: OpenAI's dialect in front of many providers, whose refusals it wraps.

mod catalogue;
mod errors;
#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{self, Dialect};
use freellmapi_sdk::serde_json::Value as Json;
use freellmapi_sdk::{
    Adapter, Call, Failure, Head, Listing, Manifest, Quota, Scope, Verdict, export,
};

/// The adapter.
pub struct OpenRouter;

const HOST: &str = "openrouter.ai";

impl Adapter for OpenRouter {
    fn manifest() -> Manifest {
        Manifest::new("openrouter", "OpenRouter")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://openrouter.ai")
            .key_page("https://openrouter.ai/settings/keys")
            .terms("Free models: 50 requests a day for the whole account, 1,000 once it has bought 10 dollars of credit. Some of their hosts train on prompts, which the privacy settings can refuse.")
            .data_use("trains")
            .reach(HOST, &["POST"], "/api/v1/chat/completions")
            .reach(HOST, &["POST"], "/api/v1/embeddings")
            .reach(HOST, &["GET"], "/api/v1/models")
            .reach(HOST, &["GET"], "/api/v1/key")
            .api_key("sk-or-[A-Za-z0-9-]{20,}")
            .tools()
            .tasks(&["embeddings"])
            .limit(Scope::ACCOUNT, "requests", 60, 20)
            .models(catalogue::models())
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/api/v1")
            .check("/key")
            .header("http-referer", "http://localhost:3001")
            .header("x-title", "FreeLLMAPI")
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        Verdict::Failed(errors::failure(call, head, body))
    }

    /// It tells no limits with its answers, only with a refusal.
    fn quotas(_: &Call, _: &Head) -> Vec<Quota> {
        Vec::new()
    }

    /// Hundreds of models cost money; the list keeps those that do not.
    fn decode_models(_: &Call, _: &Head, body: &[u8]) -> Result<Listing, Failure> {
        let free =
            |price: &Json| price.as_str().and_then(|text| text.parse::<f64>().ok()) == Some(0.0);
        let models = openai::entries(body)?
            .iter()
            .filter(|entry| {
                free(&entry["pricing"]["prompt"]) && free(&entry["pricing"]["completion"])
            })
            .filter_map(|entry| {
                let mut model = openai::model(entry)?;
                model.max_output = entry["top_provider"]["max_completion_tokens"].as_u64();
                Some(model)
            })
            .collect();
        Ok(Listing {
            models,
            next: None,
            extra: Vec::new(),
        })
    }
}

export!(OpenRouter);
