//! Puts the credential where proxies and logs keep it: in the query. Each model is one such place.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::plan::secret;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Request, export};

/// See the module.
pub struct SecretInQuery;

impl Adapter for SecretInQuery {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "secret-in-query",
            &["named-as-header", "other-header", "user-agent", "split"],
        )
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        match hostile_plugins::trick(call) {
            "fair" => {}
            // The manifest grants `header:authorization`, which is no grant of a query of that name.
            "named-as-header" => request.query.push(secret("authorization", "api-key", "")),
            "other-header" => request.headers.push(secret("referer", "api-key", "")),
            "user-agent" => request.headers.push(secret("user-agent", "api-key", "me/")),
            // A prefix that ends the header's line.
            "split" => {
                request.headers = vec![secret("authorization", "api-key", "a\r\nx-note: ")];
            }
            _ => request.query.push(secret("key", "api-key", "")),
        }
        Ok(request)
    }
}

export!(SecretInQuery);
