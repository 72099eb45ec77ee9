//! Pollinations: OpenAI's dialect, where the status of an unpaid bill may also mean a full queue or a model of a higher
//! tier.

mod media;
#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{self, Dialect, ErrorBody};
use freellmapi_sdk::{
    Adapter, Call, Failure, Head, Input, Manifest, Model, Outcome, Request, Scope, Verdict, export,
    failure,
};

/// The adapter.
pub struct Pollinations;

const HOST: &str = "gen.pollinations.ai";

/// A place in the queue is free again about as soon as the request before it is answered.
const QUEUE_MS: u64 = 5000;

const MODELS: &str = "
openai-fast | OpenAI Fast | - | 131072 | - | 630 | tools json-object
";

impl Adapter for Pollinations {
    const MENDS: bool = true;

    fn manifest() -> Manifest {
        Manifest::new("pollinations", "Pollinations")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://pollinations.ai")
            .key_page("https://enter.pollinations.ai")
            .terms("A key has a small daily allowance; one request at a time for each address without a paid tier.")
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .reach(HOST, &["GET"], "/v1/models")
            .reach(HOST, &["GET"], "/account/key")
            .api_key("(sk|pk)_[A-Za-z0-9_-]{10,}")
            // Without the key, which is not for this host.
            .reach(media::PICTURES, &["GET"], "/prompt")
            .tools()
            .reads(&["chat"])
            .decodes(&["chat"])
            .translates(&["images", "speech"])
            .limit(Scope::IP, "concurrent", 0, 1)
            .models(Model::table(MODELS))
            .models(media::models())
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
            // Everybody may see the list.
            .check_at("/account/key")
            .remove("/messages/*/reasoning_content")
            .think_in_text()
            .calls_in_text()
            .fault_of("queue full", "rate-limited", "ip")
            .fault("tier not high enough", "key-forbidden")
            .fault("required tier", "key-forbidden")
            .fault("model not found", "model-missing")
    }

    fn encode(call: &Call, input: &Input) -> Result<Request, Failure> {
        match call.operation.as_str() {
            "images" => media::draw(call, input),
            "speech" => media::speak(call, input),
            _ => Self::dialect(call).plan_for(call, input),
        }
    }

    fn decode(call: &Call, head: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        let reply = match call.operation.as_str() {
            "images" => media::picture(call, head, body)?,
            "speech" => media::sound(call, body)?,
            _ => openai::mended(Self::dialect(call).mending(), call, body),
        };
        Ok(Outcome::Done(reply))
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let mut failure = Self::dialect(call).failure(call, head, body);
        if call.operation == "key-check" {
            return Verdict::Failed(of_check(head, failure));
        }
        if failure.scope == "ip" {
            failure.retry_after_ms = failure.retry_after_ms.or(Some(QUEUE_MS));
            failure.message = without_address(&ErrorBody::read(body).message);
        }
        Verdict::Failed(failure)
    }
}

/// A key whose allowance is spent is good all the same, and a 403 tells nothing of it.
fn of_check(head: &Head, given: Failure) -> Failure {
    match head.status {
        401 => given,
        402 => failure::unsupported("the key is good, and its allowance is spent"),
        _ => failure::of("upstream-broken", given.message),
    }
}

/// `Queue full for IP: 203.0.113.7: 1 requests …`: the address of this server is no business of the client.
fn without_address(message: &str) -> String {
    match message.split_once(" for IP: ") {
        Some((before, rest)) => {
            let rest = rest.split_once(": ").map_or("", |(_, rest)| rest);
            format!("{before}: {rest}")
        }
        None => message.to_owned(),
    }
}

export!(Pollinations);
