//! `DELETE /api/keys/{id}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::admin::Admin;
use crate::admin::refusal::Refusal;

pub(in crate::admin) async fn remove(
    State(admin): State<Arc<Admin>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    if admin.store().remove_key(&id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refusal::not_found("such key"))
    }
}
