//! Groq: OpenAI's dialect, with limits told in every reply and a refusal of its own for tool calls that
//! its models write badly.

mod catalogue;
mod speech;
#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::subtitles::Heard;
use freellmapi_sdk::openai::{Dialect, ErrorBody, form};
use freellmapi_sdk::{
    Adapter, Call, Failure, FollowUp, Head, Input, Manifest, Outcome, Quota, Reply, Request, Scope,
    Verdict, export, failure, openai,
};

/// The adapter.
pub struct Groq;

const HOST: &str = "api.groq.com";

const DAY: u64 = 86_400;

impl Adapter for Groq {
    fn manifest() -> Manifest {
        Manifest::new("groq", "Groq")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://groq.com")
            .key_page("https://console.groq.com/keys")
            .terms(
                "Limits count for the whole organisation: further keys of one account add nothing.",
            )
            .data_use("private")
            .reach(HOST, &["POST"], "/openai/v1/chat/completions")
            .reach(HOST, &["POST"], "/openai/v1/audio")
            .reach(HOST, &["GET"], "/openai/v1/models")
            .api_key("gsk_[A-Za-z0-9]{20,}")
            .tools()
            .tasks(&["speech"])
            .reads(&["transcription", "translation"])
            .models(catalogue::models())
    }

    fn dialect(call: &Call) -> Dialect {
        // Its request headers count a day, its token headers a minute.
        let dialect = Dialect::at(HOST, "/openai/v1").windows(DAY, 60);
        match call.operation.as_str() {
            "chat" => {}
            "speech" => return speech::quirks(dialect),
            _ => return dialect,
        }
        dialect
            .drop(&["logprobs", "top_logprobs", "logit_bias"])
            .drop(&["top_k", "min_p", "repetition_penalty"])
            .remove("/messages/*/reasoning_content")
    }

    fn encode(call: &Call, input: &Input) -> Result<Request, Failure> {
        if call.outline.traits.iter().any(|word| word == "many") {
            return Err(failure::unsupported("Groq gives one choice at a time"));
        }
        let mut request = Self::dialect(call).plan(call)?;
        form::fill(&mut request, call, input)?;
        if let Some(format @ ("srt" | "vtt")) = form::told(input, "response_format").as_deref() {
            // It has no subtitles, but all that they are made of.
            form::set(&mut request.content, "response_format", "verbose_json");
            request.memo = format.to_owned();
        }
        Ok(request)
    }

    fn decode(call: &Call, _: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        let subtitles = ["transcription", "translation"].contains(&call.operation.as_str());
        Ok(Outcome::Done(match call.memo.as_str() {
            format @ ("srt" | "vtt") if subtitles => Heard::read(body)?.reply(format),
            _ => Reply::keep(),
        }))
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let error = ErrorBody::read(body);
        if error.code == "tool_use_failed" {
            return badly_called(call, head, error);
        }
        let mut failure = openai::failure(call, head, body);
        failure.message = without_organisation(&failure.message);
        failure.quotas = Self::quotas(call, head);
        failure.quotas.extend(overrun(&failure.message));
        Verdict::Failed(failure)
    }
}

/// The model wrote a call that does not parse or fit. Chance plays a part, so it is asked once more; then another
/// model may do it. Neither the key nor the client is at fault. A stream that has begun is not begun again.
fn badly_called(call: &Call, head: &Head, error: ErrorBody) -> Verdict {
    if call.step == 0
        && head.status >= 400
        && let Ok(request) = Groq::dialect(call).plan(call)
    {
        return Verdict::Again(FollowUp {
            request,
            delay_ms: 0,
        });
    }
    Verdict::Failed(failure::unsupported(error.message))
}

/// Which meter ran over: `… on tokens per day (TPD): Limit 100000, Used 99950, Requested 1200.` No header
/// tells of this one.
fn overrun(message: &str) -> Option<Quota> {
    let (unit, window_s) = if message.contains("(TPD)") {
        ("tokens", DAY)
    } else if message.contains("(RPM)") {
        ("requests", 60)
    } else {
        return None;
    };
    let mut quota = Scope::MODEL.limit(unit, window_s, number(message, "Limit ")?);
    quota.remaining = Some(quota.limit?.saturating_sub(number(message, "Used ")?));
    Some(quota)
}

fn number(message: &str, lead: &str) -> Option<u64> {
    let rest = &message[message.find(lead)? + lead.len()..];
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

/// The account's id is no business of the client.
fn without_organisation(message: &str) -> String {
    let Some((before, rest)) = message.split_once(" in organization `") else {
        return message.to_owned();
    };
    let rest = rest.split_once('`').map_or("", |(_, rest)| rest);
    format!("{before}{rest}")
}

export!(Groq);
