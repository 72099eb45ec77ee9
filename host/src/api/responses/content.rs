//! Content parts of input items as parts of chat messages.

use super::{invalid, wrong};
use crate::chat::Invalid;
use crate::json::{Object, Text, Value, object};

/// What a tool answered.
#[derive(Debug)]
pub(super) struct Output<'a> {
    /// All its text.
    pub(super) text: Text<'a>,
    /// Its images and files, as parts of a user's message: a tool's message takes text only.
    pub(super) attachments: Vec<Value<'a>>,
}

/// The content of a user's, system's or developer's message: a string, or a list of parts. One part of text becomes a
/// string, which everybody takes.
pub(super) fn of_prompt<'a>(content: &Value<'a>, path: &str) -> Result<Value<'a>, Invalid> {
    let parts = match content {
        Value::String(_) => return Ok(content.clone()),
        Value::Array(parts) => parts,
        other => return Err(wrong(path, "a string or a list of content parts", other)),
    };
    let parts = parts
        .iter()
        .enumerate()
        .map(|(at, one)| part(one, &format!("{path}[{at}]")))
        .collect::<Result<Vec<_>, _>>()?;
    if let [only] = &parts[..]
        && let Some(text @ Value::String(_)) = only.get("text")
    {
        return Ok(text.clone());
    }
    Ok(Value::Array(parts))
}

/// What an assistant said: the text of all parts, refusals included.
pub(super) fn of_assistant<'a>(content: &Value<'a>, path: &str) -> Result<Text<'a>, Invalid> {
    let parts = match content {
        Value::String(text) => return Ok(text.clone()),
        Value::Null => return Ok(Text::from("")),
        Value::Array(parts) => parts,
        other => return Err(wrong(path, "a string or a list of content parts", other)),
    };
    let mut all = Text::from("");
    for (at, part) in parts.iter().enumerate() {
        let path = format!("{path}[{at}]");
        let member = match kind(part, &path)? {
            "refusal" => "refusal",
            "output_text" | "input_text" | "text" => "text",
            other => return Err(unknown(other, &path)),
        };
        let said = text(part, member, &path)?;
        if all.is_empty() {
            all = said.clone();
        } else {
            all.push(said);
        }
    }
    Ok(all)
}

/// The output of a call: a string or a list of parts.
pub(super) fn of_output<'a>(output: Option<&Value<'a>>, path: &str) -> Result<Output<'a>, Invalid> {
    let parts = match output {
        Some(Value::String(text)) => {
            return Ok(Output {
                text: text.clone(),
                attachments: Vec::new(),
            });
        }
        Some(Value::Array(parts)) => parts,
        other => {
            let other = other.unwrap_or(&Value::Null);
            return Err(wrong(path, "a string or a list of content parts", other));
        }
    };
    let mut output = Output {
        text: Text::from(""),
        attachments: Vec::new(),
    };
    for (at, one) in parts.iter().enumerate() {
        let part = part(one, &format!("{path}[{at}]"))?;
        match part.get("text") {
            Some(Value::String(text)) if output.text.is_empty() => output.text = text.clone(),
            Some(Value::String(text)) => {
                output.text.push(&Text::from("\n"));
                output.text.push(text);
            }
            _ => output.attachments.push(part),
        }
    }
    Ok(output)
}

/// One part, as chat has it.
fn part<'a>(part: &Value<'a>, path: &str) -> Result<Value<'a>, Invalid> {
    match kind(part, path)? {
        "input_text" | "output_text" | "text" => Ok(object([
            ("type", Value::from("text")),
            ("text", Value::String(text(part, "text", path)?.clone())),
        ])),
        "input_image" => image(part, path),
        "input_file" => file(part, path),
        "input_audio" => match part.get("input_audio") {
            Some(audio @ Value::Object(_)) => Ok(object([
                ("type", Value::from("input_audio")),
                ("input_audio", audio.clone()),
            ])),
            other => Err(wrong(
                &format!("{path}.input_audio"),
                "an object with 'data' and 'format'",
                other.unwrap_or(&Value::Null),
            )),
        },
        other => Err(unknown(other, path)),
    }
}

fn image<'a>(part: &Value<'a>, path: &str) -> Result<Value<'a>, Invalid> {
    let url = match part.get("image_url") {
        Some(url @ Value::String(_)) => url,
        _ if is_set(part, "file_id") => return Err(uploaded(path, "image_url", "input_image")),
        other => {
            let other = other.unwrap_or(&Value::Null);
            return Err(wrong(
                &format!("{path}.image_url"),
                "a string with a data: or https: URL",
                other,
            ));
        }
    };
    let mut image = Object::new();
    image.insert("url", url.clone());
    // `auto` is what everybody does unasked; other words than these two are not known everywhere.
    if let Some(Value::String(detail)) = part.get("detail")
        && ["low", "high"].contains(&&*detail.text())
    {
        image.insert("detail", Value::String(detail.clone()));
    }
    Ok(object([
        ("type", Value::from("image_url")),
        ("image_url", Value::Object(image)),
    ]))
}

fn file<'a>(part: &Value<'a>, path: &str) -> Result<Value<'a>, Invalid> {
    let data = match part.get("file_data") {
        Some(data @ Value::String(_)) => data,
        _ if is_set(part, "file_id") || is_set(part, "file_url") => {
            return Err(uploaded(path, "file_data", "input_file"));
        }
        other => {
            let other = other.unwrap_or(&Value::Null);
            return Err(wrong(&format!("{path}.file_data"), "a string", other));
        }
    };
    let mut file = Object::new();
    if let Some(name @ Value::String(_)) = part.get("filename") {
        file.insert("filename", name.clone());
    }
    file.insert("file_data", data.clone());
    Ok(object([
        ("type", Value::from("file")),
        ("file", Value::Object(file)),
    ]))
}

fn is_set(part: &Value<'_>, name: &str) -> bool {
    part.get(name).is_some_and(|value| !value.is_null())
}

/// The part's type, brought to one of the known words; another is empty if it is no string at all.
fn kind<'p>(part: &'p Value<'_>, path: &str) -> Result<&'p str, Invalid> {
    // Types have no escapes: what has is none of them.
    match part.get("type").and_then(Value::as_text) {
        Some(kind) => Ok(kind.raw()),
        None => Err(invalid(
            format!("{path}.type"),
            format!(
                "'{path}' must be an object with a string 'type', such as {{\"type\":\"input_text\",\"text\":\"Hello\"}}."
            ),
        )),
    }
}

fn text<'p, 'a>(part: &'p Value<'a>, member: &str, path: &str) -> Result<&'p Text<'a>, Invalid> {
    let value = part.get(member).unwrap_or(&Value::Null);
    value
        .as_text()
        .ok_or_else(|| wrong(&format!("{path}.{member}"), "a string", value))
}

fn unknown(kind: &str, path: &str) -> Invalid {
    let kind: String = kind.chars().take(60).collect();
    invalid(
        format!("{path}.type"),
        format!(
            "'{path}.type' is '{kind}', which this server does not know there. It takes input_text, input_image, \
             input_file and input_audio; of an assistant output_text and refusal."
        ),
    )
}

/// Nothing is kept here that an id or a link could name.
fn uploaded(path: &str, member: &str, kind: &str) -> Invalid {
    invalid(
        format!("{path}.{member}"),
        format!(
            "This server keeps no files: give the {kind}'s bytes as a data URL in '{path}.{member}'."
        ),
    )
}
