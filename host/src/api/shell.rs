//! The dashboard's page and assets, and whether the server is up.
//!
//! Every path that the dashboard knows gets the same page; its script then shows what the path names. Nothing here
//! needs a session: the page holds no data of the user.

mod assets;
mod encoding;
mod policy;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Api;
use super::dialect::no_such_path;
use crate::json::{Value, object};
use assets::{ASSETS, Asset};
use encoding::Encoding;
use policy::SEAL;
pub(super) use policy::integrity;

/// The dashboard's own paths: `ui/src/route.rs` has the same.
const PAGES: [&str; 11] = [
    "/",
    "/setup",
    "/login",
    "/keys",
    "/plugins",
    "/models",
    "/requests",
    "/routing",
    "/analytics",
    "/playground",
    "/settings",
];

/// Assets are named by their hash: what is under one name never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub(super) fn routes() -> Router<Arc<Api>> {
    let pages = PAGES
        .into_iter()
        .fold(Router::new(), |router, path| router.route(path, get(page)));
    pages.route("/assets/{name}", get(asset))
}

async fn page(headers: HeaderMap) -> Response {
    let (policy, tag) = (SEAL.policy.as_str(), SEAL.tag.as_str());
    let head = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::ETAG, tag),
    ];
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    if known
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains(tag))
    {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, file(assets::page(), &headers)).into_response()
}

async fn asset(Path(name): Path<String>, request: Request) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => (
            [(header::CACHE_CONTROL, FOR_EVER)],
            file(asset, request.headers()),
        )
            .into_response(),
        None => no_such_path(request).await,
    }
}

/// A file in the form that suits the client best.
fn file(asset: &'static Asset, headers: &HeaderMap) -> Response {
    let (encoding, bytes) = match Encoding::best(headers) {
        Encoding::Brotli if !asset.brotli.is_empty() => (Some("br"), asset.brotli),
        Encoding::Gzip if !asset.gzip.is_empty() => (Some("gzip"), asset.gzip),
        _ => (None, asset.plain),
    };
    let head = [
        (header::CONTENT_TYPE, asset.kind()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::VARY, "accept-encoding"),
    ];
    match encoding {
        Some(word) => (head, [(header::CONTENT_ENCODING, word)], bytes).into_response(),
        None => (head, bytes).into_response(),
    }
}

/// Answers as long as the server does; says what it has to work with.
pub(super) async fn health(State(api): State<Arc<Api>>) -> Response {
    let totals = api.guests.totals();
    let body = object([
        ("status", Value::from("ok")),
        ("version", Value::from(env!("CARGO_PKG_VERSION"))),
        (
            "plugins",
            Value::from(api.registry.current().iter().count() as u64),
        ),
        (
            "candidates",
            Value::from(api.gateway.table.load().all().len() as u64),
        ),
        ("guest_calls_total", Value::from(totals.calls)),
        ("guest_cpu_us_total", Value::from(totals.cpu_us)),
        ("log_dropped_total", Value::from(api.gateway.log.dropped())),
    ]);
    ([(header::CONTENT_TYPE, "application/json")], body.to_vec()).into_response()
}
