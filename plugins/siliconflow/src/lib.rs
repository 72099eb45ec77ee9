//! SiliconFlow: OpenAI's dialect at two hosts, .com and .cn, with keys of their own. Which one a key belongs to is learned.

mod media;
#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{self, Consoles, Dialect};
use freellmapi_sdk::{
    Adapter, Call, Decoder, Failure, Head, Manifest, Model, Outcome, Reply, Verdict, export,
};

/// The adapter.
pub struct SiliconFlow;

const GLOBAL: &str = "api.siliconflow.com";
const CHINA: &str = "api.siliconflow.cn";
const CONSOLES: Consoles = Consoles([("global", GLOBAL), ("china", CHINA)]);

/// Those that cost nothing, with the limits of the lowest level, which are each model's own.
const MODELS: &str = "
Qwen/Qwen3-8B                        | Qwen 3 8B                 | qwen3-8b                  | 131072 | - | 450 | tools reasoning json-object | 1000 - 50000
deepseek-ai/DeepSeek-R1-0528-Qwen3-8B | DeepSeek R1 0528 Qwen3 8B | deepseek-r1-0528-qwen3-8b | 131072 | - | 450 | reasoning                   | 1000 - 50000
THUDM/GLM-4-9B-0414                  | GLM 4 9B 0414             | glm-4-9b-0414             | 32768  | - | 430 | tools json-object           | 1000 - 50000
THUDM/GLM-Z1-9B-0414                 | GLM Z1 9B 0414            | glm-z1-9b-0414            | 131072 | - | 430 | reasoning                   | 1000 - 50000
";

impl Adapter for SiliconFlow {
    fn manifest() -> Manifest {
        Manifest::new("siliconflow", "SiliconFlow")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://www.siliconflow.com")
            .key_page("https://cloud.siliconflow.com/account/ak")
            .terms("Only some models are free, and some of them after the account has been verified. A key is tried at both hosts once.")
            .reach(GLOBAL, &["POST"], "/v1/chat/completions")
            .reach(GLOBAL, &["POST"], "/v1/images/generations")
            .reach(GLOBAL, &["POST"], "/v1/audio/speech")
            .reach(GLOBAL, &["GET"], "/v1/models")
            .reach(CHINA, &["POST"], "/v1/chat/completions")
            .reach(CHINA, &["POST"], "/v1/images/generations")
            .reach(CHINA, &["POST"], "/v1/audio/speech")
            .reach(CHINA, &["GET"], "/v1/models")
            .api_key("sk-[a-z0-9]{20,}")
            .tools()
            .decodes(&["chat"])
            .models(Model::table(MODELS))
            .models(media::models())
    }

    fn dialect(call: &Call) -> Dialect {
        let dialect = Dialect::at(CONSOLES.host(call), "/v1")
            // The free models still answer.
            .fault_of("balance is insufficient", "payment-required", "model")
            .fault_of("30001", "payment-required", "model")
            .fault("20012", "model-missing")
            .fault("max_seq_len", "too-long");
        match call.operation.as_str() {
            "images" => media::pictures(dialect),
            "speech" => media::speech(dialect, &call.model),
            _ => dialect
                .rename("/max_completion_tokens", "max_tokens")
                .drop(&["logit_bias", "logprobs", "top_logprobs", "user"])
                .replace("/messages/*/role", "developer", Some("system")),
        }
    }

    fn decode(call: &Call, _: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        let reply = match call.operation.as_str() {
            "images" => media::read(call, body)?,
            _ => Reply::keep(),
        };
        Ok(Outcome::Done(CONSOLES.learned(call, reply)))
    }

    fn decoder(call: &Call, _: &Head) -> Box<dyn Decoder> {
        CONSOLES.learning(call, openai::passing())
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let mut failure = Self::dialect(call).failure(call, head, body);
        if failure.kind == "key-invalid"
            && let Some(sibling) = CONSOLES.sibling::<Self>(call)
        {
            return sibling;
        }
        if failure.kind == "rate-limited" && daily(&openai::ErrorBody::read(body).message) {
            failure.kind = "quota-exhausted".to_owned();
        }
        Verdict::Failed(failure)
    }
}

/// `RPD`, `TPD`: a limit of the day's.
fn daily(message: &str) -> bool {
    ["RPD", "TPD"].iter().any(|word| message.contains(word))
}

export!(SiliconFlow);
