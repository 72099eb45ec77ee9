//! AINative Studio: OpenAI's dialect; which models a key may use depends on its plan.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Model, Scope, export};

/// The adapter.
pub struct AiNative;

const HOST: &str = "api.ainative.studio";

/// Those of the free plan.
const MODELS: &str = "
llama-3.3-8b-instruct | Llama 3.3 8B | llama-3.3-8b | 131072 | - | 440 | tools
qwen-7b               | Qwen 7B      | -            | 32768  | - | 400 | tools
gemma-2b              | Gemma 2B     | -            | 32768  | - | 300 | tools
";

/// Thirty days.
const MONTH: u64 = 2_592_000;

impl Adapter for AiNative {
    fn manifest() -> Manifest {
        Manifest::new("ainative", "AINative Studio")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://ainative.studio")
            .key_page("https://ainative.studio/dashboard")
            .terms("The free plan has its own, smaller models; about ten million tokens a month are claimed for it.")
            .chats_at(HOST, "/api/v1")
            .api_key("(sk|ak)[_-][A-Za-z0-9_-]{8,}")
            .tools()
            .limit(Scope::ACCOUNT, "tokens", MONTH, 10_000_000)
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/api/v1")
            // A model of a dearer plan: another one will do.
            .fault("upgrade your plan", "key-forbidden")
    }
}

export!(AiNative);
