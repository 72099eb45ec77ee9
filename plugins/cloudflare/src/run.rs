//! What Cloudflare runs beside chat, each model in its own words: pictures, speech and transcriptions.

#[cfg(test)]
mod tests;

use freellmapi_sdk::base64::Engine as _;
use freellmapi_sdk::base64::engine::general_purpose::STANDARD;
use freellmapi_sdk::openai::subtitles::Heard;
use freellmapi_sdk::openai::{Dialect, form, tasks};
use freellmapi_sdk::plan::text;
use freellmapi_sdk::serde_json::Value as Json;
use freellmapi_sdk::{Call, Content, Failure, Input, Reply, Request, failure};

/// Puts the body into `request`.
///
/// # Errors
/// `invalid-request` without the file, `unsupported` for what cannot be asked for.
pub(crate) fn plan(call: &Call, input: &Input, mut request: Request) -> Result<Request, Failure> {
    match call.operation.as_str() {
        "transcription" => {
            if input.files.is_empty() {
                return Err(failure::of(
                    "invalid-request",
                    "the form holds no file; send one as `file`",
                ));
            }
            request
                .headers
                .push(text("content-type", "application/octet-stream"));
            request.content = Content::File(0);
            request.memo = form::told(input, "response_format").unwrap_or_default();
        }
        "images" if call.outline.traits.iter().any(|word| word == "many") => {
            return Err(failure::unsupported(
                "Cloudflare draws one picture at a time",
            ));
        }
        "images" => {
            request.content = edited(call, |it| it.retain("", &["prompt", "seed", "steps"]))?;
        }
        _ => {
            let aura = call.model.contains("deepgram/aura");
            let word = if aura { "text" } else { "prompt" };
            request.content = edited(call, |it| {
                let it = it.rename("/input", word).retain("", &[word]);
                if aura { it } else { it.set("/lang", "en") }
            })?;
        }
    }
    Ok(request)
}

/// The client's body with these edits and no others.
fn edited(call: &Call, edits: impl FnOnce(Dialect) -> Dialect) -> Result<Content, Failure> {
    Ok(edits(Dialect::at("", "")).plan(call)?.content)
}

/// Whether this is the picture or the sound itself, and not JSON around it.
pub(crate) fn is_raw(call: &Call, body: &[u8]) -> bool {
    matches!(call.operation.as_str(), "images" | "speech")
        && body
            .trim_ascii_start()
            .first()
            .is_some_and(|byte| *byte != b'{')
}

/// Reads bytes as they are.
///
/// # Errors
/// None for what [`is_raw`] says is raw.
pub(crate) fn raw(call: &Call, body: &[u8]) -> Result<Reply, Failure> {
    match call.operation.as_str() {
        "images" => tasks::images(call, &[STANDARD.encode(body)]),
        _ => Ok(tasks::speech("audio/mpeg", body.to_vec())),
    }
}

/// Reads the `result` of an envelope.
///
/// # Errors
/// `malformed-reply` if it does not hold what was asked for.
pub(crate) fn read(call: &Call, result: &Json) -> Result<Reply, Failure> {
    let member = |name: &str| {
        result[name]
            .as_str()
            .ok_or_else(|| failure::malformed(format!("the result holds no `{name}`")))
    };
    match call.operation.as_str() {
        "images" => tasks::images(call, &[member("image")?.to_owned()]),
        "speech" => {
            let sound = STANDARD.decode(member("audio")?);
            let sound = sound.map_err(|_| failure::malformed("the sound is no base64"))?;
            Ok(tasks::speech("audio/mpeg", sound))
        }
        _ => {
            let vtt = result["vtt"].as_str().unwrap_or_default();
            Ok(Heard::of_vtt(member("text")?, vtt).reply(&call.memo))
        }
    }
}
