//! BazaarLink: OpenAI's dialect in front of many providers; one name stands for whichever free model there is.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{Dialect, Entry};
use freellmapi_sdk::{Adapter, Call, Manifest, Model, export};

/// The adapter.
pub struct BazaarLink;

const HOST: &str = "bazaarlink.ai";

const MODELS: &str = "
auto:free | Any free model | - | 131072 | - | 500 | tools json-object
";

impl Adapter for BazaarLink {
    fn manifest() -> Manifest {
        Manifest::new("bazaarlink", "BazaarLink")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://bazaarlink.ai")
            .key_page("https://bazaarlink.ai/keys")
            .terms("Only models whose name ends in :free cost nothing; which model answers to auto:free changes.")
            .chats_at(HOST, "/api/v1")
            .reach(HOST, &["GET"], "/api/v1/key")
            .api_key("sk-bl-[A-Za-z0-9_-]{8,}")
            .tools()
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        // The list is public, so it tells nothing of a key.
        Dialect::at(HOST, "/api/v1").check("/key")
    }

    fn keeps(row: &Entry) -> bool {
        row["id"].as_str().is_some_and(|id| id.ends_with(":free"))
    }
}

export!(BazaarLink);
