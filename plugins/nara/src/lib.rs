//! Nara Router: OpenAI's dialect in front of many providers.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Model, export};

/// The adapter.
pub struct Nara;

const HOST: &str = "router.bynara.id";

const MODELS: &str = "
mistral-large         | Mistral Large      | mistral-large    | 262144 | - | 710 | tools json-object
mistral-medium-3-5    | Mistral Medium 3.5 | mistral-medium   | 131072 | - | 710 | tools json-object
nemotron-3-ultra-free | Nemotron 3 Ultra   | nemotron-3-ultra | 262144 | - | 850 | tools reasoning
nemotron-3-super-free | Nemotron 3 Super   | nemotron-3-super | 262144 | - | 550 | tools reasoning
tencent-hy3           | Tencent HY3        | hy3              | 131072 | - | 700 | tools
";

impl Adapter for Nara {
    fn manifest() -> Manifest {
        Manifest::new("nara", "Nara Router")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://router.bynara.id")
            .key_page("https://router.bynara.id/register")
            .terms("Which models are free, and how much of them, changes; the dashboard shows it.")
            .chats_at(HOST, "/v1")
            .api_key("sk-[A-Za-z0-9_-]{10,}")
            .tools()
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
    }
}

export!(Nara);
