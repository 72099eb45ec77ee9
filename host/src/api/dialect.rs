//! The dialects that clients speak, and what all of them share of an error: the status and the headers.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::{Problem, ProblemKind};
use super::{anthropic, gemini, ollama, openai};
use crate::gateway::Route;

/// Whose shape an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Chat completions, Responses, embeddings and the like.
    OpenAi,
    /// Google's `generateContent`.
    Gemini,
    /// Ollama's.
    Ollama,
    /// Messages.
    Anthropic,
}

impl Dialect {
    /// The dialect of a request that no handler has seen, by its path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let messages = path.strip_prefix("/v1/messages");
        if path.starts_with("/v1beta/") {
            Self::Gemini
        } else if ollama::PATHS.contains(&path) {
            Self::Ollama
        } else if messages.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            Self::Anthropic
        } else {
            Self::OpenAi
        }
    }

    /// As [`Dialect::of`], of a request: some paths belong to two dialects.
    #[must_use]
    pub fn of_request(request: &Request) -> Self {
        let path = request.uri().path();
        if path.starts_with("/v1/models/") && request.method() == Method::POST {
            Self::Gemini
        } else if path.starts_with("/v1/models") && speaks_anthropic(request.headers()) {
            Self::Anthropic
        } else {
            Self::of(path)
        }
    }

    /// An error as a whole response. `route` says who was tried.
    #[must_use]
    pub fn respond(self, problem: &Problem, route: &Route) -> Response {
        let mut response = match self {
            Self::OpenAi => (problem.status(), openai::error::body(problem)).into_response(),
            Self::Gemini => (problem.status(), gemini::error::body(problem)).into_response(),
            Self::Ollama => (problem.status(), ollama::error::body(problem)).into_response(),
            Self::Anthropic => anthropic::error::response(problem),
        };
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some(ms) = problem.retry_after_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        if problem.kind == ProblemKind::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        route_headers(headers, route);
        response
    }

    /// As [`Dialect::respond`], where nobody was tried.
    #[must_use]
    pub fn refuse(self, problem: &Problem) -> Response {
        self.respond(problem, &Route::default())
    }
}

/// Whether a client's headers are Anthropic's.
pub(super) fn speaks_anthropic(headers: &HeaderMap) -> bool {
    headers.contains_key("anthropic-version")
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

/// Errors that a library made before any of our code saw the request, in the dialect's shape.
pub(super) async fn in_shape(request: Request, next: Next) -> Response {
    let dialect = Dialect::of_request(&request);
    let response = next.run(request).await;
    if response.status() != StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return response;
    }
    dialect.refuse(&Problem::new(
        ProblemKind::Encoding,
        "The body's Content-Encoding is none of gzip, br, deflate and zstd. Send it plain or in one of these.",
    ))
}

/// A path that is none.
pub(super) async fn no_such_path(request: Request) -> Response {
    let path = request.uri().path();
    Dialect::of_request(&request).refuse(&Problem::unknown_path(path))
}

/// A path that has other methods.
pub(super) async fn wrong_method(request: Request) -> Response {
    let path = request.uri().path();
    Dialect::of_request(&request).refuse(&Problem::wrong_method(path, request.method()))
}
