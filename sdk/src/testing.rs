//! For the native tests of a plugin: calls and heads to give it, and its plans as text to compare.

use std::fmt::Write as _;

use crate::{
    Adapter, Call, Content, Edit, Failure, Head, Input, Origin, Outline, Pair, Request, Value,
    Verdict,
};

/// 6 November 1994, 08:49:37 UTC: when every [`call`] is made.
pub const NOW_MS: u64 = 784_111_777_000;

/// A call of this operation, not streamed, with no settings.
#[must_use]
pub fn call(operation: &str, model: &str) -> Call {
    Call {
        id: "0123456789abcdef".to_owned(),
        operation: operation.to_owned(),
        model: model.to_owned(),
        streaming: false,
        outline: Outline {
            body_bytes: 2,
            input_tokens: 1,
            max_output: None,
            items: 1,
            traits: Vec::new(),
            extra: Vec::new(),
        },
        settings: Vec::new(),
        step: 0,
        memo: String::new(),
        now_ms: NOW_MS,
        extra: Vec::new(),
    }
}

/// A chat call; streamed if told so.
#[must_use]
pub fn chat(model: &str, streaming: bool) -> Call {
    Call {
        streaming,
        ..call("chat", model)
    }
}

/// What `encode` gets from a plugin that reads no body.
#[must_use]
pub fn no_body() -> Input {
    Input {
        body: Vec::new(),
        files: Vec::new(),
        notes: Vec::new(),
        extra: Vec::new(),
    }
}

/// Status and headers of a response.
#[must_use]
pub fn head(status: u16, headers: &[(&str, &str)]) -> Head {
    Head {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| Pair {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            })
            .collect(),
        extra: Vec::new(),
    }
}

/// The plan of `A` as [`shown`]; the kind of failure if there is none.
#[must_use]
pub fn plan<A: Adapter>(call: &Call) -> String {
    match A::encode(call, &no_body()) {
        Ok(request) => shown(&request),
        Err(failure) => failure.kind,
    }
}

/// What `A` makes of a chat's error body; `None` if it wants another try.
#[must_use]
pub fn failed<A: Adapter>(status: u16, headers: &[(&str, &str)], body: &str) -> Option<Failure> {
    match A::classify(&chat("m", false), &head(status, headers), body.as_bytes()) {
        Verdict::Failed(failure) => Some(failure),
        Verdict::Again(_) => None,
    }
}

/// A request as lines: `POST https://host/path`, then `header: value` with `{secret}` for a credential, then
/// the edits of the body as `set /at {"json":true}`.
#[must_use]
pub fn shown(request: &Request) -> String {
    let mut text = match &request.origin {
        Origin::Host(host) => format!("{} https://{host}{}\n", request.method, request.path),
        Origin::UserBase => format!("{} <base>{}\n", request.method, request.path),
    };
    // Writing to a string cannot fail.
    for (fields, between) in [(&request.query, "="), (&request.headers, ": ")] {
        for field in fields {
            let value = match &field.value {
                Value::Text(text) => text.clone(),
                Value::Secret(secret) => {
                    format!("{}{{{}}}{}", secret.prefix, secret.name, secret.suffix)
                }
            };
            let _ = writeln!(text, "{}{between}{value}", field.name);
        }
    }
    match &request.content {
        Content::Edits(edits) => edits.iter().for_each(|edit| {
            let _ = writeln!(text, "{}", edited(edit));
        }),
        Content::Json(json) => {
            let _ = writeln!(text, "{}", utf8(json));
        }
        Content::Empty | Content::Form(_) | Content::Bytes(_) | Content::File(_) => {}
    }
    text
}

fn edited(edit: &Edit) -> String {
    let bound = |bound: Option<f64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
    match edit {
        Edit::Set(to) => format!("set {} {}", to.at, utf8(&to.value)),
        Edit::Fill(to) => format!("fill {} {}", to.at, utf8(&to.value)),
        Edit::Replace(to) => {
            let becomes = to.becomes.as_deref().map(utf8).unwrap_or_default();
            format!("replace {} {} {becomes}", to.at, utf8(&to.was))
        }
        Edit::Remove(at) => format!("remove {at}"),
        Edit::Rename(to) => format!("rename {} {}", to.at, to.name),
        Edit::Retain(of) => format!("retain {} {}", of.at, of.names.join(" ")),
        Edit::RemoveDeep(of) => format!("remove-deep {} {}", of.at, of.names.join(" ")),
        Edit::JoinText(at) => format!("join-text {at}"),
        Edit::Clamp(to) => format!("clamp {} {}..{}", to.at, bound(to.low), bound(to.high)),
        Edit::CutList(to) => format!("cut-list {} {}", to.at, to.most),
        Edit::AsList(at) => format!("as-list {at}"),
        Edit::MapIds(to) => format!("map-ids {} {}", to.at.join(" "), to.length),
        Edit::Named(to) => format!("{} {}", to.name, utf8(&to.value)),
    }
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
