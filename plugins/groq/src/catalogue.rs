//! The models of the free plan. Compound runs its own tools and takes none. The Llama models write on where a last
//! message of the assistant's ends.

use freellmapi_sdk::{Model, Scope};

/// How much of each a minute and a day: requests, then tokens; 0 is no limit.
type Limits = (u64, u64, u64, u64);

pub(crate) fn models() -> impl Iterator<Item = Model> {
    const OSS: &str = "tools reasoning json-object json-schema";
    let rows: [(&str, &str, u32, &str, Limits); 9] = [
        (
            "openai/gpt-oss-120b",
            "GPT-OSS 120B",
            870,
            OSS,
            (30, 1000, 8000, 200_000),
        ),
        (
            "groq/compound",
            "Groq Compound",
            870,
            "",
            (30, 250, 70_000, 0),
        ),
        (
            "meta-llama/llama-4-scout-17b-16e-instruct",
            "Llama 4 Scout",
            750,
            "tools vision json-object json-schema",
            (30, 1000, 30_000, 1_000_000),
        ),
        (
            "llama-3.3-70b-versatile",
            "Llama 3.3 70B",
            650,
            "tools json-object prefill",
            (30, 1000, 12_000, 100_000),
        ),
        (
            "groq/compound-mini",
            "Groq Compound Mini",
            630,
            "",
            (30, 250, 70_000, 0),
        ),
        (
            "openai/gpt-oss-20b",
            "GPT-OSS 20B",
            630,
            OSS,
            (30, 1000, 8000, 200_000),
        ),
        (
            "openai/gpt-oss-safeguard-20b",
            "GPT-OSS Safeguard 20B",
            630,
            OSS,
            (30, 1000, 8000, 200_000),
        ),
        (
            "qwen/qwen3-32b",
            "Qwen 3 32B",
            610,
            "tools reasoning json-object",
            (60, 1000, 6000, 500_000),
        ),
        (
            "llama-3.1-8b-instant",
            "Llama 3.1 8B",
            430,
            "tools json-object prefill",
            (30, 14_400, 6000, 500_000),
        ),
    ];
    rows.into_iter()
        .map(|(id, label, rank, traits, (rpm, rpd, tpm, tpd))| {
            Model::chat(id, label)
                .context(131_072)
                .rank(rank)
                .traits(traits)
                .limits(rpm, rpd, tpm, tpd)
        })
        .chain(sound())
}

/// Whisper counts the seconds of sound that it hears, an hour and a day.
fn sound() -> impl Iterator<Item = Model> {
    let whisper = |id, label| {
        let mut model = Model::of("transcription", id, label)
            .family(id)
            .limits(20, 2000, 0, 0)
            .limit(Scope::MODEL, "audio-ms", 3600, 7_200_000)
            .limit(Scope::MODEL, "audio-ms", 86_400, 28_800_000);
        if id == "whisper-large-v3" {
            model = model.also("translation");
        }
        model
    };
    [
        whisper("whisper-large-v3", "Whisper Large v3"),
        whisper("whisper-large-v3-turbo", "Whisper Large v3 Turbo"),
        Model::of(
            "speech",
            "canopylabs/orpheus-v1-english",
            "Orpheus v1 English",
        )
        .limits(10, 100, 1200, 3600)
        .note("Its terms are to be accepted once in Groq's console; it gives WAV only."),
        Model::of(
            "speech",
            "canopylabs/orpheus-arabic-saudi",
            "Orpheus Arabic (Saudi)",
        )
        .limits(10, 100, 1200, 3600)
        .note("Its terms are to be accepted once in Groq's console; it gives WAV only."),
    ]
    .into_iter()
}
