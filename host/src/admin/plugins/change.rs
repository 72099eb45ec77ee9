//! `POST /api/plugins/{id}/grant`, `…/revoke`, `…/enable`, `…/disable`. Each has taken effect when it is answered.

use std::sync::Arc;

use axum::extract::{Path, State};
use freellmapi_types::{GrantRequest, PluginView};

use crate::admin::Admin;
use crate::admin::body::Json;
use crate::admin::refusal::Refusal;
use crate::manage::plugins;

type Answer = Result<axum::Json<PluginView>, Refusal>;

pub(in crate::admin) async fn grant(
    State(admin): State<Arc<Admin>>,
    Path(id): Path<String>,
    Json(wanted): Json<GrantRequest>,
) -> Answer {
    let registry = &admin.api.registry;
    let now_ms = admin.clock().now_ms();
    plugins::grant(registry, admin.store(), &id, &wanted.sha256, now_ms).await?;
    admin.changed_plugin(&id, &wanted.sha256).await
}

pub(in crate::admin) async fn revoke(
    State(admin): State<Arc<Admin>>,
    Path(id): Path<String>,
) -> Answer {
    plugins::revoke(&admin.api.registry, admin.store(), &id).await?;
    admin.changed_plugin(&id, "").await
}

pub(in crate::admin) async fn enable(
    State(admin): State<Arc<Admin>>,
    Path(id): Path<String>,
) -> Answer {
    admin.switch_plugin(&id, true).await
}

pub(in crate::admin) async fn disable(
    State(admin): State<Arc<Admin>>,
    Path(id): Path<String>,
) -> Answer {
    admin.switch_plugin(&id, false).await
}

impl Admin {
    async fn switch_plugin(&self, id: &str, on: bool) -> Answer {
        let now_ms = self.clock().now_ms();
        plugins::switch(&self.api.registry, self.store(), id, on, now_ms).await?;
        self.changed_plugin(id, "").await
    }

    async fn changed_plugin(&self, id: &str, sha256: &str) -> Answer {
        self.api.registry.reload().await?;
        Ok(axum::Json(self.plugin_view(id, sha256).await?))
    }
}
