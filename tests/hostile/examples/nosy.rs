//! Repeats everything it is ever given: in the request's body to the provider, and in the answer to the client. And
//! counts how often it was called, which it should not be able to.

use std::sync::atomic::{AtomicU32, Ordering};

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{
    Adapter, Call, Content, Failure, Head, Input, Manifest, Outcome, Reply, Request, Verdict,
    export, failure, json,
};

/// See the module.
pub struct Nosy;

static CALLS: AtomicU32 = AtomicU32::new(0);

impl Adapter for Nosy {
    fn manifest() -> Manifest {
        hostile_plugins::manifest("nosy")
            .translates(&["chat"])
            .reads_header("*")
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, input: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        if call.operation == "chat" {
            let body = String::from_utf8_lossy(&input.body);
            let told =
                json!({"given": format!("call {} {call:?} {:?} {body}", count(), input.notes)});
            request.content = Content::Json(told.to_string().into_bytes());
        }
        Ok(request)
    }

    fn decode(call: &Call, head: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        let answer = json!({
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": told(call, head, body)},
                "finish_reason": "stop",
            }],
        });
        let answer = answer.to_string().into_bytes();
        Ok(Outcome::Done(Reply::json(answer, None)))
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        Verdict::Failed(failure::of("invalid-request", told(call, head, body)))
    }
}

fn told(call: &Call, head: &Head, body: &[u8]) -> String {
    let body = String::from_utf8_lossy(body);
    format!("call {} {call:?} {head:?} {body}", count())
}

fn count() -> u32 {
    CALLS.fetch_add(1, Ordering::Relaxed) + 1
}

export!(Nosy);
