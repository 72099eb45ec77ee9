//! What the speech models on Groq take.

use freellmapi_sdk::openai::Dialect;

/// OpenAI's voices and the one of Orpheus that comes nearest.
const VOICES: &[(&str, &str)] = &[
    ("alloy", "autumn"),
    ("ash", "austin"),
    ("ballad", "daniel"),
    ("coral", "hannah"),
    ("echo", "troy"),
    ("fable", "daniel"),
    ("nova", "diana"),
    ("onyx", "troy"),
    ("sage", "autumn"),
    ("shimmer", "hannah"),
    ("verse", "austin"),
    ("marin", "diana"),
    ("cedar", "daniel"),
];

/// Other voices, and WAV as the only form.
pub(crate) fn quirks(dialect: Dialect) -> Dialect {
    VOICES
        .iter()
        .fold(dialect, |dialect, (theirs, ours)| {
            dialect.replace("/voice", theirs, Some(ours))
        })
        .set("/response_format", "wav")
        .drop(&["speed", "instructions", "stream_format"])
}
