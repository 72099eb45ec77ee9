//! The measure to be held against: axum in front, reqwest behind, bytes passed through and nothing else.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;

#[derive(Clone)]
struct Upstream {
    client: reqwest::Client,
    base: String,
}

/// Serves on a free port of loopback; `ready` is told the address.
pub(crate) async fn serve(
    base: String,
    ready: impl FnOnce(std::net::SocketAddr),
) -> Result<(), String> {
    // The client asks for one though no address here is https; an error says one is installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .tcp_nodelay(true)
        .no_proxy()
        .build()
        .map_err(|error| error.to_string())?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|error| error.to_string())?;
    ready(listener.local_addr().map_err(|error| error.to_string())?);
    let listener = listener.tap_io(|socket| {
        let _ = socket.set_nodelay(true);
    });
    let app = Router::new()
        .fallback(pass)
        .with_state(Upstream { client, base });
    axum::serve(listener, app)
        .await
        .map_err(|error| error.to_string())
}

async fn pass(State(upstream): State<Upstream>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let Ok(body) = axum::body::to_bytes(request.into_body(), 1 << 25).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let sent = upstream
        .client
        .post(format!("{}{path}", upstream.base))
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .send()
        .await;
    let Ok(answer) = sent else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        if let Some(value) = answer.headers().get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    *response.body_mut() = Body::from_stream(answer.bytes_stream());
    response
}
