//! SEA-LION of AI Singapore: OpenAI's dialect; models for the languages of Southeast Asia.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Model, Scope, export};

/// The adapter.
pub struct SeaLion;

const HOST: &str = "api.sea-lion.ai";

const MODELS: &str = "
aisingapore/Gemma-SEA-LION-v4-27B-IT    | Gemma SEA-LION v4 27B   | gemma-sea-lion-v4-27b   | 131072 | - | 560 | vision
aisingapore/Qwen-SEA-LION-v4-32B-IT     | Qwen SEA-LION v4 32B    | qwen-sea-lion-v4-32b    | 32768  | - | 600 | tools
aisingapore/Llama-SEA-LION-v3.5-70B-R   | Llama SEA-LION v3.5 70B | llama-sea-lion-v3.5-70b | 131072 | - | 640 | reasoning
aisingapore/Llama-SEA-LION-v3-70B-IT    | Llama SEA-LION v3 70B   | llama-sea-lion-v3-70b   | 131072 | - | 610 |
";

impl Adapter for SeaLion {
    const MENDS: bool = true;

    fn manifest() -> Manifest {
        Manifest::new("sealion", "SEA-LION")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://sea-lion.ai")
            .key_page("https://playground.sea-lion.ai/")
            .terms("Trial keys, one for each user: 10 requests a minute.")
            .region("SG")
            .chats_at(HOST, "/v1")
            .reach(HOST, &["POST"], "/v1/embeddings")
            .api_key("sk-[A-Za-z0-9_-]{10,}")
            .tools()
            .tasks(&["embeddings"])
            .decodes(&["chat"])
            .limit(Scope::ACCOUNT, "requests", 60, 10)
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        // Its reasoning models think aloud.
        Dialect::at(HOST, "/v1").think_in_text()
    }
}

export!(SeaLion);
