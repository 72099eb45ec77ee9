//! Cohere, on its own chat API.

#[cfg(test)]
mod tests;

use freellmapi_sdk::cohere::{self, Cohere as Dialect};
use freellmapi_sdk::plan::secret;
use freellmapi_sdk::{
    Adapter, Call, Decoder, Failure, Head, Input, Listing, Manifest, Model, Outcome, Quota,
    Request, Scope, Verdict, export,
};

/// The adapter.
pub struct Cohere;

const HOST: &str = "api.cohere.com";

const MONTH: u64 = 30 * 86_400;

const MODELS: &str = "
command-a-reasoning-08-2025 | Command A Reasoning | command-a-reasoning | 256000 | 32768 | 730 | tools reasoning json-object json-schema
command-r-08-2024           | Command R           | command-r           | 131072 | 4096  | 490 | tools json-object json-schema
command-a-03-2025           | Command A           | command-a           | 131072 | 8192  | 450 | tools json-object json-schema
command-r-plus-08-2024      | Command R+          | command-r-plus      | 131072 | 4096  | 450 | tools json-object json-schema
";

fn dialect() -> Dialect {
    Dialect::at(HOST, secret("authorization", "api-key", "Bearer "))
}

/// Vectors and ranks; their calls count for the month as chats do.
fn others() -> [Model; 2] {
    [
        Model::of("embeddings", "embed-v4.0", "Embed 4")
            .family("embed-v4.0")
            .context(128_000)
            .dimensions(&[1536, 1024, 512, 256]),
        Model::of("rerank", "rerank-v3.5", "Rerank 3.5")
            .context(4096)
            .limits(10, 0, 0, 0),
    ]
}

impl Adapter for Cohere {
    fn manifest() -> Manifest {
        Manifest::new("cohere", "Cohere")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://cohere.com")
            .key_page("https://dashboard.cohere.com/api-keys")
            .terms("A trial key is for trying and not for production: 20 chats a minute, 1,000 calls a month in all.")
            .data_use("trains")
            .reach(HOST, &["POST"], "/v2/chat")
            .reach(HOST, &["POST"], "/v2/embed")
            .reach(HOST, &["POST"], "/v2/rerank")
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("[A-Za-z0-9_-]{30,}")
            .reads_headers(&["date", "retry-after*", "x-trial-endpoint-*", "x-endpoint-monthly-*"])
            .tools()
            // It rewrites bodies whole, images as base64 among them.
            .bounds(256, 500)
            .translates(&["chat"])
            .limit(Scope::ACCOUNT, "requests", 60, 20)
            .limit(Scope::ACCOUNT_DAY_UTC, "requests", MONTH, 1000)
            .models(Model::table(MODELS))
            .models(others())
    }

    fn encode(call: &Call, input: &Input) -> Result<Request, Failure> {
        dialect().encode(call, input)
    }

    fn decode(call: &Call, head: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        cohere::decode(call, head, body)
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        cohere::classify(call, head, body)
    }

    fn quotas(_: &Call, head: &Head) -> Vec<Quota> {
        cohere::quotas(head)
    }

    fn decode_models(_: &Call, _: &Head, body: &[u8]) -> Result<Listing, Failure> {
        dialect().decode_models(body)
    }

    fn decoder(call: &Call, head: &Head) -> Box<dyn Decoder> {
        cohere::decoder(call, head)
    }
}

export!(Cohere);
