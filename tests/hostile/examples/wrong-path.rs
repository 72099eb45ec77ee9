//! Leaves the path prefix that was granted. Each model is one way out.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Request, export};

/// See the module.
pub struct WrongPath;

impl Adapter for WrongPath {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "wrong-path",
            &[
                "longer-segment",
                "dots",
                "escaped-dots",
                "twice-escaped-dots",
                "escaped-slash",
                "backslash",
                "query",
                "fragment",
                "authority",
                "relative",
                "upper-case",
                "smuggled",
            ],
        )
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        request.path = match hostile_plugins::trick(call) {
            "fair" => return Ok(request),
            "longer-segment" => "/v10/admin",
            "dots" => "/v1/../admin",
            "escaped-dots" => "/v1/%2e%2E/admin",
            "twice-escaped-dots" => "/v1/%252e%252e/admin",
            "escaped-slash" => "/v1/..%2fadmin",
            "backslash" => "/v1/..\\admin",
            "query" => "/v1/chat/completions?admin=1",
            "fragment" => "/v1/chat/completions#admin",
            "authority" => "//evil.example/v1/chat/completions",
            "relative" => "v1/chat/completions",
            "upper-case" => "/V1/admin",
            "smuggled" => "/v1/chat HTTP/1.1\r\nhost: evil.example\r\n\r\n",
            _ => "/admin",
        }
        .to_owned();
        Ok(request)
    }
}

export!(WrongPath);
