//! The models with a free tier, and its limits.
//!
//! Limits count for a project, and a key's other models go on when one is spent. Days begin at midnight in
//! California.

use freellmapi_sdk::{Model, Scope};

const PACIFIC: Scope = Scope("model", "America/Los_Angeles");

/// Tokens a minute of every model.
const TPM: u64 = 250_000;

const WINDOW: u64 = 1_048_576;
const LONGEST: u64 = 65_536;

/// All of them, the best first.
pub(crate) fn models() -> [Model; 9] {
    [
        gemini(
            "gemini-3.1-pro-preview",
            "Gemini 3.1 Pro Preview",
            960,
            5,
            20,
        ),
        gemini("gemini-3.5-flash", "Gemini 3.5 Flash", 930, 10, 20),
        gemini(
            "gemini-3-flash-preview",
            "Gemini 3 Flash Preview",
            850,
            10,
            20,
        ),
        gemini("gemini-2.5-pro", "Gemini 2.5 Pro", 820, 5, 50),
        gemini(
            "gemini-3.1-flash-lite-preview",
            "Gemini 3.1 Flash-Lite Preview",
            740,
            15,
            20,
        ),
        gemma("gemma-4-31b-it", "Gemma 4 31B", 720),
        gemini("gemini-2.5-flash", "Gemini 2.5 Flash", 700, 10, 20),
        gemma("gemma-4-26b-a4b-it", "Gemma 4 26B A4B", 690),
        gemini(
            "gemini-2.5-flash-lite",
            "Gemini 2.5 Flash-Lite",
            600,
            15,
            20,
        ),
    ]
}

/// What does something else than chat.
pub(crate) fn others() -> [Model; 4] {
    let tts = |id, label| {
        Model::of("speech", id, label)
            .day(PACIFIC)
            .limits(3, 15, 10_000, 0)
    };
    [
        Model::of("embeddings", "gemini-embedding-001", "Gemini Embedding")
            .family("gemini-embedding-001")
            .context(2048)
            .dimensions(&[3072, 1536, 768])
            .day(PACIFIC)
            .limits(100, 1000, 30_000, 0),
        Model::of("images", "gemini-2.5-flash-image", "Gemini 2.5 Flash Image")
            .family("gemini-2.5-flash-image")
            .day(PACIFIC)
            .note("Not free in every country and project; one that has no share of it says so with a limit of 0."),
        tts("gemini-2.5-flash-preview-tts", "Gemini 2.5 Flash TTS"),
        tts("gemini-2.5-pro-preview-tts", "Gemini 2.5 Pro TTS")
            .note("Paid only in most projects."),
    ]
}

fn gemini(id: &str, label: &str, rank: u32, rpm: u64, rpd: u64) -> Model {
    Model::chat(id, label)
        .family(id.strip_suffix("-preview").unwrap_or(id))
        .context(WINDOW)
        .max_output(LONGEST)
        .rank(rank)
        .traits("tools vision audio documents reasoning json-object json-schema")
        .day(PACIFIC)
        .limits(rpm, rpd, TPM, 0)
}

fn gemma(id: &str, label: &str, rank: u32) -> Model {
    Model::chat(id, label)
        .family(id.strip_suffix("-it").unwrap_or(id))
        .context(32_768)
        .max_output(8_192)
        .rank(rank)
        .traits("vision")
        .day(PACIFIC)
        .limits(15, 1000, TPM, 0)
}
