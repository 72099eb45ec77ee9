//! Pictures: at another host, below each model's name, with words that differ from model to model.

use freellmapi_sdk::openai::tasks;
use freellmapi_sdk::plan::secret;
use freellmapi_sdk::serde_json::{self, Value as Json, json};
use freellmapi_sdk::{Call, Content, Failure, Input, Model, Origin, Outcome, Request, failure};

pub(crate) const HOST: &str = "ai.api.nvidia.com";

/// Sides are multiples of this.
const STEP: u64 = 64;
const SIDE: u64 = 1024;

const DEV: &str = "black-forest-labs/flux.1-dev";
const KLEIN: &str = "black-forest-labs/flux.2-klein-4b";

pub(crate) fn models() -> impl Iterator<Item = Model> {
    [
        (
            "black-forest-labs/flux.1-schnell",
            "FLUX.1 schnell",
            "flux-1-schnell",
        ),
        (KLEIN, "FLUX.2 klein 4B", "flux-2-klein-4b"),
        (DEV, "FLUX.1 dev", "flux-1-dev"),
    ]
    .into_iter()
    .map(|(id, label, family)| Model::of("images", id, label).family(family))
}

pub(crate) fn ask(call: &Call, input: &Input) -> Result<Request, Failure> {
    if call.uses("many") {
        return Err(failure::unsupported("NVIDIA draws one picture at a time"));
    }
    let wanted: Json = serde_json::from_slice(&input.body)
        .map_err(|_| failure::of("invalid-request", "the body is no JSON"))?;
    let prompt = wanted["prompt"]
        .as_str()
        .filter(|prompt| !prompt.is_empty())
        .ok_or_else(|| failure::of("invalid-request", "`prompt` is missing; say what to draw"))?;
    let (width, height) = tasks::size(wanted["size"].as_str().unwrap_or_default(), STEP, SIDE);
    let mut body = json!({"prompt": prompt});
    match call.model.as_str() {
        DEV => {
            body["mode"] = json!("base");
            body["steps"] = json!(28);
            body["cfg_scale"] = json!(3.5);
            // The only size of this one.
            body["width"] = json!(SIDE);
            body["height"] = json!(SIDE);
        }
        model => {
            if model != KLEIN {
                body["mode"] = json!("base");
            }
            body["steps"] = json!(4);
            body["width"] = json!(width);
            body["height"] = json!(height);
        }
    }
    if wanted["seed"].is_u64() {
        body["seed"] = wanted["seed"].clone();
    }
    let path = format!("/v1/genai/{}", call.model);
    let mut request = Request::new("POST", Origin::Host(HOST.to_owned()), path);
    request
        .headers
        .push(secret("authorization", "api-key", "Bearer "));
    request.content = Content::Json(body.to_string().into_bytes());
    Ok(request)
}

/// Reads `artifacts`.
pub(crate) fn read(call: &Call, body: &[u8]) -> Result<Outcome, Failure> {
    let said: Json = serde_json::from_slice(body)
        .map_err(|_| failure::malformed("the answer with the picture is no JSON"))?;
    let all = said["artifacts"].as_array().map_or(&[][..], Vec::as_slice);
    let hidden = |one: &Json| one["finishReason"] == "CONTENT_FILTERED";
    if !all.is_empty() && all.iter().all(hidden) {
        return Err(failure::of("content-filtered", "NVIDIA hid the picture"));
    }
    let shown: Vec<String> = all
        .iter()
        .filter(|one| !hidden(one))
        .filter_map(|one| one["base64"].as_str().map(str::to_owned))
        .collect();
    tasks::images(call, &shown).map(Outcome::Done)
}
