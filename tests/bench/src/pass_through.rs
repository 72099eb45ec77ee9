//! The yardstick: axum and reqwest as the server uses them, and nothing in between.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use reqwest::Client;
use tokio::net::TcpListener;

/// As large as the largest body that the server takes unasked.
const BODY_LIMIT: usize = 32 << 20;

#[derive(Clone)]
struct Upstream {
    client: Client,
    /// `http://HOST:PORT`
    base: String,
}

/// Listens on a free port and hands every POST on to `base`, until `ended` resolves.
///
/// # Errors
/// If there is no port or no client.
pub(crate) async fn run(
    base: String,
    announce: impl FnOnce(String),
    ended: impl Future<Output = ()> + Send + 'static,
) -> Result<(), String> {
    // Nothing here speaks TLS, but the client wants to know how it would.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .tcp_nodelay(true)
        .pool_max_idle_per_host(usize::MAX)
        .no_proxy()
        .http1_only()
        .build()
        .map_err(|error| error.to_string())?;
    let app = Router::new()
        .fallback(pass)
        .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Upstream { client, base });
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    announce(address.to_string());
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app)
        .with_graceful_shutdown(ended)
        .await
        .map_err(|error| error.to_string())
}

async fn pass(
    State(upstream): State<Upstream>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut request = upstream
        .client
        .post(format!("{}{}", upstream.base, uri.path()))
        .body(body);
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE] {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    match request.send().await {
        Ok(reply) => {
            let status = reply.status();
            let kind = reply.headers().get(header::CONTENT_TYPE).cloned();
            let mut response = Response::new(Body::from_stream(reply.bytes_stream()));
            *response.status_mut() = status;
            if let Some(kind) = kind {
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
            }
            response
        }
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}
