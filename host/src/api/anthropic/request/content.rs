//! What a message says: texts, images and documents, as canonical parts.

use crate::chat::Invalid;
use crate::json::{Object, Text, Value, object};

use super::document;
use super::field::{self, Path, append, some};

/// Types of images that Anthropic takes.
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// A piece of what is said to a model.
#[derive(Debug, Clone)]
pub(super) enum Part<'a> {
    /// A text that is not empty.
    Text(Text<'a>),
    /// A canonical `image_url` part.
    Image(Value<'a>),
}

/// A message's content.
pub(super) enum Content<'o, 'a> {
    /// As a string.
    Text(&'o Text<'a>),
    /// As a list of blocks.
    Blocks(&'o [Value<'a>]),
}

impl<'o, 'a> Content<'o, 'a> {
    /// Of a value that must be there.
    pub(super) fn of(value: Option<&'o Value<'a>>, path: &Path<'_>) -> Result<Self, Invalid> {
        let form = "a string or a list of content blocks";
        match value {
            Some(Value::String(text)) => Ok(Self::Text(text)),
            Some(Value::Array(blocks)) => Ok(Self::Blocks(blocks)),
            Some(other) => Err(path.not(form, other)),
            None => Err(path.missing(form)),
        }
    }
}

/// The object that a block is, and its type.
pub(super) fn block<'o, 'a>(
    value: &'o Value<'a>,
    path: &Path<'_>,
) -> Result<(&'o Object<'a>, std::borrow::Cow<'o, str>), Invalid> {
    let block = field::object(value, path)?;
    let kind = field::text(block, "type", path)?;
    Ok((block, kind.text()))
}

/// The parts of a text, an image, a document or a search result. `false`: the block is of another type.
pub(super) fn parts<'a>(
    block: &Object<'a>,
    kind: &str,
    path: &Path<'_>,
    to: &mut Vec<Part<'a>>,
) -> Result<bool, Invalid> {
    match kind {
        "text" => {
            let text = field::text(block, "text", path)?;
            if !text.is_empty() {
                to.push(Part::Text(text.clone()));
            }
        }
        "image" => to.push(Part::Image(image(block, path)?)),
        "document" => document::parts(block, path, to)?,
        "search_result" => to.push(Part::Text(search_result(block, path)?)),
        _ => return Ok(false),
    }
    Ok(true)
}

/// What a content says that may hold nothing but texts, those that are not empty joined.
pub(super) fn texts<'a>(
    content: &Content<'_, 'a>,
    path: &Path<'_>,
    keep: fn(&Text<'_>) -> bool,
) -> Result<Option<Text<'a>>, Invalid> {
    let mut said = None;
    let blocks = match content {
        Content::Text(text) => return Ok((!text.is_empty()).then(|| (*text).clone())),
        Content::Blocks(blocks) => *blocks,
    };
    for (at, value) in blocks.iter().enumerate() {
        let path = path.at(at);
        let (block, kind) = block(value, &path)?;
        if kind != "text" {
            let what = format!("`{kind}` cannot stand here; only `text` can.");
            return Err(path.name("type").invalid(what));
        }
        let text = field::text(block, "text", &path)?;
        if !text.is_empty() && keep(text) {
            append(&mut said, text);
        }
    }
    Ok(said)
}

/// Parts as the content of a canonical message: one string if all are texts, since not every provider takes lists.
pub(super) fn canonical(parts: Vec<Part<'_>>) -> Value<'_> {
    if parts.iter().all(|part| matches!(part, Part::Text(_))) {
        let mut joined = None;
        for part in &parts {
            if let Part::Text(text) = part {
                append(&mut joined, text);
            }
        }
        return joined.map_or(Value::from(""), Value::String);
    }
    let list = parts.into_iter().map(|part| match part {
        Part::Text(text) => object([("type", "text".into()), ("text", Value::String(text))]),
        Part::Image(image) => image,
    });
    Value::Array(list.collect())
}

fn image<'a>(block: &Object<'a>, path: &Path<'_>) -> Result<Value<'a>, Invalid> {
    let at = path.name("source");
    let source = some(block, "source").ok_or_else(|| at.missing("an object"))?;
    let source = field::object(source, &at)?;
    let url = match &*field::text(source, "type", &at)?.text() {
        "base64" => {
            let media = field::text(source, "media_type", &at)?.text();
            let Some(media) = IMAGES.iter().find(|known| **known == media) else {
                let what = format!("`{media}` is none of {}.", IMAGES.join(", "));
                return Err(at.name("media_type").invalid(what));
            };
            let mut url = Text::from_text(&format!("data:{media};base64,"));
            url.push(base64(source, &at)?);
            url
        }
        "url" => {
            let url = field::text(source, "url", &at)?;
            let said = url.text();
            if !(said.starts_with("https://") || said.starts_with("http://")) {
                return Err(at
                    .name("url")
                    .invalid("It must begin with https:// or http://."));
            }
            url.clone()
        }
        other => return Err(unknown_source(&at, other)),
    };
    Ok(object([
        ("type", Value::from("image_url")),
        ("image_url", object([("url", Value::String(url))])),
    ]))
}

/// The `data` of a source, which must be base64.
pub(super) fn base64<'o, 'a>(
    source: &'o Object<'a>,
    path: &Path<'_>,
) -> Result<&'o Text<'a>, Invalid> {
    let data = field::text(source, "data", path)?;
    let good = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'/' | b'=');
    if data.is_empty() || !data.text().bytes().all(good) {
        let what = "It must be base64 in the standard alphabet, without line breaks.";
        return Err(path.name("data").invalid(what));
    }
    Ok(data)
}

/// The error of a source of a type that cannot be served.
pub(super) fn unknown_source(at: &Path<'_>, kind: &str) -> Invalid {
    let what = match kind {
        "file" => "Files are not kept here. Send the data itself as a `base64` source.".to_owned(),
        kind => format!("`{kind}` is no type of source that is known here."),
    };
    at.name("type").invalid(what)
}

fn search_result<'a>(block: &Object<'a>, path: &Path<'_>) -> Result<Text<'a>, Invalid> {
    let source = field::text(block, "source", path)?.text();
    let title = field::text(block, "title", path)?.text();
    let at = path.name("content");
    let content = Content::of(some(block, "content"), &at)?;
    let said = texts(&content, &at, |_| true)?;
    let said = said.as_ref().map(Text::text).unwrap_or_default();
    Ok(Text::from_text(&format!(
        "<search_result source=\"{source}\" title=\"{title}\">\n{said}\n</search_result>"
    )))
}
