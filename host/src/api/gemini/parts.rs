//! Contents and their parts as messages.

use super::request::{member, wrong};
use crate::chat::Invalid;
use crate::json::{Object, Value, object};

/// Calls of the conversation that have had no answer yet. Google pairs a call and its response by id where there is
/// one, else by name and order.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: Vec<(String, String)>,
    count: usize,
}

impl Calls {
    /// Notes a call, and gives it an id if it has none. The id is the same each time the conversation comes.
    fn begin(&mut self, name: &str, id: Option<String>) -> String {
        let id = id.unwrap_or_else(|| format!("call_{:08x}", self.count));
        self.count += 1;
        self.open.push((id.clone(), name.to_owned()));
        id
    }

    /// The id of the call that a response answers.
    fn answer(&mut self, name: &str, id: Option<String>) -> Option<String> {
        let by_id = id.and_then(|id| self.open.iter().position(|(open, _)| *open == id));
        let by_name = || self.open.iter().position(|(_, open)| open == name);
        by_id.or_else(by_name).map(|at| self.open.remove(at).0)
    }
}

/// The text of a content, for places that take nothing else. A bare string is one.
pub(super) fn text(content: &Value<'_>, at: &str) -> Result<String, Invalid> {
    if let Some(text) = content.as_str() {
        return Ok(text.into_owned());
    }
    let mut texts = Vec::new();
    for (place, part) in list(content, at)?.iter().enumerate() {
        match part.get("text").unwrap_or(part).as_str() {
            Some(text) => texts.push(text.into_owned()),
            None => {
                return Err(wrong(
                    format!("{at}.parts[{place}]"),
                    "Only text can stand here.",
                ));
            }
        }
    }
    Ok(texts.join("\n"))
}

/// One content as messages: what the model said, what the user said, and each response of a tool.
pub(super) fn content(
    content: &Value<'static>,
    at: &str,
    calls: &mut Calls,
    messages: &mut Vec<Value<'static>>,
) -> Result<(), Invalid> {
    if let Some(text) = content.as_str() {
        messages.push(object([
            ("role", "user".into()),
            ("content", text.into_owned().into()),
        ]));
        return Ok(());
    }
    let parts = list(content, at)?;
    let role = content.get("role").and_then(Value::as_str);
    match role.as_deref() {
        Some("model" | "assistant") => {
            messages.push(model(parts, at, calls)?);
            Ok(())
        }
        None | Some("" | "user" | "function" | "tool") => user(parts, at, calls, messages),
        Some("system") => {
            let text = text(content, at)?;
            messages.push(object([
                ("role", "system".into()),
                ("content", text.into()),
            ]));
            Ok(())
        }
        Some(_) => Err(wrong(
            format!("{at}.role"),
            "`role` must be `user` or `model`.",
        )),
    }
}

fn list<'a, 'b>(content: &'a Value<'b>, at: &str) -> Result<&'a [Value<'b>], Invalid> {
    match content.get("parts") {
        Some(Value::Array(parts)) => Ok(parts),
        Some(one @ Value::Object(_)) => Ok(std::slice::from_ref(one)),
        _ => Err(wrong(
            format!("{at}.parts"),
            "A content needs `parts`, a list such as [{\"text\": \"…\"}].",
        )),
    }
}

