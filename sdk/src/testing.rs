//! Native tests of a plugin: what a request body becomes, and how a reply is read.
//!
//! This stands in for the server in the plugin's own `cargo test`. It panics where the server would refuse,
//! and says why; it is never part of a component.

mod edit;
mod openai;
mod replies;
mod usual;

pub use edit::carry_out;
pub use openai::speaks_openai;
pub use replies::{Refusal, answered, listed, refusals, streamed};
use serde_json::Value as Json;
pub use usual::{kept, refuses_as_usual};

use crate::{
    Adapter, Call, Content, Failure, Field, File, Head, Input, Origin, Outline, Pair, PartData,
    RawManifest, Request, Value, Verdict, plan,
};

/// A request as the provider would get it, without its credential.
#[derive(Clone, Debug)]
pub struct Sent {
    /// `GET`, `POST`, …
    pub method: String,
    /// With the settings filled in; the user's own base is `user-base`.
    pub url: String,
    /// Sorted by nothing: as planned. A credential shows as its name in braces.
    pub headers: Vec<(String, String)>,
    /// Null where there is no JSON body.
    pub body: Json,
    /// The form's parts, in order, where that is the body: name and text, `{file 0}` for an uploaded file.
    pub form: Vec<(String, String)>,
    /// The query's parameters, in order; a credential shows as its name in braces.
    pub query: Vec<(String, String)>,
}

/// A call that is not streamed, of nothing special, at the beginning of 2026.
#[must_use]
pub fn call(operation: &str, model: &str) -> Call {
    Call {
        id: "0123456789abcdef".to_owned(),
        operation: operation.to_owned(),
        model: model.to_owned(),
        streaming: false,
        outline: Outline {
            body_bytes: 0,
            input_tokens: 0,
            max_output: None,
            items: 1,
            traits: Vec::new(),
            extra: Vec::new(),
        },
        settings: Vec::new(),
        step: 0,
        memo: String::new(),
        now_ms: 1_767_225_600_000,
        extra: Vec::new(),
    }
}

/// The head of a reply. Names are lower-case, as the server hands them over.
#[must_use]
pub fn head(status: u16, headers: &[(&str, &str)]) -> Head {
    Head {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| plan::pair(name, value))
            .collect(),
        extra: Vec::new(),
    }
}

/// Plans a request for `call` and carries the plan out against the canonical `body`.
///
/// # Panics
/// If the plugin fails, or plans what its manifest does not ask for.
#[must_use]
#[track_caller]
pub fn sent<A: Adapter>(call: &Call, body: &Json) -> Sent {
    sent_with::<A>(call, body, Vec::new())
}

/// A file that the client uploaded in the form's field `file`, of no bytes.
#[must_use]
pub fn uploaded(name: &str, media_type: &str) -> File {
    File {
        field: "file".to_owned(),
        file_name: Some(name.to_owned()),
        media_type: Some(media_type.to_owned()),
        size: 0,
        data: Vec::new(),
    }
}

/// The same as [`sent`], with uploaded files.
///
/// # Panics
/// As [`sent`] does.
#[must_use]
#[track_caller]
pub fn sent_with<A: Adapter>(call: &Call, body: &Json, files: Vec<File>) -> Sent {
    let manifest = A::manifest().build();
    let reads = manifest.reads_body.contains(&call.operation);
    let input = Input {
        body: if reads {
            body.to_string().into_bytes()
        } else {
            Vec::new()
        },
        files,
        notes: Vec::new(),
        extra: Vec::new(),
    };
    let call = with_defaults(call, &manifest);
    match A::encode(&call, &input) {
        Ok(request) => carried(&manifest, &call, request, body),
        Err(failure) => panic!("the plugin cannot: {failure:?}"),
    }
}

/// Carries out a request that the plugin planned: of `encode`, or of an `again`.
///
/// # Panics
/// If it is not what the manifest asks for.
#[must_use]
#[track_caller]
pub fn carried(manifest: &RawManifest, call: &Call, request: Request, body: &Json) -> Sent {
    let host = match &request.origin {
        Origin::Host(host) => host.clone(),
        Origin::UserBase => "user-base".to_owned(),
    };
    let granted = manifest.reaches.iter().any(|reach| {
        filled(&reach.host, &call.settings) == host
            && reach.methods.contains(&request.method)
            && below(&filled(&reach.path, &call.settings), &request.path)
    });
    assert!(
        granted,
        "no reach of the manifest covers {} {host}{}",
        request.method, request.path
    );
    let shown = |kind: &str, field: Field| {
        let value = match field.value {
            Value::Text(text) => text,
            Value::Secret(secret) => {
                let place = format!("{kind}:{}", field.name);
                let bound = manifest.secrets.iter().any(|known| {
                    known.name == secret.name
                        && known
                            .hosts
                            .iter()
                            .any(|bound| filled(bound, &call.settings) == host)
                        && known.placements.contains(&place)
                });
                assert!(bound, "`{}` may not go to {place} of {host}", secret.name);
                format!("{}{{{}}}{}", secret.prefix, secret.name, secret.suffix)
            }
        };
        (field.name, value)
    };
    let headers = request.headers.into_iter();
    let headers = headers.map(|field| shown("header", field)).collect();
    let query = request.query.into_iter();
    let query = query.map(|field| shown("query", field)).collect();
    let mut form = Vec::new();
    let body = match request.content {
        Content::Edits(edits) => {
            let mut body = body.clone();
            carry_out(&edits, &mut body);
            body
        }
        Content::Json(bytes) => match serde_json::from_slice(&bytes) {
            Ok(body) => body,
            Err(error) => panic!("the plan's body is no JSON: {error}"),
        },
        Content::Form(parts) => {
            form.extend(parts.into_iter().map(|part| {
                let data = match part.data {
                    PartData::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                    PartData::File(index) => format!("{{file {index}}}"),
                };
                (part.name, data)
            }));
            Json::Null
        }
        _ => Json::Null,
    };
    Sent {
        method: request.method,
        url: format!("{}{}", filled(&host, &call.settings), request.path),
        headers,
        body,
        form,
        query,
    }
}

/// What the plugin makes of a refusal.
///
/// # Panics
/// If it wants to try again; ask [`Adapter::classify`] itself for that.
#[must_use]
#[track_caller]
pub fn refused<A: Adapter>(call: &Call, head: &Head, body: &str) -> Failure {
    match A::classify(call, head, body.as_bytes()) {
        Verdict::Failed(failure) => failure,
        Verdict::Again(next) => panic!("the plugin tries again: {next:?}"),
    }
}

/// Every setting has a value: the call's own, or the manifest's default.
fn with_defaults(call: &Call, manifest: &RawManifest) -> Call {
    let mut call = call.clone();
    for setting in &manifest.settings {
        if !call.settings.iter().any(|pair| pair.name == setting.name) {
            call.settings
                .push(plan::pair(&setting.name, &setting.default));
        }
    }
    call
}

fn filled(text: &str, settings: &[Pair]) -> String {
    settings.iter().fold(text.to_owned(), |text, pair| {
        text.replace(&format!("{{{}}}", pair.name), &pair.value)
    })
}

/// A prefix ends at a segment.
fn below(prefix: &str, path: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
