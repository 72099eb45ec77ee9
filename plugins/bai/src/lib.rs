//! B.AI: OpenAI's dialect in front of many providers; what a key may call, its own list tells.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, export};

/// The adapter.
pub struct BAi;

const HOST: &str = "api.b.ai";

impl Adapter for BAi {
    fn manifest() -> Manifest {
        Manifest::new("bai", "B.AI")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://b.ai")
            .key_page("https://b.ai")
            .terms("Paid by tokens; what is free is the credit that the account was given.")
            .chats_at(HOST, "/v1")
            .api_key("sk-[A-Za-z0-9_-]{8,}")
            .tools()
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
            .fault("insufficient quota", "payment-required")
            .fault("banned", "key-invalid")
    }
}

export!(BAi);
