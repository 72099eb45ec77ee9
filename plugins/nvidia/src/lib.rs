//! NVIDIA NIM: OpenAI's dialect in front of many servers, with problem details (RFC 9457) for errors.

mod pictures;
#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{self, Dialect};
use freellmapi_sdk::{
    Adapter, Call, Failure, Head, Input, Manifest, Model, Outcome, Request, Scope, Verdict, export,
};

/// The adapter.
pub struct Nvidia;

const HOST: &str = "integrate.api.nvidia.com";

impl Adapter for Nvidia {
    const MENDS: bool = true;

    fn manifest() -> Manifest {
        Manifest::new("nvidia", "NVIDIA NIM")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://build.nvidia.com")
            .key_page("https://build.nvidia.com/settings/api-keys")
            .terms("For evaluation and not for production. 40 requests a minute for the account; credits may run out.")
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .reach(HOST, &["POST"], "/v1/embeddings")
            .reach(pictures::HOST, &["POST"], "/v1/genai")
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("nvapi-[A-Za-z0-9_-]{20,}")
            .tools()
            .reads(&["chat"])
            .decodes(&["chat"])
            .tasks(&["embeddings"])
            .translates(&["images"])
            .limit(Scope::ACCOUNT, "requests", 60, 40)
            .models(Model::table(include_str!("models.txt")))
            .models(vectors())
            .models(pictures::models())
    }

    fn dialect(call: &Call) -> Dialect {
        let dialect = Dialect::at(HOST, "/v1");
        if call.operation == "embeddings" {
            // Its models tell questions from texts to be found; a model has vectors of one length.
            return dialect
                .fill("/input_type", "query")
                .drop(&["dimensions", "user"])
                .fault("not found for account", "model-missing");
        }
        dialect
            .check_by_asking()
            .rename("/max_completion_tokens", "max_tokens")
            .remove("/messages/*/reasoning_content")
            .one_call_at_a_time(call)
            .think_in_text()
            .calls_in_text()
            .fault("degraded function", "overloaded")
            .fault("not found for account", "model-missing")
            // Not one of its own answers: the path leads nowhere, whatever the model.
            .fault("404 page not found", "upstream-broken")
    }

    fn encode(call: &Call, input: &Input) -> Result<Request, Failure> {
        match call.operation.as_str() {
            "images" => pictures::ask(call, input),
            _ => Self::dialect(call).plan_for(call, input),
        }
    }

    fn decode(call: &Call, _: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        match call.operation.as_str() {
            "images" => pictures::read(call, body),
            _ => {
                let mending = Self::dialect(call).mending();
                Ok(Outcome::Done(openai::mended(mending, call, body)))
            }
        }
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let mut verdict = Self::dialect(call).verdict(call, head, body);
        if let Verdict::Failed(failure) = &mut verdict {
            failure.message = without_ids(&failure.message);
        }
        verdict
    }
}

/// Models that make vectors of texts.
fn vectors() -> [Model; 3] {
    let model = |id, label, family, context, length| {
        Model::of("embeddings", id, label)
            .family(family)
            .context(context)
            .dimensions(&[length])
    };
    [
        model(
            "nvidia/llama-nemotron-embed-vl-1b-v2",
            "Nemotron Embed VL 1B",
            "llama-nemotron-embed-vl-1b-v2",
            8192,
            2048,
        ),
        model(
            "nvidia/llama-nemotron-embed-1b-v2",
            "Nemotron Embed 1B",
            "llama-nemotron-embed-1b-v2",
            8192,
            2048,
        ),
        model(
            "nvidia/nv-embedqa-e5-v5",
            "NV-EmbedQA E5 v5",
            "nv-embedqa-e5-v5",
            512,
            1024,
        ),
    ]
}

/// Accounts and functions stand in single quotes, and are nobody's business beyond the account.
fn without_ids(message: &str) -> String {
    let parts = message.split('\'').enumerate();
    let kept = parts.map(|(at, part)| match at % 2 {
        1 if !part.contains(' ') => "…",
        _ => part,
    });
    kept.collect::<Vec<_>>().join("'")
}

export!(Nvidia);
