//! Plans for ever: only the deadline ends the call.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Request, export};

/// See the module.
pub struct Spin;

impl Adapter for Spin {
    fn manifest() -> Manifest {
        hostile_plugins::manifest("spin")
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        while hostile_plugins::trick(call) != "fair" {
            std::hint::spin_loop();
        }
        hostile_plugins::plan(call)
    }
}

export!(Spin);
