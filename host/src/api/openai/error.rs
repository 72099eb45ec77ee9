//! Errors in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::gateway::{Error, ErrorKind, Route};
use crate::json::{Value, object};

/// An error as a client gets it.
#[derive(Debug, Clone)]
pub struct OpenAiError {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    message: String,
    param: Option<String>,
    retry_after_ms: Option<u64>,
}

impl OpenAiError {
    /// The request is wrong.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request_error",
            "invalid_request",
            message,
        )
    }

    /// The key is missing or wrong.
    #[must_use]
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_request_error",
            "invalid_api_key",
            message,
        )
    }

    /// The body has more bytes than this.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request_error",
            "request_too_large",
            format!(
                "The body is larger than {limit} bytes, counted after decompression. Send less, or raise FREELLMAPI_BODY_LIMIT."
            ),
        )
    }

    fn new(
        status: StatusCode,
        kind: &'static str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            code,
            message: message.into(),
            param: None,
            retry_after_ms: None,
        }
    }

    /// The body, as it is also sent in the middle of a stream.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let param = self.param.clone().map_or(Value::Null, Value::from);
        object([(
            "error",
            object([
                ("message", Value::from(self.message.clone())),
                ("type", Value::from(self.kind)),
                ("param", param),
                ("code", Value::from(self.code)),
            ]),
        )])
        .to_vec()
    }
}

impl From<Error> for OpenAiError {
    fn from(error: Error) -> Self {
        let (kind, code) = match error.kind {
            ErrorKind::Invalid => ("invalid_request_error", "invalid_request"),
            ErrorKind::UnknownModel => ("invalid_request_error", "model_not_found"),
            ErrorKind::Unable => ("invalid_request_error", "unsupported_by_model"),
            ErrorKind::TooLong => ("invalid_request_error", "context_length_exceeded"),
            ErrorKind::ContentFiltered => ("invalid_request_error", "content_filter"),
            ErrorKind::NoProviders => ("server_error", "no_providers_configured"),
            ErrorKind::Exhausted => ("rate_limit_error", "all_keys_exhausted"),
            ErrorKind::UpstreamFailed => ("server_error", "upstream_failed"),
            ErrorKind::UpstreamTimeout => ("server_error", "upstream_timeout"),
            ErrorKind::Interrupted => ("server_error", "upstream_interrupted"),
        };
        let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::BAD_GATEWAY);
        Self {
            param: error.param,
            retry_after_ms: error.retry_after_ms,
            ..Self::new(status, kind, code, error.message)
        }
    }
}

impl IntoResponse for OpenAiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some(ms) = self.retry_after_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Puts who was tried into the headers.
pub fn route_headers(headers: &mut HeaderMap, route: &Route) {
    let mut put = |name: &'static str, value: &str| {
        // Model names are the provider's and may hold anything.
        let printable: String = value
            .chars()
            .map(|letter| {
                if letter.is_ascii_graphic() || letter == ' ' {
                    letter
                } else {
                    '?'
                }
            })
            .collect();
        if let Ok(value) = HeaderValue::from_str(&printable) {
            headers.insert(name, value);
        }
    };
    if !route.via.is_empty() {
        put("x-routed-via", &route.via);
    }
    if !route.failed.is_empty() {
        put("x-fallback-attempts", &route.failed.len().to_string());
        put("x-fallback-trail", &route.trail());
    }
}

/// Errors that a library made before any of our code saw the request, in OpenAI's shape.
pub async fn in_shape(response: Response) -> Response {
    if response.status() != StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return response;
    }
    OpenAiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "invalid_request_error",
        "unsupported_encoding",
        "The body's Content-Encoding is none of gzip, br, deflate and zstd. Send it plain or in one of these.",
    )
    .into_response()
}

/// A path that is none.
pub async fn no_such_path(uri: Uri) -> OpenAiError {
    let path: String = uri.path().chars().take(200).collect();
    OpenAiError::new(
        StatusCode::NOT_FOUND,
        "invalid_request_error",
        "unknown_url",
        format!("There is nothing at {path}. Chat is at POST /v1/chat/completions."),
    )
}

/// A path that has other methods.
pub async fn wrong_method(method: Method, uri: Uri) -> OpenAiError {
    let path: String = uri.path().chars().take(200).collect();
    OpenAiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "invalid_request_error",
        "method_not_allowed",
        format!("{path} does not take {method}."),
    )
}
