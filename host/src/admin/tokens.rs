//! The unified keys. One is shown, and made anew, only to who knows the account's password.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use freellmapi_types::{Password, TokenShown, TokenView};

use super::Admin;
use super::body::Json;
use super::from::From;
use super::guard::Visitor;
use super::refusal::Refusal;

/// `GET /api/tokens`.
pub(super) async fn list(
    State(admin): State<Arc<Admin>>,
) -> Result<axum::Json<Vec<TokenView>>, Refusal> {
    let keys = admin.store().client_keys().await?;
    Ok(axum::Json(
        keys.into_iter()
            .map(|key| TokenView {
                id: key.id,
                label: key.label,
                created_ms: key.created_ms,
            })
            .collect(),
    ))
}

/// `POST /api/tokens/{id}/show`.
pub(super) async fn show(
    State(admin): State<Arc<Admin>>,
    Extension(from): Extension<From>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Json(password): Json<Password>,
) -> Result<axum::Json<TokenShown>, Refusal> {
    admin
        .confirm(&visitor, &from, &password.password, "password")
        .await?;
    let token = admin.store().client_token(&admin.vault, &id).await?;
    tracing::info!(target: "freellmapi::audit", key = %id, address = %from.address, "a unified key was shown");
    Ok(axum::Json(TokenShown {
        id,
        token: token.to_string(),
    }))
}

/// `POST /api/tokens/{id}/rotate`.
pub(super) async fn rotate(
    State(admin): State<Arc<Admin>>,
    Extension(from): Extension<From>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Json(password): Json<Password>,
) -> Result<axum::Json<TokenShown>, Refusal> {
    admin
        .confirm(&visitor, &from, &password.password, "password")
        .await?;
    let token = admin.store().rotate_client_key(&admin.vault, &id).await?;
    // The former one must not go on until the server's next look at the store.
    admin.api.tokens.replace(admin.store().client_keys().await?);
    tracing::info!(target: "freellmapi::audit", key = %id, address = %from.address, "a unified key was rotated");
    Ok(axum::Json(TokenShown {
        id,
        token: token.to_string(),
    }))
}
