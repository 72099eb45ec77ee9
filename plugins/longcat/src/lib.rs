//! LongCat of Meituan: OpenAI's dialect; a free share of tokens each day, from midnight in Beijing.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Model, Scope, export};

/// The adapter.
pub struct LongCat;

const HOST: &str = "api.longcat.chat";

const BASE: &str = "/openai/v1";

/// These share one allowance.
const SHARED: &str = "
LongCat-Flash-Chat          | LongCat Flash Chat          | longcat-flash-chat     | 131072 | - | 850 | tools json-object
LongCat-Flash-Thinking-2601 | LongCat Flash Thinking 2601 | longcat-flash-thinking | 131072 | - | 870 | tools reasoning
LongCat-Flash-Omni-2603     | LongCat Flash Omni 2603     | longcat-flash-omni     | 131072 | - | 800 | tools vision
";

const LITE: &str = "
LongCat-Flash-Lite          | LongCat Flash Lite          | longcat-flash-lite     | 262144 | - | 650 | tools json-object
";

const DAY: u64 = 86_400;

impl Adapter for LongCat {
    fn manifest() -> Manifest {
        let shared = Scope("group:flash", "Asia/Shanghai");
        let alone = Scope("model", "Asia/Shanghai");
        let models = Model::table(SHARED).into_iter();
        let models = models.map(|model| model.limit(shared, "tokens", DAY, 500_000));
        let lite = Model::table(LITE).into_iter();
        Manifest::new("longcat", "LongCat")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://longcat.chat/platform")
            .key_page("https://longcat.chat/platform/api_keys")
            .terms("500,000 tokens a day for the account, 50 million of LongCat-Flash-Lite; more on application. What is left lapses.")
            .region("CN")
            .reach(HOST, &["POST"], "/openai/v1/chat/completions")
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("ak_[A-Za-z0-9]{10,}|[A-Za-z0-9_-]{20,}")
            .tools()
            .models(models)
            .models(lite.map(|model| model.limit(alone, "tokens", DAY, 50_000_000)))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, BASE)
            .list_at("/v1/models")
            .drop(&["reasoning_effort"])
            .replace("/messages/*/role", "developer", Some("system"))
            // The day's tokens are spent, which it calls payment and permission.
            .fault_of("insufficient_quota", "quota-exhausted", "model")
            .fault_of("insufficient token quota", "quota-exhausted", "model")
    }
}

export!(LongCat);
