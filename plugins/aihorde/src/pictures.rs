//! Pictures, which wait in the horde's queue: one request puts them in, others ask how far they are, a last one gets them.

use freellmapi_sdk::openai::tasks;
use freellmapi_sdk::serde_json::{self, Value as Json, json};
use freellmapi_sdk::{Call, Content, Failure, FollowUp, Input, Model, Outcome, Request, failure};

use crate::queue;

/// How often is asked, milliseconds: the horde says how long it thinks that it will take, and keeps its answer a second.
const SOONEST: u64 = 2000;
const LATEST: u64 = 10_000;

/// Sides are multiples of this; larger ones cost more than a new account has.
const STEP: u64 = 64;
const LARGEST: u64 = 1024;

/// Models that there are nearly always machines for.
pub(crate) fn models() -> impl Iterator<Item = Model> {
    [
        ("AlbedoBase XL (SDXL)", "AlbedoBase XL"),
        ("Deliberate", "Deliberate"),
        ("stable_diffusion", "Stable Diffusion 1.5"),
    ]
    .into_iter()
    .map(|(id, label)| Model::of("images", id, label))
}

/// Puts the pictures into the queue.
pub(crate) fn ask(call: &Call, input: &Input) -> Result<Request, Failure> {
    let wanted: Json = serde_json::from_slice(&input.body)
        .map_err(|_| failure::of("invalid-request", "the body is no JSON"))?;
    let prompt = wanted["prompt"]
        .as_str()
        .filter(|prompt| !prompt.is_empty())
        .ok_or_else(|| failure::of("invalid-request", "`prompt` is missing; say what to draw"))?;
    let (width, height) = size(wanted["size"].as_str().unwrap_or_default());
    let body = json!({
        "prompt": prompt,
        "params": {"n": wanted["n"].as_u64().unwrap_or(1).clamp(1, 4), "width": width, "height": height},
        "models": [call.model],
        "nsfw": false,
        "censor_nsfw": true,
        // The picture itself and no address of it.
        "r2": false,
    });
    let mut request = queue("POST", "/generate/async");
    request.content = Content::Json(body.to_string().into_bytes());
    Ok(request)
}

/// Reads what the queue says; which of the three it is, the memo tells.
pub(crate) fn read(call: &Call, body: &[u8]) -> Result<Outcome, Failure> {
    let said: Json = serde_json::from_slice(body)
        .map_err(|_| failure::malformed("the queue's answer is no JSON"))?;
    match call.memo.split_once(':') {
        None => {
            let id = said["id"]
                .as_str()
                .filter(|id| {
                    id.bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                })
                .filter(|id| !id.is_empty())
                .ok_or_else(|| failure::malformed("the queue gave no number"))?;
            Ok(again("check", id, SOONEST))
        }
        Some(("check", id)) => progress(&said, id),
        Some((_, _)) => pictures(call, &said),
    }
}

fn progress(said: &Json, id: &str) -> Result<Outcome, Failure> {
    if said["done"] == true {
        return Ok(again("status", id, 0));
    }
    if said["faulted"] == true {
        return Err(failure::of(
            "overloaded",
            "the horde's machines failed at it",
        ));
    }
    if said["is_possible"] == false {
        return Err(failure::of(
            "overloaded",
            "no machine of the horde serves this model now",
        ));
    }
    let wait = said["wait_time"].as_u64().unwrap_or(0).saturating_mul(1000);
    Ok(again("check", id, wait.clamp(SOONEST, LATEST)))
}

fn pictures(call: &Call, said: &Json) -> Result<Outcome, Failure> {
    let all = said["generations"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let shown: Vec<String> = all
        .iter()
        .filter(|one| one["censored"] != true)
        .filter_map(|one| one["img"].as_str().map(str::to_owned))
        .collect();
    if shown.is_empty() && !all.is_empty() {
        return Err(failure::of("content-filtered", "the horde hid the picture"));
    }
    tasks::images(call, &shown).map(Outcome::Done)
}

fn again(what: &str, id: &str, delay_ms: u64) -> Outcome {
    let mut request = queue("GET", &format!("/generate/{what}/{id}"));
    request.memo = format!("{what}:{id}");
    Outcome::Again(FollowUp { request, delay_ms })
}

/// `1024x1536` in the horde's steps; the usual 512 where it says nothing.
fn size(text: &str) -> (u64, u64) {
    let side = |text: &str| text.trim().parse::<u64>().ok();
    let fit = |side: u64| (side / STEP * STEP).clamp(STEP, LARGEST);
    match text.split_once('x') {
        Some((width, height)) => (side(width).map_or(512, fit), side(height).map_or(512, fit)),
        None => (512, 512),
    }
}
