//! OpenCode Zen: OpenAI's dialect before a roster of models, some of them free for a while. It is served as any other
//! client is: what Zen keeps for OpenCode itself is refused and goes elsewhere.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{self, Dialect};
use freellmapi_sdk::{Adapter, Call, Failure, Head, Listing, Manifest, Model, export};

/// The adapter.
pub struct OpenCode;

const HOST: &str = "opencode.ai";

const MODELS: &str = "
deepseek-v4-flash-free | DeepSeek V4 Flash | deepseek-v4-flash | 131072 | - | 910 | tools reasoning | 20 200
nemotron-3-ultra-free  | Nemotron 3 Ultra  | nemotron-3-ultra  | 131072 | - | 850 | tools reasoning | 20 200
big-pickle             | Big Pickle        | -                 | 131072 | - | 790 | -               | 20 200
mimo-v2.5-free         | MiMo V2.5         | mimo-v2.5         | 131072 | - | 710 | -               | 20 200
";

impl Adapter for OpenCode {
    fn manifest() -> Manifest {
        Manifest::new("opencode", "OpenCode Zen")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://opencode.ai/zen")
            .key_page("https://opencode.ai/auth")
            .terms("The free models are promotional, and Zen may serve them to OpenCode only. Their makers may train on what is sent.")
            .data_use("trains")
            .reach(HOST, &["POST"], "/zen/v1/chat/completions")
            .reach(HOST, &["GET"], "/zen/v1/models")
            .api_key("sk-[A-Za-z0-9]{20,}")
            .tools()
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/zen/v1")
            // The list is open to all, and an unknown model is refused before the key is looked at.
            .unchecked()
            .remove("/messages/*/reasoning_content")
            // Counted for an address and a model, whatever the key; when it ends is told in a header only.
            .fault_of("freeusagelimiterror", "quota-exhausted", "ip-model")
            .fault_of("free usage exceeded", "quota-exhausted", "ip-model")
            // Those with the status of a bad key that are not about the key.
            .fault("modelerror", "model-missing")
            .fault_of("creditserror", "payment-required", "model")
            .fault_of("insufficient balance", "payment-required", "model")
            .fault("from within opencode", "key-forbidden")
    }

    /// Most of the roster costs money; the list does not say which, the names do.
    fn decode_models(_: &Call, _: &Head, body: &[u8]) -> Result<Listing, Failure> {
        let mut listing = openai::listing(body)?;
        listing
            .models
            .retain(|model| model.id.ends_with("-free") || model.id == "big-pickle");
        Ok(listing)
    }
}

export!(OpenCode);
