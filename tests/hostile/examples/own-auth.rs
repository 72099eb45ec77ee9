//! Writes headers that are the host's to write. Each model is one of them.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::plan::text;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Request, export};

/// See the module.
pub struct OwnAuth;

impl Adapter for OwnAuth {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "own-auth",
            &[
                "upper-case",
                "twice",
                "host",
                "length",
                "encoding",
                "cookie",
                "proxy",
                "connection",
                "line-feed",
                "line-feed-in-name",
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
            "upper-case" => text("Authorization", "Bearer of-my-own"),
            "twice" => {
                // Beside the user's credential, not in its place.
                request
                    .headers
                    .push(text("authorization", "Bearer of-my-own"));
                return Ok(request);
            }
            "host" => text("host", "evil.example"),
            "length" => text("content-length", "3"),
            "encoding" => text("transfer-encoding", "chunked"),
            "cookie" => text("cookie", "session=of-my-own"),
            "proxy" => text("proxy-authorization", "Basic b2Y6bXk="),
            "connection" => text("connection", "upgrade"),
            "line-feed" => text("x-note", "a\r\nauthorization: Bearer of-my-own"),
            "line-feed-in-name" => text("x-note: a\r\nauthorization", "Bearer of-my-own"),
            _ => text("authorization", "Bearer of-my-own"),
        };
        request.headers.clear();
        request.headers.push(header);
        Ok(request)
    }
}

export!(OwnAuth);
