//! Groq's free models.

use freellmapi_sdk::Model;

/// The catalogue as of this version.
pub(crate) fn models() -> [Model; 9] {
    [
        Model::chat("openai/gpt-oss-120b", "GPT-OSS 120B")
            .family("gpt-oss-120b")
            .context(131_072)
            .max_output(65_536)
            .traits("tools reasoning json-object json-schema")
            .rank(860)
            .limits(30, 1_000, 8_000, 200_000),
        Model::chat("openai/gpt-oss-20b", "GPT-OSS 20B")
            .family("gpt-oss-20b")
            .context(131_072)
            .max_output(65_536)
            .traits("tools reasoning json-object json-schema")
            .rank(680)
            .limits(30, 1_000, 8_000, 200_000),
        Model::chat("openai/gpt-oss-safeguard-20b", "GPT-OSS Safeguard 20B")
            .family("gpt-oss-safeguard-20b")
            .context(131_072)
            .max_output(65_536)
            .traits("tools reasoning json-object json-schema")
            .rank(600)
            .limits(30, 1_000, 8_000, 200_000)
            .note("Made to judge content by a policy, not for general use."),
        Model::chat("meta-llama/llama-4-scout-17b-16e-instruct", "Llama 4 Scout")
            .family("llama-4-scout")
            .context(131_072)
            .max_output(8_192)
            .traits("tools vision json-object json-schema")
            .rank(650)
            .limits(30, 1_000, 30_000, 1_000_000),
        Model::chat("llama-3.3-70b-versatile", "Llama 3.3 70B")
            .family("llama-3.3-70b")
            .context(131_072)
            .max_output(32_768)
            .traits("tools json-object")
            .rank(670)
            .limits(30, 1_000, 12_000, 100_000),
        Model::chat("qwen/qwen3-32b", "Qwen3 32B")
            .family("qwen3-32b")
            .context(131_072)
            .max_output(40_960)
            .traits("tools reasoning json-object")
            .rank(720)
            .limits(60, 1_000, 6_000, 500_000),
        Model::chat("llama-3.1-8b-instant", "Llama 3.1 8B")
            .family("llama-3.1-8b")
            .context(131_072)
            .max_output(131_072)
            .traits("tools json-object")
            .rank(400)
            .limits(30, 14_400, 6_000, 500_000),
        Model::chat("groq/compound", "Compound")
            .context(131_072)
            .max_output(8_192)
            .traits("reasoning json-object")
            .rank(850)
            .limits(30, 250, 70_000, 0)
            .note("Searches the web and runs code by itself; takes no tools of yours."),
        Model::chat("groq/compound-mini", "Compound Mini")
            .context(131_072)
            .max_output(8_192)
            .traits("reasoning json-object")
            .rank(700)
            .limits(30, 250, 70_000, 0)
            .note("As Compound, with one tool call a request."),
    ]
}

/// Words of `reasoning_effort` that a model does not know, and what it takes for them. Empty: it takes none at all.
pub(crate) fn efforts(model: &str) -> &'static [(&'static str, &'static str)] {
    if model.starts_with("openai/gpt-oss") {
        &[("none", "low"), ("minimal", "low"), ("xhigh", "high")]
    } else if model.starts_with("qwen/") {
        &[
            ("minimal", "none"),
            ("low", "default"),
            ("medium", "default"),
            ("high", "default"),
            ("xhigh", "default"),
        ]
    } else {
        &[]
    }
}
