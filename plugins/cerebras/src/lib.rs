//! Cerebras: OpenAI's dialect less a few members, with limits told in every reply by words of its own.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{self, Dialect};
use freellmapi_sdk::{Adapter, Call, Head, Manifest, Model, Quota, export};

/// The adapter.
pub struct Cerebras;

const HOST: &str = "api.cerebras.ai";

const MODELS: &str = "
gpt-oss-120b | GPT-OSS 120B | gpt-oss-120b | 131072 | - | 870 | tools reasoning json-object json-schema | 5 2400 30000 1000000
zai-glm-4.7  | GLM 4.7      | glm-4.7      | 8192   | - | 850 | tools reasoning json-object json-schema | 10 100
";

impl Adapter for Cerebras {
    fn manifest() -> Manifest {
        Manifest::new("cerebras", "Cerebras")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://www.cerebras.ai/inference")
            .key_page("https://cloud.cerebras.ai/platform")
            .terms(
                "Limits count for the whole organisation: further keys of one account add nothing.",
            )
            .data_use("private")
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("csk-[A-Za-z0-9]{20,}")
            .tools()
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
            .drop(&["frequency_penalty", "presence_penalty", "logit_bias"])
            .drop(&["service_tier", "top_k", "min_p", "repetition_penalty"])
            .replace("/messages/*/role", "developer", Some("system"))
            .remove("/messages/*/reasoning_content")
            // The servers are full, whoever asks; it comes with the status of a spent limit.
            .fault("queue_exceeded", "overloaded")
            .fault("context_length_exceeded", "too-long")
    }

    fn quotas(_: &Call, head: &Head) -> Vec<Quota> {
        let rows = [
            ("requests", 86_400, "requests-day"),
            ("tokens", 60, "tokens-minute"),
        ];
        openai::meters(head, &rows)
    }
}

export!(Cerebras);
