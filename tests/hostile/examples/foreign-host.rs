//! Sends to hosts that nobody granted. Each model is one way to write such a host.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Origin, Request, export};

/// See the module.
pub struct ForeignHost;

impl Adapter for ForeignHost {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "foreign-host",
            &[
                "suffix",
                "user-info",
                "port",
                "dot",
                "path",
                "loopback",
                "user-base",
                "empty",
            ],
        )
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        let host = match hostile_plugins::trick(call) {
            "fair" => return Ok(request),
            "suffix" => "hostile.example.evil.example",
            "user-info" => "hostile.example@evil.example",
            "port" => "hostile.example:8443",
            "dot" => "sub.hostile.example",
            "path" => "evil.example/hostile.example",
            "loopback" => "127.0.0.1:3001",
            "empty" => "",
            _ => "evil.example",
        };
        request.origin = if call.model == "user-base" {
            Origin::UserBase
        } else {
            Origin::Host(host.to_owned())
        };
        Ok(request)
    }
}

export!(ForeignHost);
