//! The models that cost nothing. Their limits belong to the account and not to the model: see the manifest.

use freellmapi_sdk::Model;

pub(crate) fn models() -> impl Iterator<Item = Model> {
    [
        (
            "qwen/qwen3-coder:free",
            "Qwen 3 Coder",
            1_048_576,
            950,
            "tools",
        ),
        (
            "moonshotai/kimi-k2.6:free",
            "Kimi K2.6",
            262_144,
            930,
            "tools",
        ),
        (
            "qwen/qwen3-next-80b-a3b-instruct:free",
            "Qwen 3 Next 80B A3B",
            262_144,
            930,
            "tools",
        ),
        (
            "openai/gpt-oss-120b:free",
            "GPT-OSS 120B",
            131_072,
            870,
            "tools reasoning",
        ),
        (
            "nvidia/nemotron-3-ultra-550b-a55b:free",
            "Nemotron 3 Ultra",
            1_000_000,
            850,
            "tools reasoning",
        ),
        (
            "z-ai/glm-4.5-air:free",
            "GLM 4.5 Air",
            131_072,
            830,
            "tools reasoning",
        ),
        ("poolside/laguna-m.1:free", "Laguna M.1", 131_072, 730, ""),
        (
            "meta-llama/llama-3.3-70b-instruct:free",
            "Llama 3.3 70B",
            131_072,
            650,
            "tools",
        ),
        (
            "nousresearch/hermes-3-llama-3.1-405b:free",
            "Hermes 3 405B",
            131_072,
            650,
            "",
        ),
        (
            "openai/gpt-oss-20b:free",
            "GPT-OSS 20B",
            131_072,
            630,
            "tools reasoning",
        ),
        (
            "google/gemma-4-31b-it:free",
            "Gemma 4 31B",
            262_144,
            610,
            "",
        ),
        (
            "google/gemma-4-26b-a4b-it:free",
            "Gemma 4 26B A4B",
            262_144,
            550,
            "",
        ),
        (
            "nvidia/nemotron-3-super-120b-a12b:free",
            "Nemotron 3 Super",
            1_000_000,
            550,
            "tools reasoning",
        ),
        (
            "nvidia/nemotron-3-nano-30b-a3b:free",
            "Nemotron 3 Nano 30B",
            262_144,
            530,
            "reasoning",
        ),
        (
            "nvidia/nemotron-nano-12b-v2-vl:free",
            "Nemotron Nano 12B VL",
            128_000,
            470,
            "tools vision",
        ),
        ("poolside/laguna-xs.2:free", "Laguna XS.2", 131_072, 470, ""),
        (
            "nvidia/nemotron-nano-9b-v2:free",
            "Nemotron Nano 9B",
            128_000,
            430,
            "reasoning",
        ),
        (
            "meta-llama/llama-3.2-3b-instruct:free",
            "Llama 3.2 3B",
            131_072,
            390,
            "",
        ),
    ]
    .into_iter()
    .map(|(id, label, context, rank, traits)| {
        let model = Model::chat(id, label)
            .context(context)
            .rank(rank)
            .traits(traits);
        match id {
            "nvidia/nemotron-3-ultra-550b-a55b:free" => {
                model.note("Often takes three minutes to its first word.")
            }
            _ => model,
        }
    })
    .chain([Model::of(
        "embeddings",
        "nvidia/llama-nemotron-embed-vl-1b-v2",
        "Llama Nemotron Embed VL 1B v2",
    )
    .family("llama-nemotron-embed-vl-1b-v2")
    .context(8192)
    .dimensions(&[2048])])
}
