//! Reads a stream and never has anything to say of it. Each model is one way to say nothing.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{
    Adapter, Call, Decoder, Delta, End, Event, Failure, Head, Input, Manifest, Outcome, Piece,
    Reply, Request, export,
};

/// See the module.
pub struct SilentDecoder;

struct Silent {
    trick: String,
    seen: u32,
}

impl Adapter for SilentDecoder {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks(
            "silent-decoder",
            &["ends-before-it-began", "ends-twice", "hoards", "no-end"],
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
        // Something, but no answer.
        Ok(Outcome::Done(Reply::json(b"{}".to_vec(), None)))
    }

    fn decoder(call: &Call, _: &Head) -> Box<dyn Decoder> {
        Box::new(Silent {
            trick: call.model.clone(),
            seen: 0,
        })
    }
}

impl Decoder for Silent {
    fn push(&mut self, events: &[Event]) -> Delta {
        let mut delta = Delta::default();
        self.seen += 1;
        match self.trick.as_str() {
            "ends-before-it-began" => delta.end = Some(End::Complete),
            "ends-twice" => {
                delta.pieces = (0..events.len()).map(|at| Piece::Keep(at as u32)).collect();
                delta.end = Some(End::Complete);
            }
            // A megabyte for every event.
            "hoards" => drop(Vec::leak(vec![0x55_u8; events.len() << 20])),
            "no-end" => delta.pieces = (0..events.len()).map(|at| Piece::Keep(at as u32)).collect(),
            _ => {}
        }
        delta
    }

    fn finish(&mut self) -> Delta {
        Delta::default()
    }
}

export!(SilentDecoder);
