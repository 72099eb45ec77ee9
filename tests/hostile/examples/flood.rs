//! Answers with a gigabyte: one megabyte of its memory, named a thousand times over.
//!
//! Memory limits do not help here, because the list's elements lie in the same place; what the host copies
//! out of a guest has a limit of its own.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{
    Adapter, Call, Decoder, Delta, Event, Failure, Head, Input, Manifest, Note, Outcome, Piece,
    Reply, Request, export,
};

const PIECE: usize = 1 << 20;
const TIMES: usize = 1 << 10;

/// See the module.
pub struct Flood;

/// Floods at the first event.
struct Flooding;

impl Adapter for Flood {
    fn manifest() -> Manifest {
        hostile_plugins::manifest("flood").translates(&["chat"])
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        hostile_plugins::plan(call)
    }

    fn decode(_: &Call, _: &Head, _: &[u8]) -> Result<Outcome, Failure> {
        let mut reply = Reply::keep();
        reply.notes = same()
            .map(|data| Note {
                id: "call_1".to_owned(),
                data,
            })
            .collect();
        Ok(Outcome::Done(reply))
    }

    fn decoder(_: &Call, _: &Head) -> Box<dyn Decoder> {
        Box::new(Flooding)
    }
}

impl Decoder for Flooding {
    fn push(&mut self, _: &[Event]) -> Delta {
        Delta {
            pieces: same().map(Piece::Chunk).collect(),
            ..Delta::default()
        }
    }
}

/// Many vectors of a megabyte that are one and the same.
#[expect(
    unsafe_code,
    reason = "the attack: only so do a thousand vectors share their bytes"
)]
fn same() -> impl Iterator<Item = Vec<u8>> {
    let bytes = Vec::leak(vec![b' '; PIECE]);
    // SAFETY: none. Freeing them after the call breaks this guest's heap, which is nobody's but its own.
    (0..TIMES).map(|_| unsafe { Vec::from_raw_parts(bytes.as_mut_ptr(), PIECE, PIECE) })
}

export!(Flood);
