//! Baidu Qianfan: OpenAI's dialect, but for refusals that come with status 200.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{self, Dialect, hidden};
use freellmapi_sdk::{
    Adapter, Call, Decoder, Failure, Head, Manifest, Model, Outcome, Reply, export,
};

/// The adapter.
pub struct Qianfan;

const HOST: &str = "qianfan.baidubce.com";

/// The small ones are free; how much of the others is, the account's console tells.
const MODELS: &str = "
ernie-5.5-flash-preview | ERNIE 5.5 Flash Preview | ernie-5.5-flash | 1000000 | - | 880 | tools reasoning json-object
ernie-4.5-turbo-128k    | ERNIE 4.5 Turbo 128K    | ernie-4.5-turbo | 131072  | - | 720 | tools json-object
ernie-speed-pro-128k    | ERNIE Speed Pro 128K    | ernie-speed-pro | 131072  | - | 430 |
ernie-speed-128k        | ERNIE Speed 128K        | ernie-speed     | 131072  | - | 400 | - | 500 - 200000
ernie-speed-8k          | ERNIE Speed 8K          | ernie-speed     | 8192    | - | 400 | - | 500 - 200000
ernie-lite-pro-128k     | ERNIE Lite Pro 128K     | ernie-lite-pro  | 131072  | - | 380 |
ernie-lite-8k           | ERNIE Lite 8K           | ernie-lite      | 8192    | - | 350 |
ernie-tiny-8k           | ERNIE Tiny 8K           | ernie-tiny      | 8192    | - | 300 |
";

impl Adapter for Qianfan {
    fn manifest() -> Manifest {
        Manifest::new("qianfan", "Baidu Qianfan")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://cloud.baidu.com/product/qianfan_home")
            .key_page("https://console.bce.baidu.com/iam/#/iam/apikey/list")
            .terms("ERNIE Speed, Lite and Tiny cost nothing; the account must have been verified.")
            .region("CN")
            .chats_at(HOST, "/v2")
            .api_key("bce-v3/[A-Za-z0-9/_-]{10,}")
            .tools()
            .decodes(&["chat"])
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v2")
            .replace("/messages/*/role", "developer", Some("system"))
            .fault("rpm_rate_limit_exceeded", "rate-limited")
            .fault("tpm_rate_limit_exceeded", "rate-limited")
            .fault("336501", "rate-limited")
            .fault("336502", "rate-limited")
            .fault("invalid_iam_token", "key-invalid")
            .fault("invalid_model", "model-missing")
            // Before the next: both are denials of access.
            .fault("account_overdue", "payment-required")
            .fault("access_denied", "key-forbidden")
    }

    fn decode(call: &Call, head: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        if hidden::is_error(body) {
            return Err(Self::dialect(call).failure(call, head, body));
        }
        Ok(Outcome::Done(Reply::keep()))
    }

    fn decoder(call: &Call, head: &Head) -> Box<dyn Decoder> {
        hidden::watched(openai::passing(), Self::dialect(call), call, head)
    }
}

export!(Qianfan);
