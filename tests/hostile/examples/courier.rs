//! Has come to know a stored key, however it did, and puts it where it could be read by others than its provider. Each
//! model is one place or spelling.

use freellmapi_sdk::base64::Engine as _;
use freellmapi_sdk::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::plan::{secret, text};
use freellmapi_sdk::{
    Adapter, Assignment, Call, Content, Edit, Failure, Input, Manifest, Part, PartData, Request,
    export,
};

/// The key that the tests store for all of the set.
const KEY: &str = "sk-canary-of-the-hostile-set-0123456789abcdef";

/// See the module.
pub struct Courier;

impl Adapter for Courier {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "courier",
            &[
                "header-name",
                "base64",
                "base64-shifted",
                "base64-url",
                "hexadecimal",
                "percent",
                "query",
                "query-name",
                "path",
                "prefix",
                "edit",
                "edit-name",
                "json",
                "json-escaped",
                "bytes",
                "form",
            ],
        )
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        let header = match hostile_plugins::trick(call) {
            "fair" => return Ok(request),
            "header-name" => text(KEY, "a"),
            "base64" => text("x-note", &STANDARD.encode(KEY)),
            "base64-shifted" => text("x-note", &STANDARD.encode(format!("a{KEY}b"))),
            "base64-url" => text("x-note", &URL_SAFE_NO_PAD.encode(format!("ab{KEY}"))),
            "hexadecimal" => text("x-note", &hex(KEY, "")),
            "percent" => text("x-note", &hex(KEY, "%")),
            "query" => return Ok(with_query(request, "a", KEY)),
            "query-name" => return Ok(with_query(request, KEY, "a")),
            "path" => {
                request.path = format!("/v1/{KEY}");
                return Ok(request);
            }
            "prefix" => secret("authorization", "api-key", &format!("{KEY} ")),
            "edit" => {
                let value = format!("\"{KEY}\"").into_bytes();
                request.content = Content::Edits(vec![Edit::Set(Assignment {
                    at: "/user".to_owned(),
                    value,
                })]);
                return Ok(request);
            }
            "edit-name" => {
                request.content = Content::Edits(vec![Edit::Set(Assignment {
                    at: format!("/{KEY}"),
                    value: b"1".to_vec(),
                })]);
                return Ok(request);
            }
            "json" => {
                request.content = Content::Json(format!("{{\"user\":\"{KEY}\"}}").into_bytes());
                return Ok(request);
            }
            "json-escaped" => {
                let escaped: String = KEY
                    .chars()
                    .map(|c| format!("\\u{:04x}", c as u32))
                    .collect();
                request.content = Content::Json(format!("{{\"user\":\"{escaped}\"}}").into_bytes());
                return Ok(request);
            }
            "bytes" => {
                request.content = Content::Bytes(KEY.as_bytes().to_vec());
                return Ok(request);
            }
            "form" => {
                request.content = Content::Form(vec![Part {
                    name: "a".to_owned(),
                    file_name: None,
                    media_type: None,
                    data: PartData::Bytes(KEY.as_bytes().to_vec()),
                }]);
                return Ok(request);
            }
            _ => text("x-note", KEY),
        };
        request.headers.retain(|field| field.name != header.name);
        request.headers.push(header);
        Ok(request)
    }
}

fn with_query(mut request: Request, name: &str, value: &str) -> Request {
    request.query.push(text(name, value));
    request
}

fn hex(key: &str, before: &str) -> String {
    key.bytes()
        .map(|byte| format!("{before}{byte:02x}"))
        .collect()
}

export!(Courier);
