//! The models. All draw on one daily allowance of the account; how much of it a token costs differs by model.

use freellmapi_sdk::Model;

pub(crate) fn models() -> impl Iterator<Item = Model> {
    [
        (
            "@cf/moonshotai/kimi-k2.6",
            "Kimi K2.6",
            262_144,
            950,
            "tools reasoning",
        ),
        (
            "@cf/openai/gpt-oss-120b",
            "GPT-OSS 120B",
            131_072,
            870,
            "tools reasoning",
        ),
        (
            "@cf/qwen/qwen3-30b-a3b-fp8",
            "Qwen 3 30B A3B",
            131_072,
            850,
            "tools reasoning",
        ),
        (
            "@cf/deepseek-ai/deepseek-r1-distill-qwen-32b",
            "DeepSeek R1 Distill Qwen 32B",
            131_072,
            810,
            "tools reasoning",
        ),
        (
            "@cf/nvidia/nemotron-3-120b-a12b",
            "Nemotron 3 120B A12B",
            262_144,
            810,
            "reasoning",
        ),
        (
            "@cf/zai-org/glm-4.7-flash",
            "GLM 4.7 Flash",
            131_072,
            790,
            "tools reasoning",
        ),
        (
            "@cf/meta/llama-4-scout-17b-16e-instruct",
            "Llama 4 Scout",
            131_072,
            750,
            "tools",
        ),
        (
            "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
            "Llama 3.3 70B",
            24_000,
            650,
            "tools",
        ),
        (
            "@cf/google/gemma-4-26b-a4b-it",
            "Gemma 4 26B A4B",
            262_144,
            550,
            "",
        ),
        (
            "@cf/ibm-granite/granite-4.0-h-micro",
            "Granite 4.0 H Micro",
            131_072,
            410,
            "",
        ),
    ]
    .into_iter()
    .map(|(id, label, context, rank, traits)| {
        Model::chat(id, label)
            .context(context)
            .rank(rank)
            .traits(traits)
    })
    .chain(others())
}

/// What does something else than chat.
fn others() -> impl Iterator<Item = Model> {
    let vectors = |id: &str, label, family, context, length| {
        Model::of("embeddings", id, label)
            .family(family)
            .context(context)
            .dimensions(&[length])
    };
    [
        vectors("@cf/baai/bge-m3", "BGE-M3", "bge-m3", 8192, 1024),
        vectors(
            "@cf/google/embeddinggemma-300m",
            "EmbeddingGemma 300M",
            "embeddinggemma-300m",
            2048,
            768,
        ),
        vectors(
            "@cf/qwen/qwen3-embedding-0.6b",
            "Qwen 3 Embedding 0.6B",
            "qwen3-embedding-0.6b",
            4096,
            1024,
        ),
        Model::of(
            "images",
            "@cf/black-forest-labs/flux-1-schnell",
            "FLUX.1 schnell",
        )
        .family("flux-1-schnell")
        .note("Draws squares of 1,024 only."),
        Model::of("speech", "@cf/myshell-ai/melotts", "MeloTTS").note("English, one voice, MP3."),
        Model::of("speech", "@cf/deepgram/aura-1", "Aura 1").note("One voice, MP3."),
        Model::of("transcription", "@cf/openai/whisper", "Whisper").family("whisper"),
    ]
    .into_iter()
}
