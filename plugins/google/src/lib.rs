//! Google's Gemini API.

mod catalogue;
#[cfg(test)]
mod tests;

use freellmapi_sdk::gemini::{self, Gemini};
use freellmapi_sdk::plan::secret;
use freellmapi_sdk::{
    Adapter, Call, Decoder, Failure, Head, Input, Listing, Manifest, Outcome, Quota, RawModel,
    Request, Verdict, export,
};

const HOST: &str = "generativelanguage.googleapis.com";
const BASE: &str = "/v1beta";

/// The plugin.
pub struct Google;

fn dialect() -> Gemini {
    // In a header and never in the query: addresses stand in logs and in transport errors.
    Gemini::at(HOST, BASE, secret("x-goog-api-key", "api-key", ""))
}

impl Adapter for Google {
    fn manifest() -> Manifest {
        Manifest::new("google", "Google Gemini")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://ai.google.dev/")
            .key_page("https://aistudio.google.com/apikey")
            .terms("Google may use what is sent on the free tier to improve its products, except from Europe.")
            .data_use("trains")
            .reach(HOST, &["POST", "GET"], BASE)
            .secret("api-key", "API key", r"[A-Za-z0-9_.\-]{20,}", &["header:x-goog-api-key"])
            .tools()
            // It rewrites bodies whole, images as base64 among them.
            .bounds(256, 500)
            .translates(&["chat", "embeddings", "images", "speech"])
            .models(catalogue::models())
            .models(catalogue::others())
    }

    fn encode(call: &Call, input: &Input) -> Result<Request, Failure> {
        dialect().encode(call, input)
    }

    fn decode(call: &Call, head: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        gemini::decode(call, head, body)
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        gemini::classify(call, head, body)
    }

    /// Google tells of limits in refusals only.
    fn quotas(_: &Call, _: &Head) -> Vec<Quota> {
        Vec::new()
    }

    fn decode_models(_: &Call, _: &Head, body: &[u8]) -> Result<Listing, Failure> {
        let mut listing = gemini::decode_models(&dialect(), body)?;
        let known = catalogue::models().map(freellmapi_sdk::Model::build);
        for model in &mut listing.models {
            // The list tells neither limits nor ranks.
            if let Some(known) = known.iter().find(|known| known.id == model.id) {
                complete(model, known);
            }
        }
        Ok(listing)
    }

    fn decoder(call: &Call, head: &Head) -> Box<dyn Decoder> {
        gemini::decoder(call, head)
    }
}

/// Puts in what the list does not tell.
fn complete(model: &mut RawModel, known: &RawModel) {
    model.family.clone_from(&known.family);
    model.quotas.clone_from(&known.quotas);
    model.traits.clone_from(&known.traits);
    model.rank = known.rank;
    model.context = model.context.or(known.context);
    model.max_output = model.max_output.or(known.max_output);
}

export!(Google);
