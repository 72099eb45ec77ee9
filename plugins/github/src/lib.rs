//! GitHub Models: OpenAI's dialect on Azure's servers, with a catalogue of its own form and small requests only.

mod list;
#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Failure, Head, Listing, Manifest, Model, Quota, export};

/// The adapter.
pub struct GitHub;

const HOST: &str = "models.github.ai";

/// Of the free plan, whatever the model could do: tokens in one request, and in its answer.
pub(crate) const WINDOW: u64 = 8000;
const ANSWER: f64 = 4000.0;

const MODELS: &str = "
openai/gpt-4.1 | GPT-4.1 | gpt-4.1 | 8000 | 4000 | 590 | tools vision json-object json-schema | 10 50
openai/gpt-4o  | GPT-4o  | gpt-4o  | 8000 | 4000 | 490 | tools vision json-object json-schema | 10 50
";

impl Adapter for GitHub {
    fn manifest() -> Manifest {
        Manifest::new("github", "GitHub Models")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://github.com/marketplace/models")
            .key_page("https://github.com/settings/personal-access-tokens")
            .terms("Free use is meant for prototypes. A fine-grained token needs the permission `models: read`.")
            .reach(HOST, &["POST"], "/inference/chat/completions")
            .reach(HOST, &["POST"], "/inference/embeddings")
            .reach(HOST, &["GET"], "/catalog/models")
            .api_key("(github_pat_|gh[a-z]_)[A-Za-z0-9_]{20,}")
            .reads_headers(&["date", "retry-after*", "x-ratelimit-timeremaining"])
            .tools()
            .tasks(&["embeddings"])
            .models(Model::table(MODELS))
            .models(vectors())
    }

    fn dialect(call: &Call) -> Dialect {
        let dialect = Dialect::at(HOST, "/inference").list_at("/catalog/models");
        if call.operation == "embeddings" {
            return with_faults(dialect);
        }
        with_faults(dialect)
            .drop(&["top_k", "min_p", "repetition_penalty"])
            .replace("/reasoning_effort", "none", None::<()>)
            .replace("/reasoning_effort", "minimal", Some("low"))
            .replace("/reasoning_effort", "xhigh", Some("high"))
            .clamp("/max_tokens", None, Some(ANSWER))
            .clamp("/max_completion_tokens", None, Some(ANSWER))
            .remove("/messages/*/reasoning_content")
    }

    /// Its headers are those of the servers behind it, which count for all of GitHub.
    fn quotas(_: &Call, _: &Head) -> Vec<Quota> {
        Vec::new()
    }

    fn decode_models(_: &Call, _: &Head, body: &[u8]) -> Result<Listing, Failure> {
        list::read(body)
    }
}

fn with_faults(dialect: Dialect) -> Dialect {
    dialect
        .fault("tokens_limit_reached", "too-long")
        .fault("no_access", "key-forbidden")
        .fault("unavailable_model", "model-missing")
        // `Rate limit of 50 per 86400s exceeded for UserByModelByDay.`
        .fault("byday", "quota-exhausted")
}

/// Vectors, with the limits of their own tier. The longest of each is what comes if none is asked for.
fn vectors() -> [Model; 2] {
    let model = |id, label, lengths: &[u32]| {
        Model::of("embeddings", id, label)
            .family(id)
            .context(8191)
            .dimensions(lengths)
            .limits(15, 150, 0, 0)
    };
    [
        model(
            "openai/text-embedding-3-small",
            "Text Embedding 3 Small",
            &[1536, 1024, 768, 512, 256],
        ),
        model(
            "openai/text-embedding-3-large",
            "Text Embedding 3 Large",
            &[3072, 1536, 1024, 768, 512, 256],
        ),
    ]
}

export!(GitHub);
