//! Pictures and speech: `generateContent` that is asked for something else than text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::reply::Counts;
use crate::openai::tasks;
use crate::{Call, Failure, Input, Outcome, audio, failure};

/// Left in the memo where the client wants bare samples.
const PCM: &str = "pcm";

/// The voice of whoever names none that Google has.
const VOICE: &str = "Kore";

const VOICES: &[&str] = &[
    "Achernar",
    "Achird",
    "Algenib",
    "Algieba",
    "Alnilam",
    "Aoede",
    "Autonoe",
    "Callirrhoe",
    "Charon",
    "Despina",
    "Enceladus",
    "Erinome",
    "Fenrir",
    "Gacrux",
    "Iapetus",
    "Kore",
    "Laomedeia",
    "Leda",
    "Orus",
    "Puck",
    "Pulcherrima",
    "Rasalgethi",
    "Sadachbia",
    "Sadaltager",
    "Schedar",
    "Sulafat",
    "Umbriel",
    "Vindemiatrix",
    "Zephyr",
    "Zubenelgenubi",
];

/// Shapes of a picture that can be asked for.
const SHAPES: &[(&str, f64)] = &[
    ("1:1", 1.0),
    ("2:3", 2.0 / 3.0),
    ("3:2", 1.5),
    ("3:4", 0.75),
    ("4:3", 4.0 / 3.0),
    ("4:5", 0.8),
    ("5:4", 1.25),
    ("9:16", 0.5625),
    ("16:9", 16.0 / 9.0),
    ("21:9", 21.0 / 9.0),
];

#[derive(Deserialize)]
struct Given<'a> {
    #[serde(borrow, default)]
    candidates: Vec<Candidate<'a>>,
    #[serde(rename = "usageMetadata")]
    usage: Option<Counts>,
    #[serde(rename = "promptFeedback")]
    feedback: Option<Json>,
}

#[derive(Deserialize)]
struct Candidate<'a> {
    #[serde(borrow)]
    content: Option<Content<'a>>,
    #[serde(rename = "finishReason")]
    finish: Option<&'a str>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    parts: Vec<Part<'a>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, rename = "inlineData")]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, rename = "mimeType", default)]
    media_type: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    data: std::borrow::Cow<'a, str>,
}

/// The body for pictures.
pub(super) fn picture(input: &Input) -> Result<Vec<u8>, Failure> {
    let wanted = read(input)?;
    if wanted["n"].as_u64().is_some_and(|n| n > 1) {
        return Err(failure::unsupported("Google draws one picture at a time"));
    }
    let prompt = text(&wanted, "prompt")?;
    let mut config = json!({"responseModalities": ["TEXT", "IMAGE"]});
    if let Some(shape) = wanted["size"].as_str().and_then(shape) {
        config["imageConfig"] = json!({"aspectRatio": shape});
    }
    Ok(body(prompt, &config))
}

/// The body for speech, and the memo.
pub(super) fn speech(input: &Input) -> Result<(Vec<u8>, String), Failure> {
    let wanted = read(input)?;
    let mut said = text(&wanted, "input")?.to_owned();
    if let Some(how) = wanted["instructions"]
        .as_str()
        .filter(|how| !how.is_empty())
    {
        said = format!("{how}: {said}");
    }
    let asked = wanted["voice"].as_str().unwrap_or_default();
    let voice = VOICES
        .iter()
        .find(|voice| voice.eq_ignore_ascii_case(asked));
    let config = json!({
        "responseModalities": ["AUDIO"],
        "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice.unwrap_or(&VOICE)}}},
    });
    let memo = if wanted["response_format"] == PCM {
        PCM
    } else {
        ""
    };
    Ok((body(&said, &config), memo.to_owned()))
}

/// Reads either.
pub(super) fn decode(call: &Call, bytes: &[u8]) -> Result<Outcome, Failure> {
    let given: Given<'_> = serde_json::from_slice(bytes)
        .map_err(|error| failure::malformed(format!("the reply is not Gemini's: {error}")))?;
    let finish = given.candidates.iter().find_map(|it| it.finish);
    let parts = given.candidates.into_iter().filter_map(|it| it.content);
    let mut data = parts.flat_map(|it| it.parts).filter_map(|it| it.data);
    let first = data
        .next()
        .ok_or_else(|| nothing(finish, given.feedback.as_ref()))?;
    let usage = given.usage.and_then(Counts::usage);
    let mut reply = if call.operation == "images" {
        tasks::images(call, &[first.data.into_owned()])?
    } else {
        let pcm = STANDARD
            .decode(first.data.as_bytes())
            .map_err(|error| failure::malformed(format!("the sound is no base64: {error}")))?;
        match call.memo.as_str() {
            PCM => tasks::speech("audio/pcm", pcm),
            _ => tasks::speech(
                "audio/wav",
                audio::wav(&pcm, audio::rate(&first.media_type)),
            ),
        }
    };
    if let Some(mut usage) = usage {
        usage.other = reply.usage.map(|own| own.other).unwrap_or_default();
        reply.usage = Some(usage);
    }
    Ok(Outcome::Done(reply))
}

fn nothing(finish: Option<&str>, feedback: Option<&Json>) -> Failure {
    let blocked = feedback.is_some_and(|it| it["blockReason"].is_string());
    match finish {
        Some("SAFETY" | "IMAGE_SAFETY" | "PROHIBITED_CONTENT" | "IMAGE_PROHIBITED_CONTENT")
        | Some("RECITATION" | "IMAGE_RECITATION" | "BLOCKLIST" | "SPII") => {
            failure::of("content-filtered", "Google's filter held it back")
        }
        _ if blocked => failure::of("content-filtered", "Google's filter refused the request"),
        _ => failure::malformed("the reply holds neither picture nor sound"),
    }
}

fn read(input: &Input) -> Result<Json, Failure> {
    serde_json::from_slice(&input.body)
        .map_err(|_| failure::of("invalid-request", "the body is no JSON"))
}

fn text<'a>(wanted: &'a Json, name: &str) -> Result<&'a str, Failure> {
    wanted[name]
        .as_str()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| failure::of("invalid-request", format!("`{name}` must be text")))
}

fn body(text: &str, config: &Json) -> Vec<u8> {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}], "generationConfig": config})
        .to_string()
        .into_bytes()
}

/// The nearest shape to a size such as `1536x1024`.
fn shape(size: &str) -> Option<&'static str> {
    let (width, height) = size.split_once('x')?;
    let (width, height): (f64, f64) = (width.parse().ok()?, height.parse().ok()?);
    let ratio = (width / height).ln();
    let off = |shape: f64| (shape.ln() - ratio).abs();
    SHAPES
        .iter()
        .filter(|_| ratio.is_finite())
        .min_by(|a, b| off(a.1).total_cmp(&off(b.1)))
        .map(|(name, _)| *name)
}
