//! `POST /v1/audio/transcriptions` and `/v1/audio/translations`: sound as a form's file, text back.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::response::Response;

use crate::api::Api;
use crate::api::auth::Client;
use crate::api::body::BodyError;
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;
use crate::api::task::{self, Turn, wrong};
use crate::gateway::exchange::Upload;
use crate::gateway::task::{Done, Task};
use crate::json::{Object, Value};

/// OpenAI's names of text formats.
const FORMATS: [&str; 6] = [
    "json",
    "text",
    "srt",
    "verbose_json",
    "vtt",
    "diarized_json",
];

/// Fields of a form.
const MOST_FIELDS: usize = 64;

/// Tokens of a second of sound, roughly; a second of compressed speech has some four kilobytes.
const BYTES_PER_TOKEN: usize = 400;

/// Answers a request for the words of a recording, in its language.
pub async fn transcribe(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    request: Request,
) -> Response {
    let read = read("transcription", request, api.body_limit).await;
    task::respond(&api, &client, Dialect::OpenAi, read).await
}

/// Answers a request for the words of a recording, in English.
pub async fn translate(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    request: Request,
) -> Response {
    let read = read("translation", request, api.body_limit).await;
    task::respond(&api, &client, Dialect::OpenAi, read).await
}

async fn read(
    operation: &'static str,
    request: Request,
    limit: usize,
) -> Result<(Task, Turn), Problem> {
    let (members, uploads) = form(request, limit).await?;
    let Some(file) = uploads.iter().find(|upload| upload.field == "file") else {
        return Err(wrong(
            "file",
            "`file` is missing: send the recording as a file of this name.",
        ));
    };
    if file.data.is_empty() {
        return Err(wrong("file", "`file` is empty."));
    }
    task::word(&members, "response_format", &FORMATS)?;
    if members
        .get("stream")
        .and_then(Value::as_str)
        .is_some_and(|stream| stream == "true")
    {
        return Err(wrong(
            "stream",
            "Transcripts are not streamed here; leave out `stream`.",
        ));
    }
    let format = members.get("response_format").and_then(Value::as_str);
    let json = format.is_none_or(|format| format.ends_with("json"));
    let tokens = file.data.len() / BYTES_PER_TOKEN;
    let mut task = task::task(operation, members, 1, tokens * 4);
    task.uploads = uploads;
    let check = move |done: &Done| {
        if json
            && task::json(done)?
                .get("text")
                .and_then(Value::as_text)
                .is_none()
        {
            return Err("the provider's answer has no `text`".to_owned());
        }
        Ok(None)
    };
    Ok((task, Box::new(check)))
}

/// A form's text fields, a name that comes several times as a list, and its files.
async fn form(request: Request, limit: usize) -> Result<(Object<'static>, Vec<Upload>), Problem> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| Problem::invalid(format!("Send a multipart/form-data body: {error}.")))?;
    let broken = |why: String| Problem::from(BodyError::Broken(why));
    let (mut members, mut uploads) = (Object::new(), Vec::new());
    let (mut fields, mut size) = (0, 0_usize);
    while let Some(mut field) = form
        .next_field()
        .await
        .map_err(|error| broken(error.body_text()))?
    {
        fields += 1;
        if fields > MOST_FIELDS {
            return Err(Problem::invalid(format!(
                "The form has more than {MOST_FIELDS} fields."
            )));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(bare);
        let media_type = field.content_type().map(str::to_owned);
        let mut data = Vec::new();
        while let Some(piece) = field
            .chunk()
            .await
            .map_err(|error| broken(error.body_text()))?
        {
            size += piece.len();
            if size > limit {
                return Err(BodyError::TooLarge(limit).into());
            }
            data.extend_from_slice(&piece);
        }
        if file_name.is_some() || name == "file" {
            uploads.push(Upload {
                field: name,
                file_name,
                media_type,
                data: data.into(),
            });
            continue;
        }
        let text = String::from_utf8(data)
            .map_err(|_| wrong(name.clone(), format!("`{name}` is not valid UTF-8.")))?;
        add(&mut members, name, Value::from(text));
    }
    Ok((members, uploads))
}

/// A name that comes again makes a list, as `timestamp_granularities[]` does.
fn add(members: &mut Object<'static>, name: String, value: Value<'static>) {
    match members.get_mut(&name) {
        Some(Value::Array(list)) => list.push(value),
        Some(before) => {
            let first = std::mem::replace(before, Value::Null);
            *before = Value::Array(vec![first, value]);
        }
        None if name.ends_with("[]") => drop(members.insert(name, Value::Array(vec![value]))),
        None => drop(members.insert(name, value)),
    }
}

/// Without any directory.
fn bare(name: &str) -> String {
    name.rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .to_owned()
}
