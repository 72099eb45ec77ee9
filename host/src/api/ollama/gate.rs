//! Who may use Ollama's routes. Ollama's own clients send no key, so the choice is the user's.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::api::Api;
use crate::api::auth::{self, Client};
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;

/// What the user has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// The routes are not there.
    #[default]
    Off,
    /// Programs on this machine need no key; others do.
    OpenLoopback,
    /// Everybody needs one.
    KeyRequired,
}

/// Whose requests these are, in the log.
const LOCAL: &str = "ollama-loopback";

pub(super) async fn require(
    State(api): State<Arc<Api>>,
    mut request: Request,
    next: Next,
) -> Response {
    match api.ollama {
        Mode::Off => {
            let path = request.uri().path();
            Dialect::Ollama.refuse(&Problem::unknown_path(path))
        }
        Mode::OpenLoopback if is_local(&request) && !auth::has_token(request.headers()) => {
            let client = Client {
                id: LOCAL.to_owned(),
                session: auth::session(request.headers()),
            };
            request.extensions_mut().insert(client);
            next.run(request).await
        }
        Mode::OpenLoopback | Mode::KeyRequired => auth::require(State(api), request, next).await,
    }
}

/// Whether a program on this machine asks for itself. The socket says so; a proxy that passes requests of others on, and
/// a web page whose name was pointed here, do not count.
fn is_local(request: &Request) -> bool {
    let near = |address: IpAddr| address.to_canonical().is_loopback();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|peer| near(peer.0.ip()))
        && names_this_machine(request.headers())
        && !is_forwarded(request.headers())
        && !request.headers().contains_key(header::ORIGIN)
}

fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
    else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse()
            .is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-real-ip", "via"]
        .iter()
        .any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn only_a_program_on_this_machine_is_local() {
        for (peer, headers, local) in [
            ("127.0.0.1:9", &[("host", "127.0.0.1:3001")][..], true),
            ("[::1]:9", &[("host", "[::1]:3001")], true),
            ("[::ffff:127.0.0.1]:9", &[("host", "localhost:3001")], true),
            ("127.0.0.1:9", &[("host", "LocalHost")], true),
            ("192.168.1.2:9", &[("host", "localhost:3001")], false),
            ("127.0.0.1:9", &[], false),
            ("127.0.0.1:9", &[("host", "evil.example:3001")], false),
            ("127.0.0.1:9", &[("host", "127.0.0.1.evil.example")], false),
            (
                "127.0.0.1:9",
                &[("host", "localhost"), ("x-forwarded-for", "1.2.3.4")],
                false,
            ),
            (
                "127.0.0.1:9",
                &[("host", "localhost"), ("origin", "https://evil.example")],
                false,
            ),
        ] {
            let mut request = Request::builder();
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let mut request = request.body(Body::empty()).unwrap();
            request
                .extensions_mut()
                .insert(ConnectInfo::<SocketAddr>(peer.parse().unwrap()));
            assert_eq!(is_local(&request), local, "{peer} {headers:?}");
        }
        let no_peer = Request::builder().header("host", "localhost");
        assert!(!is_local(&no_peer.body(Body::empty()).unwrap()));
    }
}
