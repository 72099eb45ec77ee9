//! `GET` and `DELETE /v1/responses/{id}`, `POST …/{id}/cancel`, `GET …/{id}/input_items`: answers that were kept.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use super::shelf::Lost;
use crate::api::Api;
use crate::api::auth::Client;
use crate::api::dialect::Dialect;
use crate::api::problem::{Problem, ProblemKind};
use crate::json::{Options, Value, object, parse};

/// Items of a page unless told otherwise, and the most.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 100;

/// The response object.
pub async fn get(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    if options(query.as_deref()).any(|(name, value)| name == "stream" && value == "true") {
        let what = "'stream' is not supported here: answers are kept whole. Leave it out.";
        return wrong_option("stream", what.to_owned());
    }
    match find(&api, &client, &id).await {
        Ok(kept) => json(StatusCode::OK, kept.get("response").unwrap_or(&Value::Null)),
        Err(lost) => refuse(&lost),
    }
}

/// Deletes it for good.
pub async fn delete(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Path(id): Path<String>,
) -> Response {
    match api.responses.remove(&client.id, &id).await {
        Ok(true) => json(
            StatusCode::OK,
            &object([
                ("id", Value::from(id)),
                ("object", "response".into()),
                ("deleted", true.into()),
            ]),
        ),
        Ok(false) => refuse(&Lost::Response(id)),
        Err(lost) => refuse(&lost),
    }
}

/// Only what runs in the background could be cancelled.
pub async fn cancel(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Path(id): Path<String>,
) -> Response {
    match find(&api, &client, &id).await {
        Ok(_) => Dialect::OpenAi.refuse(&Problem::invalid(
            "This response was not made in the background, so that there is nothing to cancel. To stop one that is being \
             streamed, close its connection.",
        )),
        Err(lost) => refuse(&lost),
    }
}

/// The items it was asked with, the latest first unless `order=asc`.
pub async fn input_items(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let (mut after, mut limit, mut ascending) = (None, PAGE, false);
    for (name, value) in options(query.as_deref()) {
        match (&*name, &*value) {
            ("after", _) => after = Some(value.into_owned()),
            ("order", "asc") => ascending = true,
            ("order", "desc") => ascending = false,
            ("order", _) => {
                return wrong_option("order", "'order' must be asc or desc.".to_owned());
            }
            ("limit", _) => match value.parse() {
                Ok(number) if (1..=LARGEST_PAGE).contains(&number) => limit = number,
                _ => {
                    let what = format!("'limit' must be an integer from 1 to {LARGEST_PAGE}.");
                    return wrong_option("limit", what);
                }
            },
            _ => {}
        }
    }
    let kept = match find(&api, &client, &id).await {
        Ok(kept) => kept,
        Err(lost) => return refuse(&lost),
    };
    let mut items: Vec<&Value<'_>> = kept
        .get("input")
        .and_then(Value::as_array)
        .unwrap_or_default()
        .iter()
        .collect();
    if !ascending {
        items.reverse();
    }
    let from = match after {
        None => 0,
        Some(after) => match items.iter().position(|item| item_id(item) == after) {
            Some(at) => at + 1,
            None => {
                let what = "'after' is the id of none of this response's input items.";
                return wrong_option("after", what.to_owned());
            }
        },
    };
    let left = items.get(from..).unwrap_or_default();
    let page: Vec<Value<'_>> = left
        .iter()
        .take(limit)
        .map(|item| (*item).clone())
        .collect();
    let edge =
        |item: Option<&Value<'_>>| item.map_or(Value::Null, |item| Value::from(item_id(item)));
    let list = object([
        ("object", "list".into()),
        ("first_id", edge(page.first())),
        ("last_id", edge(page.last())),
        ("has_more", (left.len() > page.len()).into()),
        ("data", Value::Array(page)),
    ]);
    json(StatusCode::OK, &list)
}

/// What cannot be found, as an error.
pub(super) fn refuse(lost: &Lost) -> Response {
    match lost {
        Lost::Response(id) => {
            let id: String = id.chars().take(100).collect();
            let what = format!(
                "Response with id '{id}' not found. It was not stored, is too old, or belongs to another API key."
            );
            Dialect::OpenAi.refuse(&Problem::new(ProblemKind::NotFound, what))
        }
        Lost::Previous(id) => {
            let id: String = id.chars().take(100).collect();
            let what = format!(
                "Previous response with id '{id}' not found: it, or one that it goes on from, was not stored, was \
                 deleted, is too old, or belongs to another API key. Send the whole conversation as 'input'."
            );
            error(
                StatusCode::BAD_REQUEST,
                "invalid_request_error",
                "previous_response_not_found",
                Some("previous_response_id"),
                what,
            )
        }
        Lost::TooLong => {
            let what = "The conversation that this request refers to is too long to be put together. Send what matters of \
                        it as 'input'.";
            error(
                StatusCode::BAD_REQUEST,
                "invalid_request_error",
                "context_length_exceeded",
                None,
                what.to_owned(),
            )
        }
        Lost::Unreadable => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "store_failed",
            None,
            "Stored answers cannot be read now; the server's log says why.".to_owned(),
        ),
    }
}

async fn find(api: &Api, client: &Client, id: &str) -> Result<Value<'static>, Lost> {
    let body = api.responses.find(&client.id, id).await?;
    let body = body.ok_or_else(|| Lost::Response(id.to_owned()))?;
    match parse(&body, &Options::STRICT) {
        Ok(kept) => Ok(kept.into_owned()),
        Err(_) => Err(Lost::Unreadable),
    }
}

fn item_id(item: &Value<'_>) -> String {
    let id = item.get("id").and_then(Value::as_str);
    id.map(std::borrow::Cow::into_owned).unwrap_or_default()
}

fn options(query: Option<&str>) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
}

fn wrong_option(name: &str, what: String) -> Response {
    Dialect::OpenAi.refuse(&Problem {
        param: Some(name.to_owned()),
        ..Problem::invalid(what)
    })
}

fn error(
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    param: Option<&'static str>,
    message: String,
) -> Response {
    let error = object([
        ("message", Value::from(message)),
        ("type", kind.into()),
        ("param", param.map_or(Value::Null, Value::from)),
        ("code", code.into()),
    ]);
    json(status, &object([("error", error)]))
}

pub(super) fn json(status: StatusCode, value: &Value<'_>) -> Response {
    let mut response = (status, value.to_vec()).into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
