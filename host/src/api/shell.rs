//! The static shell of the dashboard, and whether the server is up.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Api;
use crate::json::{Value, object};

const PAGE: &str = include_str!("../../../ui/index.html");
const STYLE: &str = include_str!("../../../ui/style.css");

/// Nothing but the server's own style: the page runs no script.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/", get(page))
        .route("/style.css", get(style))
}

async fn page() -> Response {
    let page = PAGE.replace("{{version}}", env!("CARGO_PKG_VERSION"));
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, page).into_response()
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
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
