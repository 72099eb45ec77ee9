//! `PATCH /api/keys/{id}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use freellmapi_types::{KeyPatch, KeyView};

use super::priority;
use crate::admin::Admin;
use crate::admin::body::Json;
use crate::admin::refusal::Refusal;
use crate::manage::fields;

pub(in crate::admin) async fn patch(
    State(admin): State<Arc<Admin>>,
    Path(id): Path<String>,
    Json(change): Json<KeyPatch>,
) -> Result<axum::Json<KeyView>, Refusal> {
    let label = change.label.as_deref().map(fields::label).transpose()?;
    let place = change.priority.map(|it| priority(Some(it))).transpose()?;
    let there = admin
        .store()
        .change_key(&id, label.as_deref(), change.enabled, place)
        .await?;
    if !there {
        return Err(Refusal::not_found("such key"));
    }
    Ok(axum::Json(admin.key_view(&id).await?))
}
