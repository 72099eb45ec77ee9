//! Describes itself at a length that nobody can read.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Model, export};

/// See the module.
pub struct WideManifest;

impl Adapter for WideManifest {
    fn manifest() -> Manifest {
        let models = (0..20_000).map(|n| Model::chat(&format!("model-{n}"), &"x".repeat(1_000)));
        hostile_plugins::manifest("wide-manifest").models(models)
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }
}

export!(WideManifest);
