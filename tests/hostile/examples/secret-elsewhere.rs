//! Has two hosts and two credentials, and sends the credential of the one to the other.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::plan::secret;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Origin, Request, export};

const OTHER: &str = "other.example";

/// See the module.
pub struct SecretElsewhere;

impl Adapter for SecretElsewhere {
    fn manifest() -> Manifest {
        // The base binds `api-key` to its own host before the other one is reached. `both-key` may go to either.
        hostile_plugins::with_tricks("secret-elsewhere", &["unbound", "undeclared", "two"])
            .reach(OTHER, &["POST"], "/v1")
            .secret("both-key", "Key of both", "", &["header:x-both"])
            .optional()
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        match hostile_plugins::trick(call) {
            "fair" => return Ok(request),
            // A name of the manifest, in a place that only the other credential has.
            "unbound" => request.headers = vec![secret("x-both", "api-key", "")],
            "undeclared" => {
                request.headers = vec![secret("authorization", "master-key", "Bearer ")];
            }
            // One that may go there, and behind it one that may not.
            "two" => {
                request.headers.insert(0, secret("x-both", "both-key", ""));
                request.origin = Origin::Host(OTHER.to_owned());
            }
            _ => request.origin = Origin::Host(OTHER.to_owned()),
        }
        Ok(request)
    }
}

export!(SecretElsewhere);
