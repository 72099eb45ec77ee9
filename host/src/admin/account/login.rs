//! `POST /api/login`. A wrong address and a wrong password take the same time and get the same answer.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use freellmapi_types::Login;

use super::allowances;
use crate::account::passwords;
use crate::admin::Admin;
use crate::admin::body::Json;
use crate::admin::from::From;
use crate::admin::refusal::Refusal;

pub(in crate::admin) async fn login(
    State(admin): State<Arc<Admin>>,
    Extension(from): Extension<From>,
    Json(login): Json<Login>,
) -> Result<Response, Refusal> {
    let email = login.email.trim().to_lowercase();
    let allowances = allowances(&from, &email);
    admin.may_try(&allowances)?;
    let account = admin.store().account().await?;
    let account = account.filter(|account| account.email == email);
    let stored = account.as_ref().map(|account| account.password.as_str());
    let right = login.password.len() <= passwords::LONGEST
        && passwords::matches(stored, &login.password).await;
    match account {
        Some(account) if right => {
            admin.was_right(&allowances);
            tracing::info!(target: "freellmapi::audit", account = %account.id, address = %from.address, "logged in");
            admin.begin(&account.id, &account.email, &from).await
        }
        _ => {
            tracing::warn!(target: "freellmapi::audit", address = %from.address, "a log-in was refused");
            Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "wrong_login",
                "The address or the password is wrong. `freellmapi account reset` on the server begins anew.",
            ))
        }
    }
}
