//! Pictures and speech.

use freellmapi_sdk::openai::{Dialect, tasks};
use freellmapi_sdk::serde_json::{self, Value as Json};
use freellmapi_sdk::{Call, Failure, Model, Reply, failure};

/// OpenAI's voices and the one of its own that comes nearest, then its own.
const VOICES: &[(&str, &str)] = &[
    ("alloy", "alex"),
    ("ash", "benjamin"),
    ("ballad", "charles"),
    ("coral", "anna"),
    ("echo", "david"),
    ("fable", "charles"),
    ("nova", "bella"),
    ("onyx", "benjamin"),
    ("sage", "claire"),
    ("shimmer", "diana"),
    ("verse", "david"),
    ("alex", "alex"),
    ("anna", "anna"),
    ("bella", "bella"),
    ("benjamin", "benjamin"),
    ("charles", "charles"),
    ("claire", "claire"),
    ("david", "david"),
    ("diana", "diana"),
];

/// The voice of whoever names none.
const VOICE: &str = "alex";

pub(crate) fn models() -> [Model; 2] {
    let id = "black-forest-labs/FLUX.1-schnell";
    [
        Model::of("images", id, "FLUX.1 schnell").family("flux-1-schnell"),
        Model::of("speech", "FunAudioLLM/CosyVoice2-0.5B", "CosyVoice 2 0.5B"),
    ]
}

/// Words of its own; what it does not know is refused.
pub(crate) fn pictures(dialect: Dialect) -> Dialect {
    dialect
        .rename("/size", "image_size")
        .replace("/image_size", "auto", Some("1024x1024"))
        .fill("/image_size", "1024x1024")
        .rename("/n", "batch_size")
        .retain("", &["model", "prompt", "image_size", "batch_size", "seed"])
}

/// A voice is named with its model.
pub(crate) fn speech(dialect: Dialect, model: &str) -> Dialect {
    let full = |voice: &str| format!("{model}:{voice}");
    VOICES
        .iter()
        .fold(dialect, |dialect, (theirs, ours)| {
            dialect.replace("/voice", theirs, Some(full(ours)))
        })
        .fill("/voice", full(VOICE))
        .replace("/response_format", "aac", Some("mp3"))
        .replace("/response_format", "flac", Some("wav"))
        .drop(&["instructions", "stream_format"])
}

/// Reads the addresses of pictures.
pub(crate) fn read(call: &Call, body: &[u8]) -> Result<Reply, Failure> {
    let said: Json = serde_json::from_slice(body)
        .map_err(|_| failure::malformed("the answer with the pictures is no JSON"))?;
    let all = said["images"]
        .as_array()
        .or_else(|| said["data"].as_array());
    let rows = all.map_or(&[][..], Vec::as_slice).iter();
    let addresses: Vec<&str> = rows.filter_map(|one| one["url"].as_str()).collect();
    tasks::images_at(call, &addresses)
}
