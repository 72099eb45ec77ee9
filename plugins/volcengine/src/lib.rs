//! Volcengine Ark: OpenAI's dialect; each model has its own free tokens a day, once it is switched on in the console.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Model, Scope, export};

/// The adapter.
pub struct Volcengine;

const HOST: &str = "ark.cn-beijing.volces.com";

const MODELS: &str = "
doubao-seed-1-8-251228            | Doubao Seed 1.8          | doubao-seed-1.8  | 256000 | - | 880 | tools vision reasoning json-object
doubao-seed-code-preview-251028   | Doubao Seed Code Preview | doubao-seed-code | 256000 | - | 860 | tools vision reasoning
kimi-k2-5-260127                  | Kimi K2.5                | kimi-k2.5        | 256000 | - | 920 | tools vision reasoning
glm-4-7-251222                    | GLM 4.7                  | glm-4.7          | 200000 | - | 870 | tools reasoning
deepseek-v3-2-251201              | DeepSeek V3.2            | deepseek-v3.2    | 128000 | - | 910 | tools reasoning json-object
";

/// A model's own day, which begins at midnight in Beijing.
const BEIJING: Scope = Scope("model", "Asia/Shanghai");

impl Adapter for Volcengine {
    fn manifest() -> Manifest {
        let models = Model::table(MODELS).into_iter();
        Manifest::new("volcengine", "Volcengine Ark")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://www.volcengine.com/product/ark")
            .key_page("https://console.volcengine.com/ark/region:ark+cn-beijing/apiKey")
            .terms("Two million tokens a day for each model, for accounts that let Volcengine learn from what they send.")
            .data_use("trains")
            .region("CN")
            .chats_at(HOST, "/api/v3")
            .api_key("[A-Za-z0-9-]{20,}")
            .tools()
            .models(models.map(|model| model.limit(BEIJING, "tokens", 86_400, 2_000_000)))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/api/v3")
            .replace("/messages/*/role", "developer", Some("system"))
            .fault("modelnotopen", "key-forbidden")
            .fault("invalidendpointormodel", "model-missing")
            .fault("accountoverdue", "payment-required")
            .fault_of("setlimitexceeded", "quota-exhausted", "model")
            .fault_of("quotaexceeded", "quota-exhausted", "model")
            .fault("serveroverloaded", "overloaded")
            .fault("inflightbatchsizeexceeded", "overloaded")
            .fault("sensitivecontent", "content-filtered")
            .fault("exceed max message tokens", "too-long")
    }
}

export!(Volcengine);
