//! Uses methods that were not granted, on a host that was. Each model is one of them.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Request, export};

/// See the module.
pub struct WrongMethod;

impl Adapter for WrongMethod {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "wrong-method",
            &["put", "lower-case", "connect", "smuggled"],
        )
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        request.method = match hostile_plugins::trick(call) {
            "fair" => return Ok(request),
            "put" => "PUT",
            "lower-case" => "delete",
            "connect" => "CONNECT",
            "smuggled" => "DELETE /v1/files/1 HTTP/1.1\r\nx-rest:",
            _ => "DELETE",
        }
        .to_owned();
        Ok(request)
    }
}

export!(WrongMethod);
