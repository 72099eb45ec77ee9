//! Takes memory, and touches it, until none is given.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Request, export};

/// See the module.
pub struct Hog;

impl Adapter for Hog {
    fn manifest() -> Manifest {
        hostile_plugins::manifest("hog")
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut held = Vec::new();
        while hostile_plugins::trick(call) != "fair" {
            held.push(vec![0x55_u8; 1 << 16]);
            std::hint::black_box(&held);
        }
        hostile_plugins::plan(call)
    }
}

export!(Hog);
