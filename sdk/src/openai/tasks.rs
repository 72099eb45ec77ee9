//! Canonical answers of the operations beside chat, for a provider whose own look different.

use serde_json::{Value as Json, json, value::RawValue};

use crate::{Answer, Call, Edit, Failure, Meter, Reply, Usage, failure};

/// Operations whose request is a multipart form.
pub(crate) const FORMS: &[&str] = &["transcription", "translation", "image-edits"];

/// Where below the base an operation beside chat goes; `None` for one that OpenAI's dialect does not know.
pub(crate) fn path(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "images" => "/images/generations",
        "image-edits" => "/images/edits",
        "speech" => "/audio/speech",
        "transcription" => "/audio/transcriptions",
        "translation" => "/audio/translations",
        "rerank" => "/rerank",
        "moderation" => "/moderations",
        _ => return None,
    })
}

/// What no provider is sent for an operation beside chat. Vectors come as numbers, which all of them can; the host gives
/// the client the form that it asked for.
pub(crate) fn edits(operation: &str) -> impl Iterator<Item = Edit> {
    let names: &[&str] = match operation {
        "embeddings" => &["stream", "encoding_format"],
        "images" | "rerank" | "moderation" => &["stream"],
        _ => &[],
    };
    names.iter().map(|name| Edit::Remove(format!("/{name}")))
}

/// Vectors as an `embeddings` answer, in the order of the inputs. Each is a JSON list of numbers as the provider
/// wrote it. `tokens` of the inputs, if the provider told.
///
/// # Errors
/// `malformed-reply` if there are none, or fewer than `call.outline` says that inputs were sent.
pub fn embeddings(
    call: &Call,
    vectors: &[&RawValue],
    tokens: Option<u64>,
) -> Result<Reply, Failure> {
    let inputs = call.outline.items as usize;
    if vectors.is_empty() || vectors.len() < inputs {
        return Err(failure::malformed(format!(
            "{} vectors came for {inputs} inputs",
            vectors.len()
        )));
    }
    let mut body = String::from(r#"{"object":"list","data":["#);
    for (index, vector) in vectors.iter().enumerate() {
        if index > 0 {
            body.push(',');
        }
        body.push_str(&format!(
            r#"{{"object":"embedding","index":{index},"embedding":"#
        ));
        body.push_str(vector.get());
        body.push('}');
    }
    body.push_str(r#"],"model":"#);
    body.push_str(&Json::from(call.model.as_str()).to_string());
    if let Some(tokens) = tokens {
        let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
        body.push_str(&format!(r#","usage":{usage}"#));
    }
    body.push('}');
    let usage = tokens.map(|tokens| Usage {
        input: Some(tokens),
        output: Some(0),
        cached: None,
        reasoning: None,
        other: Vec::new(),
    });
    Ok(Reply::json(body.into_bytes(), usage))
}

/// Pictures, each in base64, as an `images` answer.
///
/// # Errors
/// `malformed-reply` if there are none.
pub fn images(call: &Call, pictures: &[String]) -> Result<Reply, Failure> {
    if pictures.is_empty() {
        return Err(failure::malformed("the reply holds no picture"));
    }
    let data: Vec<Json> = pictures
        .iter()
        .map(|picture| json!({"b64_json": picture}))
        .collect();
    let body = json!({"created": call.now_ms / 1000, "data": data});
    let usage = metered("images", pictures.len() as u64);
    Ok(Reply::json(body.to_string().into_bytes(), Some(usage)))
}

/// Width and height of `1024x1536`, each a multiple of `step` and at most `most`; `most` for what says nothing.
#[must_use]
pub fn size(text: &str, step: u64, most: u64) -> (u64, u64) {
    let step = step.max(1);
    let side = |text: &str| {
        let side = text.trim().parse::<u64>().ok()?;
        Some((side / step * step).clamp(step, most.max(step)))
    };
    match text.split_once('x') {
        Some((width, height)) => (side(width).unwrap_or(most), side(height).unwrap_or(most)),
        None => (most, most),
    }
}

/// Pictures at addresses, as an `images` answer.
///
/// # Errors
/// `malformed-reply` if there are none.
pub fn images_at(call: &Call, addresses: &[&str]) -> Result<Reply, Failure> {
    if addresses.is_empty() {
        return Err(failure::malformed("the reply names no picture"));
    }
    let data: Vec<Json> = addresses.iter().map(|url| json!({"url": url})).collect();
    let body = json!({"created": call.now_ms / 1000, "data": data});
    let usage = metered("images", addresses.len() as u64);
    Ok(Reply::json(body.to_string().into_bytes(), Some(usage)))
}

/// Sound as a `speech` answer, of this media type.
#[must_use]
pub fn speech(media_type: &str, sound: Vec<u8>) -> Reply {
    Reply {
        media_type: media_type.to_owned(),
        answer: Answer::Bytes(sound),
        ..Reply::keep()
    }
}

/// Usage on the provider's own meter alone.
#[must_use]
pub fn metered(unit: &str, amount: u64) -> Usage {
    Usage {
        input: None,
        output: None,
        cached: None,
        reasoning: None,
        other: vec![Meter {
            unit: unit.to_owned(),
            amount,
        }],
    }
}
