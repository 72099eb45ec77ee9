//! `POST /api/password`: changes it, ends all sessions and begins a new one.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use freellmapi_types::PasswordChange;

use crate::account::passwords;
use crate::admin::Admin;
use crate::admin::body::Json;
use crate::admin::from::From;
use crate::admin::guard::Visitor;
use crate::admin::refusal::Refusal;

pub(in crate::admin) async fn change(
    State(admin): State<Arc<Admin>>,
    Extension(from): Extension<From>,
    Extension(visitor): Extension<Visitor>,
    Json(change): Json<PasswordChange>,
) -> Result<Response, Refusal> {
    passwords::check(&change.new).map_err(|why| Refusal::field("new", why))?;
    admin
        .confirm(&visitor, &from, &change.current, "current")
        .await?;
    let stored = passwords::store(&change.new)
        .await
        .ok_or_else(|| Refusal::internal(&"scrypt refused a password"))?;
    admin
        .store()
        .set_password(&visitor.account_id, &stored)
        .await?;
    tracing::info!(target: "freellmapi::audit", account = %visitor.account_id, address = %from.address, "the password was changed");
    admin
        .begin(&visitor.account_id, &visitor.email, &from)
        .await
}
