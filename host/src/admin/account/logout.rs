//! `POST /api/logout` and `POST /api/logout-everywhere`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::cookie;
use crate::admin::Admin;
use crate::admin::from::From;
use crate::admin::guard::Visitor;
use crate::admin::refusal::Refusal;

pub(in crate::admin) async fn logout(
    State(admin): State<Arc<Admin>>,
    Extension(from): Extension<From>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Refusal> {
    admin.store().end_session(&visitor.hash).await?;
    Ok(gone(&from))
}

pub(in crate::admin) async fn logout_everywhere(
    State(admin): State<Arc<Admin>>,
    Extension(from): Extension<From>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Refusal> {
    admin.store().end_sessions(&visitor.account_id).await?;
    tracing::info!(target: "freellmapi::audit", account = %visitor.account_id, address = %from.address, "logged out everywhere");
    Ok(gone(&from))
}

fn gone(from: &From) -> Response {
    let cookie = [(header::SET_COOKIE, cookie::clear(from.https))];
    (StatusCode::NO_CONTENT, cookie).into_response()
}
