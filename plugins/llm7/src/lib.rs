//! LLM7: OpenAI's dialect, with or without a token, and limits for each address in four windows.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{Dialect, ErrorBody};
use freellmapi_sdk::{Adapter, Call, Head, Manifest, Model, Quota, Scope, Verdict, export};

/// The adapter.
pub struct Llm7;

const HOST: &str = "api.llm7.io";

const HOUR: u64 = 3600;

const MODELS: &str = "
codestral-latest | Codestral | codestral | 32000 | - | 670 | tools
";

impl Adapter for Llm7 {
    const MENDS: bool = true;

    fn manifest() -> Manifest {
        Manifest::new("llm7", "LLM7")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://llm7.io")
            .key_page("https://token.llm7.io")
            .terms(
                "Works without a key; a free token raises the limits, which count for the address.",
            )
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("[A-Za-z0-9+/=._-]{10,}")
            .optional()
            .tools()
            .reads(&["chat"])
            .decodes(&["chat"])
            // As the documentation tells them for those without a token.
            .limit(Scope::IP, "requests", 1, 1)
            .limit(Scope::IP, "requests", 60, 10)
            .limit(Scope::IP, "requests", HOUR, 60)
            .limit(Scope::IP, "tokens", 24 * HOUR, 500_000)
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
            // Everybody may see the list.
            .unchecked()
            .remove("/messages/*/reasoning_content")
            .think_in_text()
            .calls_in_text()
            .fault_of("rate limit exceeded", "rate-limited", "ip")
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let mut failure = Self::dialect(call).failure(call, head, body);
        failure
            .quotas
            .extend(overrun(&ErrorBody::read(body).message));
        Verdict::Failed(failure)
    }
}

/// Which meter ran over: `Rate limit exceeded: 60 per 1 hour`.
fn overrun(message: &str) -> Option<Quota> {
    let (_, told) = message.split_once("exceeded: ")?;
    let (limit, window) = told.split_once(" per ")?;
    let mut words = window.split_whitespace();
    let count: u64 = words.next()?.parse().ok()?;
    let unit = match words.next()?.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => HOUR,
        "day" => 24 * HOUR,
        _ => return None,
    };
    let mut quota = Scope::IP.limit("requests", count.checked_mul(unit)?, limit.parse().ok()?);
    quota.remaining = Some(0);
    Some(quota)
}

export!(Llm7);
