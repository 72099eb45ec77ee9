//! Routeway: OpenAI's dialect behind a gate that lets in only what looks like a browser.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{Dialect, Entry};
use freellmapi_sdk::{Adapter, Call, Manifest, Model, Scope, export};

/// The adapter.
pub struct Routeway;

const HOST: &str = "api.routeway.ai";

const MODELS: &str = "
gpt-oss-120b:free | GPT-OSS 120B | gpt-oss-120b | 131072 | - | 870 | tools reasoning json-object
gpt-4o-mini:free  | GPT-4o mini  | gpt-4o-mini  | 128000 | - | 600 | tools vision json-object json-schema
";

impl Adapter for Routeway {
    fn manifest() -> Manifest {
        Manifest::new("routeway", "Routeway")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://routeway.ai")
            .key_page("https://routeway.ai/dashboard")
            .terms("Free models: 20 requests a minute and 200 a day are documented for an account; 5 a minute were seen.")
            .chats_at(HOST, "/v1")
            .api_key("(clsk|sk)-[A-Za-z0-9_-]{16,}")
            .tools()
            .limit(Scope::ACCOUNT, "requests", 60, 20)
            .limit(Scope::ACCOUNT_DAY_UTC, "requests", 86_400, 200)
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
            .header("user-agent", "Mozilla/5.0 FreeLLMAPI/1.0")
            // The gate's own page, to whom it takes for a robot: no key is at fault.
            .fault("error code: 1010", "upstream-broken")
    }

    fn keeps(row: &Entry) -> bool {
        row["id"].as_str().is_some_and(|id| id.ends_with(":free"))
    }
}

export!(Routeway);
