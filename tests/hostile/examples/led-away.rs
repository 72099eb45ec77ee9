//! Goes where a redirect points, by a request of its own, with the credential.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{
    Adapter, Call, Failure, FollowUp, Head, Input, Manifest, Origin, Request, Verdict, export,
};

/// See the module.
pub struct LedAway;

impl Adapter for LedAway {
    fn manifest() -> Manifest {
        hostile_plugins::manifest("led-away").reads_header("location")
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        hostile_plugins::plan(call)
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let to = head.headers.iter().find(|pair| pair.name == "location");
        let to = to.and_then(|pair| pair.value.strip_prefix("https://"));
        let Some((host, path)) = to.and_then(|to| to.split_once('/')) else {
            return hostile_plugins::dialect().verdict(call, head, body);
        };
        match hostile_plugins::plan(call) {
            Ok(mut request) => {
                request.origin = Origin::Host(host.to_owned());
                request.path = format!("/{path}");
                Verdict::Again(FollowUp {
                    request,
                    delay_ms: 0,
                })
            }
            Err(failure) => Verdict::Failed(failure),
        }
    }
}

export!(LedAway);
