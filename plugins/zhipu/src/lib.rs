//! Zhipu: OpenAI's dialect at two consoles, bigmodel.cn and Z.ai, whose keys look alike and are not good at each other's
//! host. Which one a key belongs to is learned. Errors are numbers.

mod faults;
#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{Consoles, Dialect};
use freellmapi_sdk::{
    Adapter, Call, Decoder, Failure, Head, Manifest, Model, Outcome, Reply, Verdict, export, openai,
};

/// The adapter.
pub struct Zhipu;

const DOMESTIC: &str = "open.bigmodel.cn";
const GLOBAL: &str = "api.z.ai";
const CONSOLES: Consoles = Consoles([("domestic", DOMESTIC), ("global", GLOBAL)]);
const BASE: &str = "/api/paas/v4";

const MODELS: &str = "
glm-4.7-flash  | GLM 4.7 Flash  | glm-4.7-flash  | 131072 | - | 630 | tools reasoning json-object        | - - - 1000000
glm-4.6v-flash | GLM 4.6V Flash | glm-4.6v-flash | 131072 | - | 570 | tools vision reasoning json-object
glm-4.5-flash  | GLM 4.5 Flash  | glm-4.5-flash  | 131072 | - | 510 | tools reasoning json-object        | - - - 1000000
";

impl Adapter for Zhipu {
    fn manifest() -> Manifest {
        let chat = format!("{BASE}/chat/completions");
        let list = format!("{BASE}/models");
        Manifest::new("zhipu", "Zhipu and Z.ai")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://z.ai")
            .key_page("https://z.ai/manage-apikey/apikey-list")
            .terms("A key of bigmodel.cn is first tried there, then at Z.ai, and the other way round: both hosts see it once.")
            .reach(DOMESTIC, &["POST"], &chat)
            .reach(DOMESTIC, &["GET"], &list)
            .reach(GLOBAL, &["POST"], &chat)
            .reach(GLOBAL, &["GET"], &list)
            .api_key(r"[A-Za-z0-9]{16,}\.[A-Za-z0-9]{8,}")
            .tools()
            .decodes(&["chat"])
            .models(Model::table(MODELS))
    }

    fn dialect(call: &Call) -> Dialect {
        Dialect::at(CONSOLES.host(call), BASE)
            .rename("/max_completion_tokens", "max_tokens")
            .drop(&["logit_bias", "logprobs", "top_logprobs"])
            .drop(&["frequency_penalty", "presence_penalty", "seed"])
            .one_choice()
            .replace("/messages/*/role", "developer", Some("system"))
            .clamp("/temperature", Some(0.0), Some(1.0))
            .cut_list("/stop", 1)
    }

    fn decode(call: &Call, head: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        if openai::ErrorBody::read(body).json["error"].is_object() {
            return Err(faults::failure(call, head, body));
        }
        Ok(Outcome::Done(CONSOLES.learned(call, Reply::keep())))
    }

    fn decoder(call: &Call, _: &Head) -> Box<dyn Decoder> {
        CONSOLES.learning(call, openai::passing())
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let failure = faults::failure(call, head, body);
        if matches!(failure.kind.as_str(), "key-invalid" | "key-forbidden")
            && let Some(sibling) = CONSOLES.sibling::<Self>(call)
        {
            return sibling;
        }
        Verdict::Failed(failure)
    }
}

export!(Zhipu);
