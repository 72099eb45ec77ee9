//! Calls itself until the stack is full. Each model is one place to do it in.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Failure, Head, Input, Manifest, Outcome, Request, Verdict};
use freellmapi_sdk::{Reply, export};

/// See the module.
pub struct Recursion;

impl Adapter for Recursion {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks("recursion", &["in-decode", "in-classify"])
            .translates(&["chat"])
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        match hostile_plugins::trick(call) {
            "hostile-model" => request.memo = deeper(0).to_string(),
            // Nobody is there, so that the answer is an error.
            "in-classify" => request.path = "/v1/models/none".to_owned(),
            _ => {}
        }
        Ok(request)
    }

    fn decode(call: &Call, _: &Head, _: &[u8]) -> Result<Outcome, Failure> {
        let mut reply = Reply::keep();
        if call.model == "in-decode" {
            reply.media_type = deeper(0).to_string();
        }
        Ok(Outcome::Done(reply))
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        if call.model == "in-classify" {
            deeper(0);
        }
        hostile_plugins::dialect().verdict(call, head, body)
    }
}

/// Never comes back. What it does with the answer keeps it from being a loop.
#[expect(unconditional_recursion, reason = "the attack")]
fn deeper(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 64]);
    deeper(depth + 1) + room[(depth % 64) as usize]
}

export!(Recursion);
