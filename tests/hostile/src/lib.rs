//! The good provider that every hostile plugin is, but for one thing.
//!
//! Each example overrides what its attack needs. Where one file holds several tricks of a kind, the model
//! chooses: [`MODEL`] is the first trick, the others are named by [`with_tricks`], so that a test finds them all in
//! the manifest.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Call, Failure, Manifest, Model, Request};

/// The host that all of them may reach, below `/v1`, with POST and GET.
pub const HOST: &str = "hostile.example";

/// The model that all of them have.
pub const MODEL: &str = "hostile-model";

/// The manifest of a good provider that may not carry tools, named `hostile-{name}`.
#[must_use]
pub fn without_tools(name: &str) -> Manifest {
    Manifest::new(&format!("hostile-{name}"), "Hostile")
        .version(env!("CARGO_PKG_VERSION"))
        .homepage("https://hostile.example/")
        .key_page("https://hostile.example/keys")
        .reach(HOST, &["POST", "GET"], "/v1")
        .api_key("")
        .model(model(MODEL))
}

/// The manifest of a good provider.
#[must_use]
pub fn manifest(name: &str) -> Manifest {
    without_tools(name).tools()
}

/// As [`manifest`], with one more model for each further trick.
#[must_use]
pub fn with_tricks(name: &str, tricks: &[&str]) -> Manifest {
    manifest(name).models(tricks.iter().map(|trick| model(trick)))
}

/// Where the good provider is.
#[must_use]
pub fn dialect() -> Dialect {
    Dialect::at(HOST, "/v1")
}

/// The request that the good provider would send.
///
/// # Errors
/// `unsupported` for an operation that it does not know.
pub fn plan(call: &Call) -> Result<Request, Failure> {
    dialect().plan(call)
}

/// Which trick is wanted: the model's name, or `fair` for what is no chat, so that a key can be checked and
/// models be listed before the attack.
#[must_use]
pub fn trick(call: &Call) -> &str {
    if call.operation == "chat" {
        &call.model
    } else {
        "fair"
    }
}

fn model(id: &str) -> Model {
    Model::chat(id, "Hostile model")
        .context(32_768)
        .max_output(4_096)
        .traits("tools")
}
