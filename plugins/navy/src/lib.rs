//! NavyAI: OpenAI's dialect, for who says in the user agent what it is.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{Dialect, Entry};
use freellmapi_sdk::{Adapter, Call, Manifest, Model, Scope, export};

/// The adapter.
pub struct Navy;

const HOST: &str = "api.navy";

const MODELS: &str = "
deepseek-v4-flash | DeepSeek V4 Flash | deepseek-v4-flash | 131072 | - | 910 | tools reasoning json-object
";

impl Adapter for Navy {
    fn manifest() -> Manifest {
        Manifest::new("navy", "NavyAI")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://api.navy")
            .key_page("https://api.navy/dashboard")
            .terms("Free: 20 requests a minute and 150,000 tokens a day for the account; a model may count its tokens several times.")
            .chats_at(HOST, "/v1")
            .reach(HOST, &["GET"], "/v1/usage")
            .api_key("sk-[A-Za-z0-9_-]{10,}")
            .tools()
            .limit(Scope::ACCOUNT, "requests", 60, 20)
            .limit(Scope::ACCOUNT_DAY_UTC, "tokens", 86_400, 150_000)
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        // The list is public, so it tells nothing of a key.
        Dialect::at(HOST, "/v1")
            .check("/usage")
            .header("user-agent", "FreeLLMAPI/1.0")
    }

    fn keeps(row: &Entry) -> bool {
        row["premium"] != true
    }
}

export!(Navy);
