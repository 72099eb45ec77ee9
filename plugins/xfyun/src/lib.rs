//! iFlytek Spark: OpenAI's dialect, but for refusals that come with status 200, and without a list of models.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{self, Dialect, hidden};
use freellmapi_sdk::serde_json::json;
use freellmapi_sdk::{
    Adapter, Call, Content, Decoder, Failure, Head, Input, Manifest, Model, Outcome, Reply,
    Request, export, failure,
};

/// The adapter.
pub struct Xfyun;

const HOST: &str = "spark-api-open.xf-yun.com";

const MODELS: &str = "
4.0Ultra    | Spark 4.0 Ultra | spark-4.0-ultra | 32768  | 32768 | 560 | tools json-object
max-32k     | Spark Max 32K   | spark-max       | 32768  | 8192  | 500 | tools
generalv3.5 | Spark Max       | spark-max       | 8192   | 8192  | 500 | tools json-object
pro-128k    | Spark Pro 128K  | spark-pro       | 131072 | 4096  | 430 |
generalv3   | Spark Pro       | spark-pro       | 8192   | 8192  | 430 |
lite        | Spark Lite      | spark-lite      | 8192   | 4096  | 350 |
";

impl Adapter for Xfyun {
    fn manifest() -> Manifest {
        Manifest::new("xfyun", "iFlytek Spark")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://xinghuo.xfyun.cn/sparkapi")
            .key_page("https://console.xfyun.cn/services/bm4")
            .terms("Spark Lite costs nothing; of the others a new account is given some tokens. The key is the APIPassword of the HTTP service.")
            .region("CN")
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .api_key("[A-Za-z0-9]{8,}(:[A-Za-z0-9]+)?")
            .tools()
            .decodes(&["chat"])
            .models(Model::table(MODELS))
    }

    fn dialect(call: &Call) -> Dialect {
        let mut dialect = Dialect::at(HOST, "/v1");
        if call.uses("tools") {
            // By itself it gives one call, as an object in the place of the list.
            dialect = dialect.set("/tool_calls_switch", true);
        }
        dialect
            .drop(&["logit_bias", "logprobs", "top_logprobs", "seed", "n"])
            .rename("/max_completion_tokens", "max_tokens")
            .clamp("/top_k", Some(1.0), Some(6.0))
            .replace("/messages/*/role", "developer", Some("system"))
            .join_text("/messages/*/content")
            .fault("11201", "quota-exhausted")
            .fault("11202", "rate-limited")
            .fault("11203", "rate-limited")
            .fault("11200", "key-forbidden")
            .fault("10007", "rate-limited")
            .fault("10907", "too-long")
            .fault("10013", "content-filtered")
            .fault("10014", "content-filtered")
            .fault("invalid user", "key-invalid")
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        match call.operation.as_str() {
            "models" => Err(failure::unsupported("Spark has no list of models")),
            // Its free model, one token long.
            "key-check" => {
                let mut chat = call.clone();
                chat.operation = "chat".to_owned();
                let hello = json!({"model": "lite", "max_tokens": 1, "messages": [{"role": "user", "content": "1"}]});
                Ok(Request {
                    content: Content::Json(hello.to_string().into_bytes()),
                    ..Self::dialect(call).plan(&chat)?
                })
            }
            _ => Self::dialect(call).plan(call),
        }
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

export!(Xfyun);
