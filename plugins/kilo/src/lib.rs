//! Kilo's gateway: OpenAI's dialect before OpenRouter's models, the free ones without any key.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{self, Dialect};
use freellmapi_sdk::{Adapter, Call, Failure, Head, Listing, Manifest, Model, Scope, export};

/// The adapter.
pub struct Kilo;

const HOST: &str = "api.kilo.ai";

const MODELS: &str = "
poolside/laguna-m.1:free               | Laguna M.1            | laguna-m.1            | 262144 | - | 730 | -
stepfun/step-3.7-flash:free            | Step 3.7 Flash        | step-3.7-flash        | 262144 | - | 710 | reasoning
poolside/laguna-xs.2:free              | Laguna XS.2           | laguna-xs.2           | 262144 | - | 670 | -
nvidia/nemotron-3-super-120b-a12b:free | Nemotron 3 Super 120B | nemotron-3-super-120b | 262144 | - | 550 | tools reasoning
";

impl Adapter for Kilo {
    const MENDS: bool = true;

    fn manifest() -> Manifest {
        Manifest::new("kilo", "Kilo Gateway")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://kilo.ai/gateway")
            .terms("Needs no key: 200 requests an hour for each address. Hosts of free models may train on what is sent.")
            .data_use("trains")
            .reach(HOST, &["POST"], "/api/gateway/v1/chat/completions")
            .reach(HOST, &["GET"], "/api/gateway/models")
            .keyless()
            .tools()
            .reads(&["chat"])
            .decodes(&["chat"])
            .limit(Scope::IP, "requests", 3600, 200)
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/api/gateway/v1")
            .credential(None)
            .list_at("/api/gateway/models")
            // Whatever it says, it is refused: "Provider returned error".
            .drop(&["response_format"])
            .think_in_text()
            .calls_in_text()
            .fault("provider returned error", "upstream-broken")
            .fault_of("rate limit", "rate-limited", "ip")
    }

    /// What costs money needs an account.
    fn decode_models(_: &Call, _: &Head, body: &[u8]) -> Result<Listing, Failure> {
        let mut listing = openai::listing(body)?;
        listing.models.retain(|model| model.id.ends_with(":free"));
        Ok(listing)
    }
}

export!(Kilo);
