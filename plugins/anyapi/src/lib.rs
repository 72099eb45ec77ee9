//! AnyAPI: OpenAI's dialect in front of many providers; what a key may call, its own list tells.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Scope, export};

/// The adapter.
pub struct AnyApi;

const HOST: &str = "api.anyapi.ai";

impl Adapter for AnyApi {
    fn manifest() -> Manifest {
        Manifest::new("anyapi", "AnyAPI")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://anyapi.ai")
            .key_page("https://dash.anyapi.ai")
            .terms("Free: 100,000 tokens a day for the account.")
            .chats_at(HOST, "/v1")
            .api_key("[A-Za-z0-9._-]{16,}")
            .tools()
            .limit(Scope::ACCOUNT_DAY_UTC, "tokens", 86_400, 100_000)
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
    }
}

export!(AnyApi);
