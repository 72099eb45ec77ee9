//! Any server that speaks OpenAI's dialect, at an address that the user types: llama.cpp, LM Studio, vLLM, Ollama,
//! or another gateway.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, export};

/// The plugin.
pub struct OpenAiCompatible;

impl Adapter for OpenAiCompatible {
    fn manifest() -> Manifest {
        Manifest::new("openai-compatible", "OpenAI-compatible server")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://platform.openai.com/docs/api-reference/chat")
            .terms("Your own server, or one whose terms you have read.")
            .user_base(&["GET", "POST"])
            .api_key("")
            .optional()
            .tools()
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at_user_base()
    }
}

export!(OpenAiCompatible);
