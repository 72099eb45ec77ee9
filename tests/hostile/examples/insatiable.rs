//! Wants one more request after every refusal, for ever.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{
    Adapter, Call, Failure, FollowUp, Head, Input, Manifest, Request, Verdict, export,
};

/// See the module.
pub struct Insatiable;

impl Adapter for Insatiable {
    fn manifest() -> Manifest {
        hostile_plugins::manifest("insatiable")
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        hostile_plugins::plan(call)
    }

    fn classify(call: &Call, _: &Head, _: &[u8]) -> Verdict {
        match hostile_plugins::plan(call) {
            Ok(request) => Verdict::Again(FollowUp {
                request,
                delay_ms: 0,
            }),
            Err(failure) => Verdict::Failed(failure),
        }
    }
}

export!(Insatiable);
