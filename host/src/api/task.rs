//! What the routes that answer in one piece share: the members of a JSON body, and the way from a task to a response.

use std::sync::Arc;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::api::Api;
use crate::api::auth::Client;
use crate::api::dialect::{Dialect, route_headers};
use crate::api::problem::Problem;
use crate::chat::Outline;
use crate::chat::request::{AUTO, CHARS_PER_TOKEN};
use crate::gateway::task::{self, Done, Task};
use crate::json::{Object, Options, Value, parse};

/// The body that an answer gets in the place of its own, if any; or what is wrong with it.
pub(super) type Turn = Box<dyn Fn(&Done) -> Result<Option<Vec<u8>>, String> + Send + Sync>;

/// A request's members, without those that are null.
pub(super) fn members(body: &[u8]) -> Result<Object<'static>, Problem> {
    Ok(crate::chat::request::members(body)?.into_owned())
}

/// The member's text, which must be there and not empty.
pub(super) fn text(members: &Object<'_>, name: &str) -> Result<String, Problem> {
    match members.get(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text.into_owned()),
        _ => Err(wrong(
            name,
            format!("`{name}` must be a text that is not empty."),
        )),
    }
}

/// One of these words, if the member is there.
pub(super) fn word(members: &Object<'_>, name: &str, known: &[&str]) -> Result<(), Problem> {
    let Some(value) = members.get(name) else {
        return Ok(());
    };
    if value.as_str().is_some_and(|word| known.contains(&&*word)) {
        return Ok(());
    }
    Err(wrong(
        name,
        format!("`{name}` must be one of: {}.", known.join(", ")),
    ))
}

/// A whole number between bounds, if the member is there.
pub(super) fn integer(
    members: &Object<'_>,
    name: &str,
    low: u64,
    high: u64,
) -> Result<Option<u64>, Problem> {
    let Some(value) = members.get(name) else {
        return Ok(None);
    };
    match value.as_u64() {
        Some(number) if (low..=high).contains(&number) => Ok(Some(number)),
        _ => Err(wrong(
            name,
            format!("`{name}` must be a whole number from {low} to {high}."),
        )),
    }
}

/// The member at fault, and what to do.
pub(super) fn wrong(param: impl Into<String>, message: impl Into<String>) -> Problem {
    Problem {
        param: Some(param.into()),
        ..Problem::invalid(message)
    }
}

/// A task of these members. `chars` are those of the text that the model reads.
pub(super) fn task(
    operation: &'static str,
    members: Object<'static>,
    items: usize,
    chars: usize,
) -> Task {
    let model = members
        .get("model")
        .and_then(Value::as_str)
        .filter(|model| !model.is_empty())
        .map_or_else(|| AUTO.to_owned(), std::borrow::Cow::into_owned);
    let body = Value::Object(members);
    Task {
        operation,
        model,
        outline: Outline {
            body_bytes: body.size() as u64,
            input_tokens: (chars as u64).div_ceil(CHARS_PER_TOKEN),
            items: u32::try_from(items).unwrap_or(u32::MAX),
            ..Outline::default()
        },
        body,
        uploads: Vec::new(),
        one_family: false,
    }
}

/// Runs a task, or says what was wrong with the request.
pub(super) async fn respond(
    api: &Arc<Api>,
    client: &Client,
    dialect: Dialect,
    read: Result<(Task, Turn), Problem>,
) -> Response {
    let (task, turn) = match read {
        Ok(read) => read,
        Err(problem) => return dialect.refuse(&problem),
    };
    match task::run(&api.gateway, &task, &client.id, turn).await {
        Err((error, route)) => dialect.respond(&error.into(), &route),
        Ok(done) => {
            let mut response = done.body.into_response();
            let headers = response.headers_mut();
            let media_type = HeaderValue::from_str(&done.media_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream"));
            headers.insert(header::CONTENT_TYPE, media_type);
            route_headers(headers, &done.route);
            response
        }
    }
}

/// The answer as JSON.
pub(super) fn json(done: &Done) -> Result<Object<'_>, String> {
    let read = parse(&done.body, &Options::LENIENT)
        .map_err(|error| format!("the provider's answer is no JSON: {error}"))?;
    match read {
        Value::Object(members) => Ok(members),
        other => Err(format!("the provider's answer is {}", other.kind())),
    }
}

/// The list `name` of an answer, which must hold something.
pub(super) fn list<'a>(members: &'a Object<'a>, name: &str) -> Result<&'a [Value<'a>], String> {
    match members.get(name).and_then(Value::as_array) {
        Some(list) if !list.is_empty() => Ok(list),
        _ => Err(format!("the provider's answer has no `{name}`")),
    }
}
