//! Pictures, which come from an address made of the prompt, and speech, which is a chat that is heard.

use freellmapi_sdk::base64::Engine as _;
use freellmapi_sdk::base64::engine::general_purpose::STANDARD;
use freellmapi_sdk::openai::{Dialect, tasks};
use freellmapi_sdk::plan::text;
use freellmapi_sdk::serde_json::{self, Value as Json, json};
use freellmapi_sdk::wait::header;
use freellmapi_sdk::{Call, Content, Failure, Head, Input, Model, Origin, Reply, Request, failure};

use super::HOST;

pub(crate) const PICTURES: &str = "image.pollinations.ai";

/// Longer addresses are cut off on the way; bytes, percent-encoded.
const LONGEST: usize = 4000;

const SIDE: u64 = 1024;

/// The voices there are; the first is that of whoever names another.
const VOICES: &[&str] = &[
    "alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse",
];

/// What is spoken is all that is spoken.
const READ: &str = "Read the user's text aloud, word for word. Say nothing else.";

pub(crate) fn models() -> [Model; 3] {
    [
        Model::of("images", "flux", "FLUX").family("flux-1-schnell"),
        Model::of("images", "turbo", "Turbo"),
        Model::of("speech", "openai-audio", "OpenAI Audio"),
    ]
}

fn wanted(input: &Input) -> Result<Json, Failure> {
    serde_json::from_slice(&input.body)
        .map_err(|_| failure::of("invalid-request", "the body is no JSON"))
}

fn told<'a>(wanted: &'a Json, name: &str) -> Result<&'a str, Failure> {
    let said = wanted[name].as_str().filter(|said| !said.trim().is_empty());
    said.ok_or_else(|| failure::of("invalid-request", format!("`{name}` is missing or no text")))
}

/// Asks for one picture.
pub(crate) fn draw(call: &Call, input: &Input) -> Result<Request, Failure> {
    if call.uses("many") {
        return Err(failure::unsupported(
            "Pollinations draws one picture at a time",
        ));
    }
    let wanted = wanted(input)?;
    let prompt = encoded(told(&wanted, "prompt")?);
    if prompt.len() > LONGEST {
        return Err(failure::of(
            "too-long",
            "the prompt is too long for Pollinations",
        ));
    }
    let (width, height) = tasks::size(wanted["size"].as_str().unwrap_or_default(), 1, SIDE);
    let origin = Origin::Host(PICTURES.to_owned());
    let mut request = Request::new("GET", origin, format!("/prompt/{prompt}"));
    request.query = vec![
        text("width", &width.to_string()),
        text("height", &height.to_string()),
        text("nologo", "true"),
        text("model", &call.model),
    ];
    Ok(request)
}

/// The bytes are the picture.
pub(crate) fn picture(call: &Call, head: &Head, body: &[u8]) -> Result<Reply, Failure> {
    let kind = header(head, "content-type").unwrap_or_default();
    if !kind.starts_with("image/") {
        return Err(failure::malformed("the answer is no picture"));
    }
    tasks::images(call, &[STANDARD.encode(body)])
}

/// Asks for an answer in sound.
pub(crate) fn speak(call: &Call, input: &Input) -> Result<Request, Failure> {
    let wanted = wanted(input)?;
    let said = told(&wanted, "input")?;
    let named = wanted["voice"].as_str().unwrap_or_default();
    let voice = VOICES.iter().find(|known| **known == named);
    let format = match wanted["response_format"].as_str() {
        Some(known @ ("wav" | "flac" | "opus")) => known,
        Some("pcm") => "pcm16",
        _ => "mp3",
    };
    let body = json!({
        "model": call.model,
        "modalities": ["text", "audio"],
        "audio": {"voice": voice.unwrap_or(&VOICES[0]), "format": format},
        "messages": [{"role": "system", "content": READ}, {"role": "user", "content": said}],
    });
    let mut chat = call.clone();
    "chat".clone_into(&mut chat.operation);
    let mut request = Dialect::at(HOST, "/v1").plan(&chat)?;
    request.content = Content::Json(body.to_string().into_bytes());
    request.memo = format.to_owned();
    Ok(request)
}

/// Reads the sound out of a chat's answer.
pub(crate) fn sound(call: &Call, body: &[u8]) -> Result<Reply, Failure> {
    let said: Json = serde_json::from_slice(body)
        .map_err(|_| failure::malformed("the answer with the sound is no JSON"))?;
    let data = said["choices"][0]["message"]["audio"]["data"].as_str();
    let data = data.ok_or_else(|| failure::malformed("the answer holds no sound"))?;
    let sound = STANDARD.decode(data);
    let sound = sound.map_err(|_| failure::malformed("the sound is no base64"))?;
    let kind = match call.memo.as_str() {
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "opus" => "audio/ogg",
        "pcm16" => "audio/pcm",
        _ => "audio/mpeg",
    };
    Ok(tasks::speech(kind, sound))
}

/// One segment of a path: all but letters, digits and `-_~` in percents, so that no prompt leaves its place.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
