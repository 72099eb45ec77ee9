//! `GET /v1/openapi.json`: what this server takes and answers, as an OpenAPI 3.1 document. `GET /v1/docs`: the same to
//! read, one page without any script. Neither holds anything of the user, so neither asks for a key.
//!
//! Each dialect has a file of its own in `reference/`: paths and the shapes that they use. The tests hold the files
//! against the routes and the constants of the code, and send every example to a running server.

mod page;
#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Api;
use super::shell::integrity;
use crate::json::{Object, Options, Value, object, parse};

/// One file a dialect, in the order of the page.
const PARTS: [&str; 6] = [
    include_str!("reference/openai.json"),
    include_str!("reference/responses.json"),
    include_str!("reference/anthropic.json"),
    include_str!("reference/gemini.json"),
    include_str!("reference/ollama.json"),
    include_str!("reference/server.json"),
];

/// Both, made once.
struct Reference {
    document: Vec<u8>,
    page: String,
    /// `Content-Security-Policy` of the page: its own style and nothing else.
    policy: String,
}

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    let document = document();
    let page = page::write(&document);
    Reference {
        document: document.to_vec(),
        policy: format!(
            "default-src 'none'; style-src '{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            integrity(page::STYLE.as_bytes())
        ),
        page,
    }
});

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/v1/openapi.json", get(openapi))
        .route("/v1/docs", get(docs))
}

async fn openapi() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        REFERENCE.document.as_slice(),
    )
        .into_response()
}

async fn docs() -> Response {
    let head = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, REFERENCE.policy.as_str()),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (head, REFERENCE.page.as_str()).into_response()
}

/// All parts as one document.
fn document() -> Value<'static> {
    let (mut paths, mut schemas, mut responses) = (Object::new(), Object::new(), Object::new());
    for part in PARTS {
        let Ok(part) = parse(part.as_bytes(), &Options::STRICT) else {
            continue;
        };
        for (from, to) in [
            ("/paths", &mut paths),
            ("/components/schemas", &mut schemas),
            ("/components/responses", &mut responses),
        ] {
            let members = part.pointer(from).and_then(Value::as_object);
            for (name, value) in members.into_iter().flat_map(Object::iter) {
                to.insert(name.to_owned(), value.clone().into_owned());
            }
        }
    }
    let header_key = |name: &'static str| {
        object([
            ("type", "apiKey".into()),
            ("in", "header".into()),
            ("name", name.into()),
        ])
    };
    let bearer = object([("type", "http".into()), ("scheme", "bearer".into())]);
    let allowed = ["bearer", "x-api-key", "x-goog-api-key"]
        .map(|name| object([(name, Value::Array(Vec::new()))]));
    object([
        ("openapi", "3.1.0".into()),
        (
            "info",
            object([
                ("title", "FreeLLMAPI".into()),
                ("version", env!("CARGO_PKG_VERSION").into()),
                (
                    "description",
                    "One server in front of many providers. Send the key that `freellmapi token show` prints, in whichever \
                     header your client uses. Every answer tells in `x-routed-via` who gave it."
                        .into(),
                ),
            ]),
        ),
        ("servers", Value::Array(vec![object([("url", "/".into())])])),
        ("security", Value::Array(allowed.to_vec())),
        ("paths", Value::Object(paths)),
        (
            "components",
            object([
                ("schemas", Value::Object(schemas)),
                ("responses", Value::Object(responses)),
                (
                    "securitySchemes",
                    object([
                        ("bearer", bearer),
                        ("x-api-key", header_key("x-api-key")),
                        ("x-goog-api-key", header_key("x-goog-api-key")),
                    ]),
                ),
            ]),
        ),
    ])
}
