//! Calls itself what no route can be named.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, export};

/// See the module.
pub struct BadManifest;

impl Adapter for BadManifest {
    fn manifest() -> Manifest {
        hostile_plugins::manifest("bad manifest")
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }
}

export!(BadManifest);
