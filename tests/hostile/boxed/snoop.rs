//! Built for WASI: looks for all that a program finds around it, and answers with what it found. Each model does
//! something else with it.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what becomes of its output is what it tries"
)]

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{
    Adapter, Call, Content, Failure, Head, Input, Manifest, Outcome, Reply, Request, export, json,
};

/// See the module.
pub struct Snoop;

impl Adapter for Snoop {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "snoop",
            &[
                "sleeps",
                "prints",
                "exits",
                "panics",
                "spins",
                "waits-for-input",
            ],
        )
        .translates(&["chat"])
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        match hostile_plugins::trick(call) {
            "fair" => return Ok(request),
            // An hour, of which none passes.
            "sleeps" => std::thread::sleep(std::time::Duration::from_secs(3_600)),
            "prints" => (0..1_000_000).for_each(|n| println!("{n} and more of the same")),
            "exits" => std::process::exit(0),
            "panics" => panic!("of its own will"),
            "spins" => while Instant::now().elapsed().as_secs() < 1 {},
            "waits-for-input" => drop(std::io::stdin().read_line(&mut String::new())),
            _ => {}
        }
        let found = found();
        request.memo = found.clone();
        request.content = Content::Json(
            json!({ "model": call.model, "messages": [], "found": found })
                .to_string()
                .into_bytes(),
        );
        Ok(request)
    }

    fn decode(call: &Call, _: &Head, _: &[u8]) -> Result<Outcome, Failure> {
        let answer = json!({
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": format!("{} then {}", call.memo, found())},
                "finish_reason": "stop",
            }],
        });
        Ok(Outcome::Done(Reply::json(
            answer.to_string().into_bytes(),
            None,
        )))
    }
}

fn found() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let random = RandomState::new().hash_one(1);
    println!("looking around");
    eprintln!("looking around");
    format!(
        "args {:?} vars {:?} home {:?} clock {} random {random:x}",
        std::env::args().collect::<Vec<_>>(),
        std::env::vars().collect::<Vec<_>>(),
        std::env::current_dir().ok(),
        since.as_millis(),
    )
}

export!(Snoop);
