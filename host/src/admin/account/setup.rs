//! `POST /api/setup`: makes the account with the code that the terminal shows.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use freellmapi_types::SetUp;
use subtle::ConstantTimeEq;

use super::allowances;
use crate::account::{code, email, passwords};
use crate::admin::Admin;
use crate::admin::body::Json;
use crate::admin::from::From;
use crate::admin::refusal::Refusal;

pub(in crate::admin) async fn set_up(
    State(admin): State<Arc<Admin>>,
    Extension(from): Extension<From>,
    Json(new): Json<SetUp>,
) -> Result<Response, Refusal> {
    let allowances = allowances(&from, "set-up");
    admin.may_try(&allowances)?;
    let store = admin.store();
    let there = || {
        Refusal::conflict(
            "already_set_up",
            "There is an account already. Log in; `freellmapi account reset` begins anew.",
        )
    };
    if store.account().await?.is_some() {
        return Err(there());
    }
    // Before all else, so that who has no code learns nothing.
    let hash = code::hash(&admin.vault, &new.code);
    let known = store.setup_code().await?.unwrap_or_default();
    if !bool::from(hash.as_bytes().ct_eq(known.as_bytes())) {
        let refusal = Refusal::new(
            StatusCode::FORBIDDEN,
            "wrong_code",
            "This is not the code that the server's terminal shows. Restart the server, or run `freellmapi account \
             reset`, for a new one.",
        );
        return Err(refusal.at("code"));
    }
    admin.was_right(&allowances);
    let email = email(&new.email).map_err(|why| Refusal::field("email", why))?;
    passwords::check(&new.password).map_err(|why| Refusal::field("password", why))?;
    let stored = passwords::store(&new.password)
        .await
        .ok_or_else(|| Refusal::internal(&"scrypt refused a password"))?;
    let made = store
        .add_account(&email, &stored, &hash, admin.clock().now_ms())
        .await?;
    let Some(id) = made else {
        return Err(there());
    };
    tracing::info!(target: "freellmapi::audit", account = %id, address = %from.address, "the account was set up");
    admin.begin(&id, &email, &from).await
}
