//! Ollama's cloud: OpenAI's dialect with `reasoning` for what a model thinks. One model at a time, and hours of use in
//! place of requests.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Head, Manifest, Model, Scope, Verdict, export};

/// The adapter.
pub struct Ollama;

const HOST: &str = "ollama.com";

impl Adapter for Ollama {
    fn manifest() -> Manifest {
        Manifest::new("ollama", "Ollama Cloud")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://ollama.com/cloud")
            .key_page("https://ollama.com/settings/keys")
            .terms("The free plan runs one model at a time, some hours in five and in a week; the largest models need a subscription.")
            .data_use("private")
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("[A-Za-z0-9._-]{20,}")
            .optional()
            .tools()
            .limit(Scope::ACCOUNT, "concurrent", 0, 1)
            .models(Model::table(include_str!("models.txt")))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
            .check_by_asking()
            .rename("/messages/*/reasoning_content", "reasoning")
            .drop(&["logit_bias", "user"])
            .one_choice()
            .fault_of("requires a subscription", "key-forbidden", "model")
            // All models count against the same hours.
            .fault_of("usage limit", "quota-exhausted", "key")
            .fault_of("too many concurrent", "rate-limited", "key")
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let mut verdict = Self::dialect(call).verdict(call, head, body);
        if let Verdict::Failed(failure) = &mut verdict {
            failure.message = without_account(&failure.message);
        }
        verdict
    }
}

/// `you (NAME) have reached …`: the account's name is no business of the client.
fn without_account(message: &str) -> String {
    match message.split_once("you (") {
        Some((before, rest)) => {
            let rest = rest.split_once(')').map_or("", |(_, rest)| rest);
            format!("{before}you{rest}")
        }
        None => message.to_owned(),
    }
}

export!(Ollama);
