//! Any server that speaks OpenAI's dialect, at an address the user gives: llama.cpp, LM Studio, vLLM, Ollama,
//! or a provider that has no plugin of its own.
//!
//! Nothing is edited: what stands behind the address is unknown, and so is what it would refuse.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, export};

/// The adapter.
pub struct OpenAiCompatible;

impl Adapter for OpenAiCompatible {
    fn manifest() -> Manifest {
        Manifest::new("openai-compatible", "OpenAI-compatible endpoint")
            .version(env!("CARGO_PKG_VERSION"))
            .terms("You give the address; the terms of whoever answers there apply.")
            .user_base(&["GET", "POST"])
            .api_key("")
            .optional()
            .tools()
            .tasks(&[
                "completions",
                "embeddings",
                "images",
                "image-edits",
                "speech",
            ])
            .tasks(&["transcription", "translation", "rerank", "moderation"])
            // Without limits to read there is no call into the plugin for a good reply.
            .reads_headers(&["retry-after*"])
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at_user_base()
    }
}

export!(OpenAiCompatible);

#[cfg(test)]
mod tests;
