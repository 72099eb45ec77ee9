//! `POST /v1/images/generations`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use crate::api::Api;
use crate::api::auth::Client;
use crate::api::body::Body;
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;
use crate::api::task::{self, Turn};
use crate::gateway::task::{Done, Task};
use crate::json::Value;

/// OpenAI's bound of images in one request.
const MOST_IMAGES: u64 = 10;

/// Answers a request for images.
pub async fn generate(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    task::respond(&api, &client, Dialect::OpenAi, read(&body)).await
}

fn read(body: &[u8]) -> Result<(Task, Turn), Problem> {
    let members = task::members(body)?;
    let prompt = task::text(&members, "prompt")?;
    let images = task::integer(&members, "n", 1, MOST_IMAGES)?.unwrap_or(1);
    task::word(&members, "response_format", &["url", "b64_json"])?;
    if members.get("stream").and_then(Value::as_bool) == Some(true) {
        return Err(task::wrong(
            "stream",
            "Images are not streamed here; leave out `stream`.",
        ));
    }
    let items = usize::try_from(images).unwrap_or(1);
    let task = task::task("images", members, items, prompt.chars().count());
    Ok((task, Box::new(|done| check(done).map(|()| None))))
}

/// Every entry must show an image, as an address or as bytes.
fn check(done: &Done) -> Result<(), String> {
    let answer = task::json(done)?;
    let shows = |one: &Value<'_>| {
        ["url", "b64_json"].iter().any(|name| {
            one.get(name)
                .and_then(Value::as_text)
                .is_some_and(|text| !text.is_empty())
        })
    };
    if task::list(&answer, "data")?.iter().all(shows) {
        Ok(())
    } else {
        Err("the provider's answer has an entry without an image".to_owned())
    }
}
