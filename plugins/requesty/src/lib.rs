//! Requesty: OpenAI's dialect in front of many providers; a few models cost nothing.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{Dialect, Entry};
use freellmapi_sdk::{Adapter, Call, Manifest, Model, Scope, export};

/// The adapter.
pub struct Requesty;

const HOST: &str = "router.requesty.ai";

const LEANSTRAL: &str = "mistral/leanstral-1-5";

const MODELS: &str = "
mistral/leanstral-1-5             | Leanstral 1.5         | leanstral-1.5    | 262144 | - | 600 | tools json-object json-schema
nvidia/nemotron-3-ultra-550b-a55b | Nemotron 3 Ultra      | nemotron-3-ultra | 262144 | - | 850 | tools reasoning
nvidia/nemotron-3-super-120b-a12b | Nemotron 3 Super 120B | nemotron-3-super | 262144 | - | 550 | tools reasoning
nvidia/nemotron-3-nano-30b-a3b    | Nemotron 3 Nano 30B   | nemotron-3-nano  | 262144 | - | 540 | tools reasoning
google/gemma-4-31b-it             | Gemma 4 31B           | gemma-4-31b      | 262144 | - | 610 | tools
";

impl Adapter for Requesty {
    fn manifest() -> Manifest {
        Manifest::new("requesty", "Requesty")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://www.requesty.ai")
            .key_page("https://app.requesty.ai/api-keys")
            .terms("Free models: 200 requests a day for the whole account.")
            .chats_at(HOST, "/v1")
            .api_key("[A-Za-z0-9_./+=-]{20,}")
            .tools()
            .limit(Scope::ACCOUNT_DAY_UTC, "requests", 86_400, 200)
            .models(Model::table(MODELS))
    }

    fn dialect(call: &Call) -> Dialect {
        let dialect = Dialect::at(HOST, "/v1");
        if call.model != LEANSTRAL {
            return dialect;
        }
        // It refuses the temperature 0, and goes by `top_p` instead.
        let zeros = dialect.replace("/temperature", 0, None::<()>);
        let zeros = zeros.replace("/temperature", 0.0, None::<()>);
        zeros.fill("/top_p", 1)
    }

    /// Hundreds of models cost money.
    fn keeps(row: &Entry) -> bool {
        row["input_price"].as_f64() == Some(0.0) && row["output_price"].as_f64() == Some(0.0)
    }
}

export!(Requesty);
