//! Documents, which no canonical part stands for that many providers take: they become text.

use crate::chat::Invalid;
use crate::json::{Object, Text};

use super::content::{Content, Part, block, parts as inner_parts, unknown_source};
use super::field::{self, Path, append, some};

/// The parts of a `document` block: its text between marks, and the images that its content holds.
pub(super) fn parts<'a>(
    document: &Object<'a>,
    path: &Path<'_>,
    to: &mut Vec<Part<'a>>,
) -> Result<(), Invalid> {
    let at = path.name("source");
    let source = some(document, "source").ok_or_else(|| at.missing("an object"))?;
    let source = field::object(source, &at)?;
    let mut said = None;
    match &*field::text(source, "type", &at)?.text() {
        "text" => append(&mut said, field::text(source, "data", &at)?),
        "content" => said = content(source, &at, to)?,
        "base64" => return Err(no_pdf(&at.name("media_type"))),
        "url" => {
            return Err(at.name("type").invalid(
                "Documents are not fetched here. Send the text itself as a `text` source.",
            ));
        }
        other => return Err(unknown_source(&at, other)),
    }
    let title = field::optional_text(document, "title", path)?;
    let mut text = match title.filter(|title| !title.is_empty()) {
        Some(title) => format!("<document title=\"{}\">\n", title.text()),
        None => "<document>\n".to_owned(),
    };
    if let Some(context) = field::optional_text(document, "context", path)? {
        text.push_str(&context.text());
        text.push('\n');
    }
    text.push_str(&said.as_ref().map(Text::text).unwrap_or_default());
    text.push_str("\n</document>");
    to.push(Part::Text(Text::from_text(&text)));
    Ok(())
}

/// The text of a document that consists of blocks. Its images go before it.
fn content<'a>(
    source: &Object<'a>,
    path: &Path<'_>,
    to: &mut Vec<Part<'a>>,
) -> Result<Option<Text<'a>>, Invalid> {
    let mut said = None;
    let path = path.name("content");
    let blocks = match Content::of(some(source, "content"), &path)? {
        Content::Text(text) => {
            append(&mut said, text);
            return Ok(said);
        }
        Content::Blocks(blocks) => blocks,
    };
    for (at, value) in blocks.iter().enumerate() {
        let path = path.at(at);
        let (block, kind) = block(value, &path)?;
        let mut parts = Vec::new();
        // A document inside a document would nest without end.
        if !matches!(&*kind, "text" | "image") || !inner_parts(block, &kind, &path, &mut parts)? {
            let what = format!("`{kind}` cannot stand here; only `text` and `image` can.");
            return Err(path.name("type").invalid(what));
        }
        for part in parts {
            match part {
                Part::Text(text) => append(&mut said, &text),
                image @ Part::Image(_) => to.push(image),
            }
        }
    }
    Ok(said)
}

fn no_pdf(path: &Path<'_>) -> Invalid {
    path.invalid(
        "PDF files are not read here. Send the document's text as a `text` source, or its pages as images.",
    )
}
