//! `POST /api/keys`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use freellmapi_types::{KeyView, NewKey};
use zeroize::Zeroizing;

use super::priority;
use crate::admin::Admin;
use crate::admin::body::Json;
use crate::admin::refusal::Refusal;
use crate::manage::keys::{Entry, check};

pub(in crate::admin) async fn add(
    State(admin): State<Arc<Admin>>,
    Json(new): Json<NewKey>,
) -> Result<(StatusCode, axum::Json<KeyView>), Refusal> {
    let entry = Entry {
        provider: new.provider,
        label: new.label,
        secrets: new
            .secrets
            .into_iter()
            .map(|(name, value)| (name, Zeroizing::new(value)))
            .collect(),
        settings: new.settings,
        priority: priority(new.priority)?,
    };
    let plugins = admin.api.registry.current();
    let new = check(&plugins, entry, admin.clock().now_ms())?;
    let id = admin.store().add_key(&admin.vault, &new).await?;
    Ok((StatusCode::CREATED, axum::Json(admin.key_view(&id).await?)))
}
