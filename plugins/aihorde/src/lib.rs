//! AI Horde: volunteers' machines behind one queue. Chats go to its OpenAI-like front, which waits in the queue for us;
//! pictures go to the queue itself, which is asked until they are done.

mod pictures;
#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::plan::secret;
use freellmapi_sdk::{
    Adapter, Call, Failure, Head, Input, Manifest, Origin, Outcome, Quota, Reply, Request, export,
};

/// The adapter.
pub struct AiHorde;

/// The front for chats.
const FRONT: &str = "oai.aihorde.net";

/// The queue, and who knows whose key is whose.
const QUEUE: &str = "aihorde.net";

impl Adapter for AiHorde {
    fn manifest() -> Manifest {
        Manifest::new("aihorde", "AI Horde")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://aihorde.net")
            .key_page("https://aihorde.net/register")
            .terms("Volunteers see what is sent to them. The key 0000000000 is everybody's and waits longest; a registered one is free too.")
            .chats_at(FRONT, "/v1")
            .reach(QUEUE, &["GET", "POST"], "/api/v2/generate")
            .reach(QUEUE, &["GET"], "/api/v2/find_user")
            .secret("api-key", "API key, or 0000000000", "0{10}|[A-Za-z0-9_-]{22}", &["header:authorization", "header:apikey"])
            .translates(&["images"])
            .models(pictures::models())
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(FRONT, "/v1")
            .no_stream_options()
            .rename("/max_completion_tokens", "max_tokens")
            .clamp("/max_tokens", Some(16.0), None)
            .fill("/max_tokens", 512)
            .as_list("/stop")
            .join_text("/messages/*/content")
            .replace("/messages/*/role", "developer", Some("system"))
            .drop(&["stream", "n", "seed", "top_k", "min_p", "response_format"])
            .drop(&[
                "presence_penalty",
                "frequency_penalty",
                "repetition_penalty",
            ])
            .drop(&["logit_bias", "logprobs", "top_logprobs", "reasoning_effort"])
            .fault("no workers", "overloaded")
            .fault("no available workers", "overloaded")
            .fault("kudos", "overloaded")
            .fault("user with api_key", "key-invalid")
    }

    fn encode(call: &Call, input: &Input) -> Result<Request, Failure> {
        match call.operation.as_str() {
            "images" => pictures::ask(call, input),
            // The list is everybody's; this is asked by the key's owner.
            "key-check" => Ok(queue("GET", "/find_user")),
            _ => Self::dialect(call).plan(call),
        }
    }

    fn decode(call: &Call, _: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        match call.operation.as_str() {
            "images" => pictures::read(call, body),
            _ => Ok(Outcome::Done(Reply::keep())),
        }
    }

    /// It tells of no limits.
    fn quotas(_: &Call, _: &Head) -> Vec<Quota> {
        Vec::new()
    }
}

/// A request to the queue's own interface.
fn queue(method: &str, path: &str) -> Request {
    let origin = Origin::Host(QUEUE.to_owned());
    let mut request = Request::new(method, origin, format!("/api/v2{path}"));
    request.headers.push(secret("apikey", "api-key", ""));
    request
}

export!(AiHorde);
