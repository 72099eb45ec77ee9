//! Groq: OpenAI's dialect, strict about what it does not know, with a failure of its own for models that
//! call tools badly.

mod catalogue;
mod limits;

use freellmapi_sdk::openai::{Dialect, ErrorBody};
use freellmapi_sdk::{
    Adapter, Call, Failure, Head, Input, Manifest, Request, Verdict, export, failure, plan,
};

/// The adapter.
pub struct Groq;

const HOST: &str = "api.groq.com";

impl Adapter for Groq {
    fn manifest() -> Manifest {
        Manifest::new("groq", "Groq")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://groq.com")
            .key_page("https://console.groq.com/keys")
            .terms(
                "Limits hold for the whole organisation: several keys of one account share them.",
            )
            .reach(HOST, &["POST"], "/openai/v1/chat/completions")
            .reach(HOST, &["GET"], "/openai/v1/models")
            .api_key("gsk_[A-Za-z0-9]{20,}")
            .tools()
            .models(catalogue::models())
    }

    fn dialect(call: &Call) -> Dialect {
        let dialect = Dialect::at(HOST, "/openai/v1")
            // Requests are counted by the day, tokens by the minute.
            .windows(86_400, 60)
            .drop(&["logprobs", "top_logprobs", "logit_bias"])
            .drop(&["top_k", "min_p", "repetition_penalty"])
            .remove("/messages/*/name")
            .remove("/messages/*/reasoning_content");
        match catalogue::efforts(&call.model) {
            [] => dialect.drop(&["reasoning_effort"]),
            words => words.iter().fold(dialect, |dialect, (was, becomes)| {
                dialect.replace("/reasoning_effort", was, Some(becomes))
            }),
        }
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        if call.outline.traits.iter().any(|word| word == "many") {
            return Err(failure::unsupported("Groq gives one choice only"));
        }
        Self::dialect(call).plan(call)
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let error = ErrorBody::read(body);
        if error.code == "tool_use_failed" {
            return tool_use_failed(call, head, &error);
        }
        let mut failure = Self::dialect(call).failure(call, head, body);
        failure.message = limits::without_organisation(&failure.message);
        if let Some(meter) = limits::told(&failure.message) {
            failure
                .quotas
                .retain(|quota| (&quota.unit, quota.window_s) != (&meter.unit, meter.window_s));
            failure.quotas.push(meter);
        }
        Verdict::Failed(failure)
    }
}

/// The model wrote a call that is none. Another throw often succeeds, and neither the key nor Groq is at fault: once
/// more, then another model. What has been streamed cannot be taken back, so an error inside a 200 is not tried again.
fn tool_use_failed(call: &Call, head: &Head, error: &ErrorBody) -> Verdict {
    let failed = || Verdict::Failed(failure::unsupported(error.message.clone()));
    if call.step > 0 || head.status < 300 {
        return failed();
    }
    match Groq::dialect(call).plan(call) {
        Ok(request) => plan::again(request, 0),
        Err(_) => failed(),
    }
}

export!(Groq);

#[cfg(test)]
mod tests;
