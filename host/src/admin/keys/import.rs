//! `POST /api/keys/import`: many keys at once, with a preview.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use freellmapi_types::{Import, ImportReport};

use crate::admin::Admin;
use crate::admin::body::json;
use crate::admin::refusal::Refusal;
use crate::manage::import::plan;
use crate::plugins::manifest::Manifest;

/// The largest text, bytes.
const LARGEST: usize = 1 << 20;

pub(in crate::admin) async fn import(
    State(admin): State<Arc<Admin>>,
    request: Request,
) -> Result<Json<ImportReport>, Refusal> {
    let import: Import = json(request, LARGEST).await?;
    let keys = admin.store().keys(&admin.vault).await?;
    let plugins = admin.api.registry.current();
    let manifests: Vec<&Manifest> = plugins.iter().map(|plugin| plugin.manifest()).collect();
    let now_ms = admin.clock().now_ms();
    let planned = plan(&import.text, &import.providers, &manifests, &keys, now_ms)?;
    let mut report = ImportReport {
        items: Vec::with_capacity(planned.len()),
        added: 0,
    };
    for one in planned {
        let mut item = one.item;
        if let Some(new) = one.new {
            report.added += 1;
            if !import.preview {
                item.id = Some(admin.store().add_key(&admin.vault, &new).await?);
            }
        }
        report.items.push(item);
    }
    Ok(Json(report))
}
