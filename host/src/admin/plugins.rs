//! Plugins: what is there, consent, switches, uploads.

mod change;
mod upload;
mod view;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use freellmapi_types::PluginView;

use super::Admin;
use super::refusal::Refusal;

pub(super) use change::{disable, enable, grant, revoke};
pub(super) use upload::upload;

/// `GET /api/plugins`.
pub(super) async fn list(
    State(admin): State<Arc<Admin>>,
) -> Result<Json<Vec<PluginView>>, Refusal> {
    Ok(Json(admin.plugin_views().await?))
}
