//! Wants one more request after every good answer. Each model is one way not to come to an end.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{
    Adapter, Call, Failure, FollowUp, Head, Input, Manifest, Outcome, Request, export,
};

/// See the module.
pub struct EndlessAgain;

impl Adapter for EndlessAgain {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "endless-again",
            &["waits-for-ever", "waits-long", "never-read"],
        )
        .translates(&["chat"])
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        hostile_plugins::plan(call)
    }

    fn decode(call: &Call, _: &Head, _: &[u8]) -> Result<Outcome, Failure> {
        let delay_ms = match call.model.as_str() {
            "waits-for-ever" => u64::MAX,
            "waits-long" => 40 * 24 * 3_600 * 1000,
            _ => 0,
        };
        let mut request = hostile_plugins::plan(call)?;
        if call.model == "never-read" {
            // A memo as large as it may be, at every step.
            request.memo = "m".repeat(64 << 10);
        }
        Ok(Outcome::Again(FollowUp { request, delay_ms }))
    }
}

export!(EndlessAgain);
