//! The parts of a message: texts, pictures, sounds, documents.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::messages::Part;
use super::request::invalid;
use crate::{Failure, failure};

/// A part of the client's message.
#[derive(Deserialize)]
struct Given<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    image_url: Option<&'a RawValue>,
    #[serde(borrow)]
    input_audio: Option<Sound<'a>>,
    #[serde(borrow)]
    file: Option<Document<'a>>,
}

#[derive(Deserialize)]
struct Picture<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Sound<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
    #[serde(borrow, default)]
    format: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    file_data: Option<Cow<'a, str>>,
}

/// Bytes in the request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InlineData<'a> {
    mime_type: Cow<'a, str>,
    /// Base64.
    data: Cow<'a, str>,
}

/// Bytes that Google fetches.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'static str>,
    file_uri: Cow<'a, str>,
}

/// A text as the client spelt it, or one that was put together.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Text<'a> {
    Raw(&'a RawValue),
    Owned(String),
}

/// Reads a message's content, a string or a list, into parts. Empty texts, which Google refuses, are left out.
pub(super) fn parts<'a>(
    content: Option<&'a RawValue>,
    out: &mut Vec<Part<'a>>,
) -> Result<(), Failure> {
    let Some(content) = content else {
        return Ok(());
    };
    if !content.get().starts_with('[') {
        out.extend(text(content));
        return Ok(());
    }
    for given in list(content)? {
        out.extend(part(given)?);
    }
    Ok(())
}

/// Reads a tool's result: its text, and what is no text.
pub(super) fn text_and_rest<'a>(
    content: Option<&'a RawValue>,
) -> Result<(Text<'a>, Vec<Part<'a>>), Failure> {
    let empty = || Text::Owned(String::new());
    let Some(content) = content.filter(|content| content.get() != "null") else {
        return Ok((empty(), Vec::new()));
    };
    if !content.get().starts_with('[') {
        return Ok((Text::Raw(content), Vec::new()));
    }
    let mut texts = Vec::new();
    let mut rest = Vec::new();
    for given in list(content)? {
        match part(given)? {
            Some(Part {
                text: Some(text), ..
            }) => texts.push(text),
            other => rest.extend(other),
        }
    }
    let output = match texts.as_slice() {
        [] => empty(),
        [one] => Text::Raw(one),
        many => {
            let strings: Vec<String> = many
                .iter()
                .map(|text| serde_json::from_str(text.get()))
                .collect::<Result<_, _>>()
                .map_err(|error| invalid(&error))?;
            Text::Owned(strings.join("\n"))
        }
    };
    Ok((output, rest))
}

fn list(content: &RawValue) -> Result<Vec<Given<'_>>, Failure> {
    serde_json::from_str(content.get()).map_err(|error| invalid(&error))
}

fn text(text: &RawValue) -> Option<Part<'_>> {
    // Anything but a string would not be taken as a text.
    let filled = text.get().starts_with('"') && text.get() != "\"\"";
    filled.then(|| Part {
        text: Some(text),
        ..Part::default()
    })
}

fn part(given: Given<'_>) -> Result<Option<Part<'_>>, Failure> {
    match &*given.kind {
        "text" | "input_text" | "output_text" | "" => Ok(given.text.and_then(text)),
        "image_url" | "input_image" => picture(given.image_url).map(Some),
        "input_audio" => {
            let sound = given.input_audio.ok_or_else(|| missing("input_audio"))?;
            let kind = match &*sound.format {
                "mp3" | "mpeg" => "audio/mp3".into(),
                "" => "audio/wav".into(),
                other => format!("audio/{other}").into(),
            };
            Ok(Some(inline(kind, sound.data)))
        }
        "file" | "input_file" => {
            let data = given.file.and_then(|file| file.file_data);
            let data =
                data.ok_or_else(|| failure::unsupported("a file that is only named by its id"))?;
            data_url(data).map(Some)
        }
        // What a model once refused to say tells it nothing.
        "refusal" => Ok(None),
        other => Err(failure::unsupported(format!(
            "this provider takes no content of type `{other}`"
        ))),
    }
}

/// `{"url": …}`, or the address itself.
fn picture(given: Option<&RawValue>) -> Result<Part<'_>, Failure> {
    let given = given.ok_or_else(|| missing("image_url"))?.get();
    let url = if given.starts_with('"') {
        // A borrowed string goes through a structure: a bare `Cow` would be copied.
        serde_json::from_str::<Bare<'_>>(given).map(|bare| bare.0)
    } else {
        serde_json::from_str::<Picture<'_>>(given).map(|picture| picture.url)
    }
    .map_err(|error| invalid(&error))?;
    if url.starts_with("data:") {
        return data_url(url);
    }
    if !url.starts_with("https://") && !url.starts_with("gs://") {
        return Err(failure::unsupported(
            "an image is neither a data: URL nor one with https",
        ));
    }
    Ok(Part {
        file_data: Some(FileData {
            mime_type: media_type(&url),
            file_uri: url,
        }),
        ..Part::default()
    })
}

#[derive(Deserialize)]
struct Bare<'a>(#[serde(borrow)] Cow<'a, str>);

/// `data:image/png;base64,…`
fn data_url(url: Cow<'_, str>) -> Result<Part<'_>, Failure> {
    let (kind, start) = parse_data_url(&url)
        .ok_or_else(|| failure::of("invalid-request", "a data: URL that is not base64"))?;
    let kind = match kind {
        "" => "application/octet-stream",
        "image/jpg" => "image/jpeg",
        "image/svg+xml" => return Err(failure::unsupported("this provider reads no SVG images")),
        kind => kind,
    };
    let kind = kind.to_owned().into();
    let data = match url {
        Cow::Borrowed(url) => Cow::Borrowed(&url[start..]),
        Cow::Owned(mut url) => Cow::Owned(url.split_off(start)),
    };
    Ok(inline(kind, data))
}

/// The media type, and where the data begins.
fn parse_data_url(url: &str) -> Option<(&str, usize)> {
    let comma = url.find(',')?;
    let head = url[..comma]
        .strip_prefix("data:")?
        .strip_suffix(";base64")?;
    // Parameters of the type, such as a character set, are not wanted.
    let kind = head.split(';').next().unwrap_or_default();
    Some((kind, comma + 1))
}

fn inline<'a>(mime_type: Cow<'a, str>, data: Cow<'a, str>) -> Part<'a> {
    Part {
        inline_data: Some(InlineData { mime_type, data }),
        ..Part::default()
    }
}

/// By the ending of the path; Google looks for itself where there is none.
fn media_type(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "pdf" => "application/pdf",
        _ => return None,
    })
}

fn missing(name: &str) -> Failure {
    failure::of("invalid-request", format!("a part has no `{name}`"))
}
