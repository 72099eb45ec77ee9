//! Hugging Face: OpenAI's dialect in front of many providers, paid from one small monthly credit.

#[cfg(test)]
mod tests;
mod vectors;

use freellmapi_sdk::openai::{self, Dialect};
use freellmapi_sdk::serde_json::Value as Json;
use freellmapi_sdk::{
    Adapter, Call, Failure, Head, Input, Listing, Manifest, Model, Outcome, RawModel, Request,
    Scope, export,
};

/// The adapter.
pub struct HuggingFace;

const HOST: &str = "router.huggingface.co";

/// Ten cents a calendar month, in millionths of a dollar.
const CREDIT: u64 = 100_000;
const MONTH: u64 = 30 * 86_400;

const MODELS: &str = "
Qwen/Qwen3-Coder-Next         | Qwen 3 Coder Next | qwen3-coder-next  | 262144 | - | 930 | tools
moonshotai/Kimi-K2.6          | Kimi K2.6         | kimi-k2.6         | 262144 | - | 930 | tools reasoning
deepseek-ai/DeepSeek-V4-Flash | DeepSeek V4 Flash | deepseek-v4-flash | 131072 | - | 910 | tools reasoning
";

impl Adapter for HuggingFace {
    const MENDS: bool = true;

    fn manifest() -> Manifest {
        Manifest::new("huggingface", "Hugging Face")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://huggingface.co/docs/inference-providers")
            .key_page("https://huggingface.co/settings/tokens")
            .terms("A free account has a credit of about ten cents a month; each model is served on its provider's own terms.")
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .reach(HOST, &["POST"], "/hf-inference/models")
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("hf_[A-Za-z0-9]{20,}")
            .tools()
            .reads(&["chat"])
            .decodes(&["chat"])
            .limit(Scope::ACCOUNT_DAY_UTC, "microusd", MONTH, CREDIT)
            .models(Model::table(MODELS))
            .models([vectors::model()])
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
            .check_by_asking()
            .remove("/messages/*/reasoning_content")
            .think_in_text()
            .calls_in_text()
            .fault("model_not_supported", "model-missing")
            .fault("not supported by any provider", "model-missing")
            .fault("included credits", "payment-required")
    }

    fn encode(call: &Call, input: &Input) -> Result<Request, Failure> {
        match call.operation.as_str() {
            "embeddings" => vectors::ask(call),
            _ => Self::dialect(call).plan_for(call, input),
        }
    }

    fn decode(call: &Call, _: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        let reply = match call.operation.as_str() {
            "embeddings" => vectors::read(call, body)?,
            _ => openai::mended(Self::dialect(call).mending(), call, body),
        };
        Ok(Outcome::Done(reply))
    }

    fn decode_models(_: &Call, _: &Head, body: &[u8]) -> Result<Listing, Failure> {
        Ok(Listing {
            models: openai::entries(body)?.iter().filter_map(model).collect(),
            next: None,
            extra: Vec::new(),
        })
    }
}

/// What a model can do is told by each provider of it; the router takes one that can.
fn model(entry: &Json) -> Option<RawModel> {
    let mut model = openai::model(entry)?;
    let providers = entry["providers"].as_array()?;
    let live = || providers.iter().filter(|one| one["status"] == "live");
    live().next()?;
    model.context = live()
        .filter_map(|one| one["context_length"].as_u64())
        .max();
    for (name, word) in [
        ("supports_tools", "tools"),
        ("supports_structured_output", "json-schema"),
    ] {
        if live().any(|one| one[name] == true) {
            model.traits.push(word.to_owned());
        }
    }
    Some(model)
}

export!(HuggingFace);
