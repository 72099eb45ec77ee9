//! NVIDIA NIM: OpenAI's dialect in front of many servers, with problem details (RFC 9457) for errors.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Head, Manifest, Model, Scope, Verdict, export};

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
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("nvapi-[A-Za-z0-9_-]{20,}")
            .tools()
            .reads(&["chat"])
            .decodes(&["chat"])
            .limit(Scope::ACCOUNT, "requests", 60, 40)
            .models(Model::table(include_str!("models.txt")))
    }

    fn dialect(call: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
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

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let mut verdict = Self::dialect(call).verdict(call, head, body);
        if let Verdict::Failed(failure) = &mut verdict {
            failure.message = without_ids(&failure.message);
        }
        verdict
    }
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