/// What the model said: text, thoughts and calls.
fn model(parts: &[Value<'static>], at: &str, calls: &mut Calls) -> Result<Value<'static>, Invalid> {
    let (mut text, mut thoughts, mut called) = (String::new(), String::new(), Vec::new());
    for (place, part) in parts.iter().enumerate() {
        let place = format!("{at}.parts[{place}]");
        let Some(members) = part.as_object() else {
            return Err(wrong(place, "A part must be an object."));
        };
        let signature = member(members, "thoughtSignature").and_then(Value::as_str);
        if let Some(call) = member(members, "functionCall") {
            called.push(function_call(call, &place, signature.as_deref(), calls)?);
        } else if let Some(said) = members.get("text").and_then(Value::as_str) {
            let thought = members.get("thought").and_then(Value::as_bool) == Some(true);
            if thought { &mut thoughts } else { &mut text }.push_str(&said);
        } else if let Some(code) = code(members) {
            text.push_str(&code);
        } else if member(members, "inlineData").is_none()
            && !members.is_empty()
            && signature.is_none()
        {
            return Err(unknown(&place));
        }
    }
    let mut message = object([("role", "assistant".into())]);
    if let Some(members) = message.as_object_mut() {
        let said = !text.is_empty() || called.is_empty();
        members.insert(
            "content",
            if said { Value::from(text) } else { Value::Null },
        );
        if !thoughts.is_empty() {
            members.insert("reasoning_content", Value::from(thoughts));
        }
        if !called.is_empty() {
            members.insert("tool_calls", Value::Array(called));
        }
    }
    Ok(message)
}

fn function_call(
    call: &Value<'static>,
    at: &str,
    signature: Option<&str>,
    calls: &mut Calls,
) -> Result<Value<'static>, Invalid> {
    let Some(name) = call.get("name").and_then(Value::as_str) else {
        return Err(wrong(
            format!("{at}.functionCall.name"),
            "A function call needs a `name`.",
        ));
    };
    let id = calls.begin(&name, id(call));
    let arguments = match call.get("args") {
        None | Some(Value::Null) => "{}".to_owned(),
        Some(args) => String::from_utf8(args.to_vec()).unwrap_or_default(),
    };
    let function = object([
        ("name", name.into_owned().into()),
        ("arguments", arguments.into()),
    ]);
    let mut call = object([
        ("id", id.into()),
        ("type", "function".into()),
        ("function", function),
    ]);
    if let (Some(members), Some(signature)) = (call.as_object_mut(), signature) {
        let google = object([("thought_signature", signature.to_owned().into())]);
        members.insert("extra_content", object([("google", google)]));
    }
    Ok(call)
}

/// What the user said, as one message, after a message for each response of a tool.
fn user(
    parts: &[Value<'static>],
    at: &str,
    calls: &mut Calls,
    messages: &mut Vec<Value<'static>>,
) -> Result<(), Invalid> {
    let mut said = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let place = format!("{at}.parts[{place}]");
        let Some(members) = part.as_object() else {
            match part.as_str() {
                Some(text) => said.push(text_part(text.into_owned())),
                None => return Err(wrong(place, "A part must be an object.")),
            }
            continue;
        };
        if let Some(response) = member(members, "functionResponse") {
            messages.push(function_response(response, &place, calls)?);
            for (inner, part) in response
                .get("parts")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .enumerate()
            {
                if let Some(members) = part.as_object() {
                    said.extend(media(
                        members,
                        &format!("{place}.functionResponse.parts[{inner}]"),
                    )?);
                }
            }
        } else if let Some(text) = members.get("text").and_then(Value::as_str) {
            said.push(text_part(text.into_owned()));
        } else if let Some(code) = code(members) {
            said.push(text_part(code));
        } else if let Some(media) = media(members, &place)? {
            said.push(media);
        } else if !members.is_empty() {
            return Err(unknown(&place));
        }
    }
    if said.is_empty() {
        return Ok(());
    }
    let only_text = said.iter().all(|part| part.get("text").is_some());
    let content = if only_text {
        let texts = said.iter().filter_map(|part| part.get("text")?.as_str());
        Value::from(
            texts
                .map(std::borrow::Cow::into_owned)
                .collect::<Vec<_>>()
                .join("\n"),
        )
    } else {
        Value::Array(said)
    };
    messages.push(object([("role", "user".into()), ("content", content)]));
    Ok(())
}

fn function_response(
    response: &Value<'static>,
    at: &str,
    calls: &mut Calls,
) -> Result<Value<'static>, Invalid> {
    let place = format!("{at}.functionResponse");
    let Some(name) = response.get("name").and_then(Value::as_str) else {
        return Err(wrong(
            format!("{place}.name"),
            "A function response needs a `name`.",
        ));
    };
    let Some(id) = calls.answer(&name, id(response)) else {
        return Err(wrong(
            place,
            "This function response answers no function call before it: keep the call in `contents`.",
        ));
    };
    let said = response.get("response");
    // Client libraries wrap a plain text as `result` or `output`.
    let plain = said
        .and_then(Value::as_object)
        .filter(|members| members.len() == 1)
        .and_then(|members| {
            members
                .get("result")
                .or_else(|| members.get("output"))?
                .as_str()
        });
    let content = match (plain, said) {
        (Some(text), _) => text.into_owned(),
        (None, Some(value)) => String::from_utf8(value.to_vec()).unwrap_or_default(),
        (None, None) => String::new(),
    };
    Ok(object([
        ("role", "tool".into()),
        ("tool_call_id", id.into()),
        ("content", content.into()),
    ]))
}

