//! Cloudflare Workers AI: OpenAI's dialect below the account's own path, inside Cloudflare's own envelope of errors.

mod catalogue;
mod errors;
mod list;
mod run;
#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::plan::text;
use freellmapi_sdk::{
    Adapter, Call, Failure, FollowUp, Head, Input, Listing, Manifest, Outcome, Reply, Request,
    Scope, Verdict, export, failure, serde_json,
};

/// The adapter.
pub struct Cloudflare;

const HOST: &str = "api.cloudflare.com";

/// What a user's token is asked about; a token of an account is asked about below the account.
const OWN_TOKEN: &str = "/client/v4/user";

impl Adapter for Cloudflare {
    fn manifest() -> Manifest {
        Manifest::new("cloudflare", "Cloudflare Workers AI")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://developers.cloudflare.com/workers-ai/")
            .key_page("https://dash.cloudflare.com/profile/api-tokens")
            .terms("10,000 neurons a day are free for each account, from midnight UTC.")
            .data_use("private")
            .reach(HOST, &["POST"], "/client/v4/accounts/{account-id}/ai/v1")
            .reach(HOST, &["POST"], "/client/v4/accounts/{account-id}/ai/run")
            .reach(
                HOST,
                &["GET"],
                "/client/v4/accounts/{account-id}/ai/models/search",
            )
            .reach(
                HOST,
                &["GET"],
                "/client/v4/accounts/{account-id}/tokens/verify",
            )
            .reach(HOST, &["GET"], "/client/v4/user/tokens/verify")
            .api_key("[A-Za-z0-9_-]{30,}")
            .setting("account-id", "Account ID", "[0-9a-f]{32}")
            .tools()
            .reads(&["transcription"])
            .limit(Scope::ACCOUNT_DAY_UTC, "neurons", 86_400, 10_000)
            .models(catalogue::models())
    }

    fn dialect(call: &Call) -> Dialect {
        let dialect = Dialect::at(HOST, &format!("{}/ai/v1", account(call))).no_stream_options();
        match call.operation.as_str() {
            "chat" => {}
            // A model has vectors of one length, and refuses to be told which.
            "embeddings" => return dialect.drop(&["dimensions", "user"]),
            _ => return dialect,
        }
        let dialect = dialect
            .rename("/max_completion_tokens", "max_tokens")
            .join_text("/messages/*/content")
            .remove("/messages/*/reasoning_content")
            .drop(&["min_p", "logit_bias", "logprobs", "top_logprobs"])
            .drop(&["reasoning_effort"]);
        match call.outline.max_output {
            Some(_) => dialect,
            // What it takes by itself is so little that answers break off.
            None => dialect.fill("/max_tokens", 8192),
        }
    }

    fn encode(call: &Call, input: &Input) -> Result<Request, Failure> {
        match call.operation.as_str() {
            "key-check" => verify(call, OWN_TOKEN),
            "models" => Self::dialect(call).plan(call).map(|request| Request {
                path: format!("{}/ai/models/search", account(call)),
                query: vec![text("per_page", "200")],
                ..request
            }),
            "images" | "speech" | "transcription" => {
                let request = Self::dialect(call).plan(call)?;
                let path = format!("{}/ai/run/{}", account(call), call.model);
                run::plan(call, input, Request { path, ..request })
            }
            _ => Self::dialect(call).plan(call),
        }
    }

    fn decode(call: &Call, head: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        if run::is_raw(call, body) {
            return run::raw(call, body).map(Outcome::Done);
        }
        let said: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        if said["success"] == false {
            return Err(errors::failure(call, head, body));
        }
        if call.operation == "key-check" && said["result"]["status"] != "active" {
            return Err(failure::of("key-invalid", "the token is not active"));
        }
        match call.operation.as_str() {
            "images" | "speech" | "transcription" => {
                run::read(call, &said["result"]).map(Outcome::Done)
            }
            _ => Ok(Outcome::Done(Reply::keep())),
        }
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        if call.operation == "key-check"
            && call.step == 0
            && matches!(head.status, 401 | 403)
            && let Ok(request) = verify(call, &account(call))
        {
            // A token that belongs to the account is unknown among those of users.
            return Verdict::Again(FollowUp {
                request,
                delay_ms: 0,
            });
        }
        Verdict::Failed(errors::failure(call, head, body))
    }

    fn decode_models(_: &Call, _: &Head, body: &[u8]) -> Result<Listing, Failure> {
        list::read(body)
    }
}

/// Asks whether the token is one of `whose`.
fn verify(call: &Call, whose: &str) -> Result<Request, Failure> {
    Ok(Request {
        path: format!("{whose}/tokens/verify"),
        ..Cloudflare::dialect(call).plan(call)?
    })
}

/// The path of the account that this key belongs to.
fn account(call: &Call) -> String {
    let id = call.settings.iter().find(|pair| pair.name == "account-id");
    format!(
        "/client/v4/accounts/{}",
        id.map_or("", |pair| pair.value.as_str())
    )
}

export!(Cloudflare);
