//! Aion Labs: OpenAI's dialect; models for stories and role play, built on others' open models.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Model, export};

/// The adapter.
pub struct Aion;

const HOST: &str = "api.aionlabs.ai";

const MODELS: &str = "
aion-labs/aion-3.5             | Aion 3.5           | aion-3.5      | 262144 | 32768 | 790 | tools reasoning
aion-labs/aion-3.0             | Aion 3.0           | aion-3.0      | 131072 | 32768 | 750 | tools reasoning
aion-labs/aion-3.0-mini        | Aion 3.0 Mini      | aion-3.0-mini | 131072 | 32768 | 650 | tools reasoning
aion-labs/aion-2.0             | Aion 2.0           | aion-2.0      | 131072 | 32768 | 700 | reasoning
aion-labs/aion-rp-llama-3.1-8b | Aion-RP 1.0 (8B)   | -             | 32768  | 29000 | 420 |
";

impl Adapter for Aion {
    fn manifest() -> Manifest {
        Manifest::new("aion", "Aion Labs")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://www.aionlabs.ai")
            .key_page("https://www.aionlabs.ai/dashboard")
            .terms("Paid by tokens; what is free is the credit that the account was given.")
            .chats_at(HOST, "/v1")
            .api_key("[A-Za-z0-9._-]{16,}")
            .tools()
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1").remove("/messages/*/reasoning_content")
    }
}

export!(Aion);
