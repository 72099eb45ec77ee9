//! Reading a request's JSON, bounded, with errors that name the member.

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use crate::api::body::{BodyError, read};

/// What forms send.
const FORM: usize = 64 << 10;

/// A body of JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        json(request, FORM).await.map(Self)
    }
}

/// A body of JSON of at most so many bytes.
pub(super) async fn json<T: DeserializeOwned>(
    request: Request,
    limit: usize,
) -> Result<T, Refusal> {
    // Forms of other sites cannot send this type without asking first.
    must_be(&request, "application/json")?;
    let bytes = whole(request, limit).await?;
    serde_json::from_slice(&bytes).map_err(|error| told(&error))
}

/// Any body of this type, of at most so many bytes.
pub(super) async fn file(request: Request, kind: &str, limit: usize) -> Result<Bytes, Refusal> {
    must_be(&request, kind)?;
    whole(request, limit).await
}

fn must_be(request: &Request, kind: &str) -> Result<(), Refusal> {
    let said = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    if said.is_some_and(|said| said.eq_ignore_ascii_case(kind)) {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "invalid_request",
        format!("The body must be sent with `Content-Type: {kind}`."),
    ))
}

async fn whole(request: Request, limit: usize) -> Result<Bytes, Refusal> {
    read(request, limit).await.map_err(|error| match error {
        BodyError::TooLarge(limit) => Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("The body is larger than {limit} bytes."),
        ),
        BodyError::Broken(why) => Refusal::invalid(format!("The body could not be read: {why}.")),
    })
}

/// The parser's error without the value it met, which may be a secret.
fn told(error: &serde_json::Error) -> Refusal {
    if !error.is_data() {
        return Refusal::invalid(format!(
            "The body is not JSON (line {}, column {}).",
            error.line(),
            error.column()
        ));
    }
    let text = error.to_string();
    for (beginning, what) in [
        ("missing field `", "is missing"),
        ("unknown field `", "is not known here"),
        ("duplicate field `", "is there twice"),
    ] {
        let name = text
            .strip_prefix(beginning)
            .and_then(|rest| rest.split('`').next());
        if let Some(name) = name {
            let name: String = name.chars().take(100).collect();
            return Refusal::field(name.clone(), format!("`{name}` {what}."));
        }
    }
    Refusal::invalid(format!(
        "The body is JSON, but not of the form that is expected here (line {}, column {}).",
        error.line(),
        error.column()
    ))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use freellmapi_types::Login;

    use super::*;

    async fn tell(kind: &str, body: &str) -> Result<Login, serde_json::Value> {
        let request = Request::builder()
            .header("content-type", kind)
            .body(Body::from(body.to_owned()))
            .unwrap();
        let refusal = match json::<Login>(request, 100).await {
            Ok(login) => return Ok(login),
            Err(refusal) => refusal,
        };
        use axum::response::IntoResponse;
        let response = refusal.into_response();
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await;
        Err(serde_json::from_slice(&bytes.unwrap()).unwrap())
    }

    #[tokio::test]
    async fn errors_name_the_member_and_never_its_value() {
        const SECRET: &str = "hunter2";
        for (body, code, field) in [
            ("{\"email\":\"a\"}", "invalid_field", Some("password")),
            (
                "{\"email\":\"a\",\"password\":\"hunter2\",\"x\":1}",
                "invalid_field",
                Some("x"),
            ),
            (
                "{\"email\":1,\"password\":\"hunter2\"}",
                "invalid_request",
                None,
            ),
            ("{\"email\":\"hunter2\"", "invalid_request", None),
            ("hunter2", "invalid_request", None),
            ("\"hunter2\"", "invalid_request", None),
            ("", "invalid_request", None),
            (&"x".repeat(101), "too_large", None),
        ] {
            let error = tell("application/json", body).await.err().unwrap();
            assert_eq!(error["error"]["code"], code, "{body}");
            assert_eq!(error["error"]["field"].as_str(), field, "{body}");
            assert!(!error.to_string().contains(SECRET), "{error}");
        }
    }

    #[tokio::test]
    async fn only_json_is_read() {
        let body = "{\"email\":\"a\",\"password\":\"b\"}";
        for kind in ["application/json", "Application/JSON; charset=utf-8"] {
            assert!(tell(kind, body).await.is_ok(), "{kind}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
            assert!(tell(kind, body).await.is_err(), "{kind}");
        }
    }
}
