//! `POST /api/plugins`: a component, compiled aside and put into the plugins folder if it loads.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use freellmapi_types::PluginView;
use tokio::sync::Semaphore;

use crate::admin::Admin;
use crate::admin::body::file;
use crate::admin::refusal::Refusal;
use crate::manage::plugins;
use crate::plugins::component::MAX_COMPONENT_BYTES;

/// Uploads at once: each is held in memory as a whole.
static TURN: Semaphore = Semaphore::const_new(1);

pub(in crate::admin) async fn upload(
    State(admin): State<Arc<Admin>>,
    request: Request,
) -> Result<(StatusCode, Json<PluginView>), Refusal> {
    let _turn = TURN.acquire().await;
    let limit = usize::try_from(MAX_COMPONENT_BYTES).unwrap_or(usize::MAX);
    let bytes = file(request, "application/wasm", limit).await?;
    let sha256 = plugins::upload(&admin.api.registry, bytes).await?;
    let views = admin.plugin_views().await?;
    let view = views.into_iter().find(|view| view.sha256 == sha256);
    let view = view.ok_or_else(|| Refusal::not_found("such plugin"))?;
    Ok((StatusCode::CREATED, Json(view)))
}