fn id(of: &Value<'_>) -> Option<String> {
    let id = of.get("id")?.as_str()?;
    (!id.is_empty()).then(|| id.into_owned())
}

/// Code that the model ran at Google, and what came of it, as text that every model reads.
fn code(members: &Object<'_>) -> Option<String> {
    if let Some(code) = member(members, "executableCode") {
        let language = code
            .get("language")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_lowercase();
        let code = code.get("code").and_then(Value::as_str).unwrap_or_default();
        return Some(format!("```{language}\n{code}\n```\n"));
    }
    let result = member(members, "codeExecutionResult")?;
    let output = result
        .get("output")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Some(format!("```\n{output}\n```\n"))
}

/// A picture, a sound or a document.
fn media(members: &Object<'static>, at: &str) -> Result<Option<Value<'static>>, Invalid> {
    let media_type = |of: &Value<'_>| {
        let members = of.as_object()?;
        let media_type = member(members, "mimeType")?.as_str()?;
        Some(media_type.to_ascii_lowercase())
    };
    if let Some(inline) = member(members, "inlineData") {
        let place = format!("{at}.inlineData");
        let (Some(media_type), Some(data)) = (
            media_type(inline),
            inline.get("data").and_then(Value::as_str),
        ) else {
            return Err(wrong(
                place,
                "`inlineData` needs `mimeType` and `data` (base64).",
            ));
        };
        return Ok(Some(inline_part(&media_type, &data)));
    }
    let Some(file) = member(members, "fileData") else {
        return Ok(None);
    };
    let uri = file
        .as_object()
        .and_then(|members| member(members, "fileUri")?.as_str());
    match uri {
        Some(uri)
            if uri.starts_with("https://")
                && !uri.contains("generativelanguage.googleapis.com") =>
        {
            Ok(Some(object([
                ("type", "image_url".into()),
                ("image_url", object([("url", uri.into_owned().into())])),
            ])))
        }
        _ => Err(wrong(
            format!("{at}.fileData.fileUri"),
            "Files uploaded to Google are out of reach here; send the bytes as `inlineData`, or an https address.",
        )),
    }
}

fn inline_part(media_type: &str, data: &str) -> Value<'static> {
    let url = || format!("data:{media_type};base64,{data}");
    match media_type.split_once('/') {
        Some(("image", _)) => object([
            ("type", "image_url".into()),
            ("image_url", object([("url", url().into())])),
        ]),
        Some(("audio", format)) => {
            let format = match format {
                "mpeg" | "mp3" => "mp3",
                "x-wav" | "wave" | "wav" => "wav",
                other => other,
            };
            let audio = object([
                ("data", data.to_owned().into()),
                ("format", format.to_owned().into()),
            ]);
            object([("type", "input_audio".into()), ("input_audio", audio)])
        }
        _ => object([
            ("type", "file".into()),
            (
                "file",
                object([("filename", "file".into()), ("file_data", url().into())]),
            ),
        ]),
    }
}

fn text_part(text: String) -> Value<'static> {
    object([("type", "text".into()), ("text", text.into())])
}

fn unknown(at: &str) -> Invalid {
    wrong(
        at,
        "This kind of part is not served: send text, inlineData, fileData, functionCall or functionResponse.",
    )
}
