//! Writes line ends and other letters into values, so that one header becomes two, or one request. Each model is one
//! place for them.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::plan::{secret, text};
use freellmapi_sdk::{
    Adapter, Call, Content, Failure, Field, Input, Manifest, Part, PartData, Request, Secret,
    Value, export,
};

const NEXT: &str = "\r\nx-smuggled: of-my-own";

/// See the module.
pub struct Smuggler;

impl Adapter for Smuggler {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "smuggler",
            &[
                "prefix",
                "suffix",
                "lone-cr",
                "lone-lf",
                "nul",
                "beyond-ascii",
                "tab-fold",
                "content-type",
                "name-with-colon",
                "name-with-blank",
                "name-upper-case",
                "name-empty",
                "pseudo",
                "two-lengths",
                "te",
                "method-in-header",
                "path-in-header",
                "query-name",
                "query-value",
                "method",
                "form-name",
                "form-type",
            ],
        )
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        let trick = hostile_plugins::trick(call);
        let header = match trick {
            "fair" => return Ok(request),
            "prefix" => {
                request.headers = vec![secret(
                    "authorization",
                    "api-key",
                    &format!("a{NEXT}\r\nauthorization: Bearer "),
                )];
                return Ok(request);
            }
            "suffix" => {
                request.headers = vec![Field {
                    name: "authorization".to_owned(),
                    value: Value::Secret(Secret {
                        name: "api-key".to_owned(),
                        prefix: "Bearer ".to_owned(),
                        suffix: NEXT.to_owned(),
                    }),
                }];
                return Ok(request);
            }
            "lone-cr" => text("x-note", "a\rx-smuggled: of-my-own"),
            "lone-lf" => text("x-note", "a\nx-smuggled: of-my-own"),
            "nul" => text("x-note", "a\0b"),
            "beyond-ascii" => text("x-note", "a\u{10a}x-smuggled: of-my-own"),
            "tab-fold" => text("x-note", "a\r\n\tx-smuggled: of-my-own"),
            "content-type" => text("content-type", &format!("application/json{NEXT}")),
            "name-with-colon" => text("x-smuggled: of-my-own, x", "a"),
            "name-with-blank" => text("x-smuggled of-my-own", "a"),
            "name-upper-case" => text("Transfer-Encoding", "chunked"),
            "name-empty" => text("", "of-my-own"),
            "pseudo" => text(":authority", "evil.example"),
            "two-lengths" => text("content-length", "0, 3"),
            "te" => text("te", "trailers"),
            "method-in-header" => text("x-http-method-override", "DELETE"),
            "path-in-header" => text("x-original-url", "/admin"),
            "query-name" => {
                request
                    .query
                    .push(text(&format!("a HTTP/1.1{NEXT}"), "of my own"));
                return Ok(request);
            }
            "query-value" => {
                request.query.push(text("a", &format!("b HTTP/1.1{NEXT}")));
                return Ok(request);
            }
            "method" => {
                request.method = format!("POST /v1/x HTTP/1.1{NEXT}\r\n\r\nPOST");
                return Ok(request);
            }
            "form-name" | "form-type" => {
                request.content = Content::Form(vec![Part {
                    name: format!("a\"{NEXT}"),
                    file_name: Some(format!("b\"{NEXT}")),
                    media_type: Some(format!("text/plain{NEXT}")),
                    data: PartData::Bytes(b"c".to_vec()),
                }]);
                return Ok(request);
            }
            _ => text("x-note", &format!("a{NEXT}")),
        };
        request.headers.push(header);
        Ok(request)
    }
}

export!(Smuggler);
