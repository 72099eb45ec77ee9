//! From a plugin's plan to what is sent: the guard's form, and the body.

mod form;

use bytes::Bytes;
use http::HeaderValue;

use super::exchange::Upload;
use super::failure::Failure;
use crate::json::edit::{self, Edit};
use crate::json::{self, Options, Pointer, Value};
use crate::plugins::contract::{self, Content, PartData};
use crate::upstream::guard::{Field, FieldValue, Origin, Plan};
use crate::upstream::leak::{Found, Leaks};

/// The body of a request and the content type that goes with it unless the plan names another.
pub(super) struct Body {
    pub(super) bytes: Bytes,
    pub(super) media_type: Option<HeaderValue>,
}

/// The plan without its body, as the guard checks it.
pub(super) fn plan(request: &contract::Request) -> Plan {
    Plan {
        method: request.method.clone(),
        origin: match &request.origin {
            contract::Origin::Host(host) => Origin::Host(host.clone()),
            contract::Origin::UserBase => Origin::UserBase,
        },
        path: request.path.clone(),
        query: request.query.iter().map(field).collect(),
        headers: request.headers.iter().map(field).collect(),
    }
}

fn field(field: &contract::Field) -> Field {
    Field {
        name: field.name.clone(),
        value: match &field.value {
            contract::Value::Text(text) => FieldValue::Text(text.clone()),
            contract::Value::Secret(hole) => FieldValue::Secret {
                name: hole.name.clone(),
                prefix: hole.prefix.clone(),
                suffix: hole.suffix.clone(),
            },
        },
    }
}

/// The body. `canonical` makes the canonical body of the attempt, on which edits are done.
pub(super) fn body<'a>(
    content: Content,
    uploads: &[Upload],
    canonical: impl FnOnce() -> Value<'a>,
) -> Result<Body, Failure> {
    let json = Some(HeaderValue::from_static("application/json"));
    Ok(match content {
        Content::Empty => Body {
            bytes: Bytes::new(),
            media_type: None,
        },
        Content::Edits(edits) => {
            let edits = edits
                .into_iter()
                .map(read)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|why| wrong(&why))?;
            let mut body = canonical();
            edit::apply(&mut body, &edits).map_err(|error| wrong(&error.to_string()))?;
            Body {
                bytes: body.to_vec().into(),
                media_type: json,
            }
        }
        Content::Json(bytes) => {
            json::parse(&bytes, &Options::STRICT)
                .map_err(|error| wrong(&format!("its JSON body is none: {error}")))?;
            Body {
                bytes: bytes.into(),
                media_type: json,
            }
        }
        Content::Bytes(bytes) => Body {
            bytes: bytes.into(),
            media_type: None,
        },
        Content::Form(parts) => {
            let (bytes, media_type) = form::encode(&parts, uploads).map_err(no_file)?;
            Body {
                bytes,
                media_type: HeaderValue::from_str(&media_type).ok(),
            }
        }
        Content::File(index) => {
            let upload = uploads.get(index as usize).ok_or_else(|| no_file(index))?;
            Body {
                bytes: upload.data.clone(),
                media_type: None,
            }
        }
    })
}

/// A stored credential in what the plugin itself put into a body. A client's body that is only edited, and its files,
/// are not looked at: they are its own words.
pub(super) fn leaked(content: &Content, leaks: &Leaks, thorough: bool) -> Option<Found> {
    let find = |bytes: &[u8]| leaks.find(bytes, thorough);
    match content {
        Content::Empty | Content::File(_) => None,
        Content::Json(bytes) | Content::Bytes(bytes) => find(bytes),
        Content::Form(parts) => parts.iter().find_map(|part| {
            let words = [
                Some(&part.name),
                part.file_name.as_ref(),
                part.media_type.as_ref(),
            ];
            let said = words.into_iter().flatten();
            let data = match &part.data {
                PartData::Bytes(bytes) => find(bytes),
                PartData::File(_) => None,
            };
            data.or_else(|| said.into_iter().find_map(|word| find(word.as_bytes())))
        }),
        Content::Edits(edits) => edits.iter().find_map(|edit| match edit {
            contract::Edit::Set(put) | contract::Edit::Fill(put) => {
                find(&put.value).or_else(|| find(put.at.as_bytes()))
            }
            contract::Edit::Replace(change) => change.becomes.as_deref().and_then(find),
            contract::Edit::Rename(change) => find(change.name.as_bytes()),
            contract::Edit::Named(named) => find(&named.value),
            // These take away, or bring into another form.
            _ => None,
        }),
    }
}

fn no_file(index: u32) -> Failure {
    wrong(&format!("there is no uploaded file {index}"))
}

fn wrong(why: &str) -> Failure {
    Failure::new(
        "malformed-reply",
        format!("the plugin's plan cannot be carried out: {why}"),
    )
    .unsent()
}

fn read(edit: contract::Edit) -> Result<Edit, String> {
    let at = |pointer: &str| {
        Pointer::parse(pointer).map_err(|error| format!("{pointer:?} is no pointer: {error}"))
    };
    Ok(match edit {
        contract::Edit::Set(put) => Edit::Set {
            at: at(&put.at)?,
            value: value(&put.value)?,
        },
        contract::Edit::Fill(put) => Edit::Fill {
            at: at(&put.at)?,
            value: value(&put.value)?,
        },
        contract::Edit::Replace(change) => Edit::Replace {
            at: at(&change.at)?,
            was: value(&change.was)?,
            becomes: change.becomes.as_deref().map(value).transpose()?,
        },
        contract::Edit::Remove(pointer) => Edit::Remove(at(&pointer)?),
        contract::Edit::Rename(change) => Edit::Rename {
            at: at(&change.at)?,
            name: change.name,
        },
        contract::Edit::Retain(these) => Edit::Retain {
            at: at(&these.at)?,
            names: these.names,
        },
        contract::Edit::RemoveDeep(these) => Edit::RemoveDeep {
            at: at(&these.at)?,
            names: these.names,
        },
        contract::Edit::JoinText(pointer) => Edit::JoinText(at(&pointer)?),
        contract::Edit::Clamp(bounds) => Edit::Clamp {
            at: at(&bounds.at)?,
            low: bounds.low,
            high: bounds.high,
        },
        contract::Edit::CutList(cut) => Edit::CutList {
            at: at(&cut.at)?,
            most: cut.most as usize,
        },
        contract::Edit::AsList(pointer) => Edit::AsList(at(&pointer)?),
        contract::Edit::MapIds(ids) => Edit::MapIds {
            at: ids
                .at
                .iter()
                .map(|pointer| at(pointer))
                .collect::<Result<_, _>>()?,
            length: ids.length as usize,
        },
        contract::Edit::Named(named) => Edit::Named {
            value: value(&named.value)?,
            name: named.name,
        },
    })
}

fn value(bytes: &[u8]) -> Result<Value<'static>, String> {
    json::parse(bytes, &Options::STRICT)
        .map(Value::into_owned)
        .map_err(|error| format!("an edit's value is no JSON: {error}"))
}
