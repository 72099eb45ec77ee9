//! Multipart forms of the operations that take files.

use serde_json::{Map, Value as Json};

use super::tasks;
use crate::{Call, Content, Failure, Input, Part, PartData, Request, failure};

/// Makes the body of an operation with uploaded files a form; that of another stays.
///
/// # Errors
/// As in [`content`].
pub fn fill(request: &mut Request, call: &Call, input: &Input) -> Result<(), Failure> {
    if tasks::FORMS.contains(&call.operation.as_str()) {
        request.content = content(call, input)?;
    }
    Ok(())
}

/// The form of a request with files: the body's members as text fields, in their order, then the files, in theirs.
/// A member that is a list becomes one field for each element, as `timestamp_granularities[]` demands.
///
/// `model` is the call's own, whatever the body says.
///
/// # Errors
/// `invalid-request` if there is no file or a member is an object; `malformed-reply` if the body is no object,
/// which is how it looks to a plugin whose manifest does not ask to read it.
pub fn content(call: &Call, input: &Input) -> Result<Content, Failure> {
    let body: Map<String, Json> = serde_json::from_slice(&input.body)
        .map_err(|_| failure::malformed("the form's text fields were not handed over"))?;
    if input.files.is_empty() {
        return Err(failure::of(
            "invalid-request",
            "the form holds no file; send one as `file`",
        ));
    }
    let mut parts = vec![field("model", call.model.clone())];
    for (name, value) in &body {
        match value {
            _ if name == "model" => {}
            // What no streamed answer needs is not said at all.
            Json::Bool(false) if name == "stream" => {}
            Json::Array(list) => {
                for element in list {
                    parts.push(field(name, text(name, element)?));
                }
            }
            Json::Null => {}
            value => parts.push(field(name, text(name, value)?)),
        }
    }
    for (index, file) in (0..).zip(&input.files) {
        parts.push(Part {
            name: file.field.clone(),
            // Without a name a server takes the part for a text field.
            file_name: Some(file.file_name.clone().unwrap_or_else(|| "file".to_owned())),
            media_type: file.media_type.clone(),
            data: PartData::File(index),
        });
    }
    Ok(Content::Form(parts))
}

/// Gives the text field `name` another text, or the form one more.
pub fn set(content: &mut Content, name: &str, text: &str) {
    if let Content::Form(parts) = content {
        parts.retain(|part| part.name != name);
        parts.push(field(name, text.to_owned()));
    }
}

/// The text field `name` of the form, where it is one text.
#[must_use]
pub fn told(input: &Input, name: &str) -> Option<String> {
    let body: Json = serde_json::from_slice(&input.body).ok()?;
    body[name].as_str().map(str::to_owned)
}

fn field(name: &str, text: String) -> Part {
    Part {
        name: name.to_owned(),
        file_name: None,
        media_type: None,
        data: PartData::Bytes(text.into_bytes()),
    }
}

fn text(name: &str, value: &Json) -> Result<String, Failure> {
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(flag) => Ok(flag.to_string()),
        _ => Err(failure::of(
            "invalid-request",
            format!("`{name}` must be text, a number or a list of them"),
        )),
    }
}
