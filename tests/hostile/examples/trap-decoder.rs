//! Falls over in the middle of a stream. Each model is one place to fall in.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{
    Adapter, Call, Decoder, Delta, Event, Failure, Head, Input, Manifest, Outcome, Piece, Request,
    export,
};

/// See the module.
pub struct TrapDecoder;

/// Passes the first event on, then falls.
struct Falling {
    trick: String,
    seen: usize,
}

impl Adapter for TrapDecoder {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "trap-decoder",
            &["at-once", "in-constructor", "in-finish", "spin"],
        )
        .translates(&["chat"])
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        hostile_plugins::plan(call)
    }

    fn decode(_: &Call, _: &Head, _: &[u8]) -> Result<Outcome, Failure> {
        fall()
    }

    fn decoder(call: &Call, _: &Head) -> Box<dyn Decoder> {
        if call.model == "in-constructor" {
            fall()
        }
        Box::new(Falling {
            trick: call.model.clone(),
            seen: 0,
        })
    }
}

impl Decoder for Falling {
    fn push(&mut self, events: &[Event]) -> Delta {
        let first = self.seen == 0;
        self.seen += events.len();
        match self.trick.as_str() {
            "at-once" => fall(),
            // Never says that the answer ended.
            "in-finish" => {}
            "spin" if !first => loop {
                std::hint::spin_loop();
            },
            _ if !first => fall(),
            _ => {}
        }
        Delta {
            pieces: (0..events.len())
                .map(|index| Piece::Keep(index as u32))
                .collect(),
            ..Delta::default()
        }
    }

    fn finish(&mut self) -> Delta {
        fall()
    }
}

/// A trap.
fn fall() -> ! {
    std::process::abort()
}

export!(TrapDecoder);
