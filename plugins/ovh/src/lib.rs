//! OVHcloud's AI Endpoints: OpenAI's dialect without any key, two requests a minute for each address and model.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Model, Scope, export};

/// The adapter.
pub struct Ovh;

const HOST: &str = "oai.endpoints.kepler.ai.cloud.ovh.net";

const MODELS: &str = "
Qwen3.5-397B-A17B                  | Qwen 3.5 397B A17B   | qwen3.5-397b      | 262144 | - | 910 | tools reasoning json-object json-schema
gpt-oss-120b                       | GPT-OSS 120B         | gpt-oss-120b      | 131072 | - | 870 | tools reasoning json-object json-schema
Qwen3-Coder-30B-A3B-Instruct       | Qwen 3 Coder 30B A3B | qwen3-coder-30b   | 262144 | - | 710 | tools json-object json-schema
Meta-Llama-3_3-70B-Instruct        | Llama 3.3 70B        | llama-3.3-70b     | 131072 | - | 650 | tools json-object json-schema
gpt-oss-20b                        | GPT-OSS 20B          | gpt-oss-20b       | 131072 | - | 630 | tools reasoning json-object json-schema
Qwen3-32B                          | Qwen 3 32B           | qwen3-32b         | 32768  | - | 610 | tools reasoning json-object json-schema
Mistral-Small-3.2-24B-Instruct-2506 | Mistral Small 3.2    | mistral-small-3.2 | 131072 | - | 610 | tools vision json-object json-schema
Llama-3.1-8B-Instruct              | Llama 3.1 8B         | llama-3.1-8b      | 131072 | - | 430 | tools json-object json-schema
";

impl Adapter for Ovh {
    const MENDS: bool = true;

    fn manifest() -> Manifest {
        let models = Model::table(MODELS).into_iter();
        Manifest::new("ovh", "OVHcloud AI Endpoints")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://www.ovhcloud.com/en/public-cloud/ai-endpoints/")
            .terms("Needs no key: two requests a minute for each address and model. Served from Europe; prompts are not kept.")
            .data_use("private")
            .region("EU")
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .reach(HOST, &["POST"], "/v1/embeddings")
            .reach(HOST, &["GET"], "/v1/models")
            .keyless()
            .tools()
            .reads(&["chat"])
            .decodes(&["chat"])
            .tasks(&["embeddings"])
            .models(models.map(|model| model.limit(Scope::IP_MODEL, "requests", 60, 2)))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
            .credential(None)
            .remove("/messages/*/reasoning_content")
            .think_in_text()
            .calls_in_text()
    }
}

export!(Ovh);
