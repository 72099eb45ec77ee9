//! `POST /v1/audio/speech`: the answer is sound.

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

/// OpenAI's names of sound formats.
const FORMATS: [&str; 6] = ["mp3", "opus", "aac", "flac", "wav", "pcm"];

/// Answers a request for speech.
pub async fn create(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    task::respond(&api, &client, Dialect::OpenAi, read(&body)).await
}

fn read(body: &[u8]) -> Result<(Task, Turn), Problem> {
    let members = task::members(body)?;
    let input = task::text(&members, "input")?;
    task::word(&members, "response_format", &FORMATS)?;
    let speed = members.get("speed").map(Value::as_f64);
    if speed.is_some_and(|speed| !speed.is_some_and(|speed| (0.25..=4.0).contains(&speed))) {
        return Err(task::wrong(
            "speed",
            "`speed` must be a number from 0.25 to 4.",
        ));
    }
    if members
        .get("stream_format")
        .and_then(Value::as_str)
        .is_some_and(|format| format == "sse")
    {
        return Err(task::wrong(
            "stream_format",
            "Speech is sent as sound; leave out `stream_format`.",
        ));
    }
    let task = task::task("speech", members, 1, input.chars().count());
    Ok((task, Box::new(|done| check(done).map(|()| None))))
}

/// Text in the place of sound is an error that somebody called a success.
fn check(done: &Done) -> Result<(), String> {
    let media_type = done.media_type.as_str();
    if media_type.starts_with("text/") || media_type == "application/json" {
        return Err(format!(
            "the provider answered with {media_type} and no sound"
        ));
    }
    Ok(())
}
