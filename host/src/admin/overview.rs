//! `GET /api/overview`: the counts of the start page.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use freellmapi_types::{KeyCounts, Overview, PluginCounts, RequestCounts};

use super::Admin;
use super::refusal::Refusal;
use crate::plugins::registry::{Plugins, Status};

/// How far back requests are counted, milliseconds.
const SPAN_MS: i64 = 24 * 3_600 * 1000;

pub(super) async fn overview(State(admin): State<Arc<Admin>>) -> Result<Json<Overview>, Refusal> {
    let mut keys = KeyCounts::default();
    for key in admin.key_views().await? {
        keys.count(key.status.state);
    }
    let table = admin.api.gateway.table.load_full();
    let models: BTreeSet<String> = table.all().iter().map(|one| one.name()).collect();
    let since_ms = admin.clock().now_ms() - SPAN_MS;
    let sums = admin.store().sum_requests(since_ms).await?;
    Ok(Json(Overview {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        keys,
        plugins: plugins(&admin.api.registry.current()),
        models: models.len(),
        candidates: table.all().len(),
        requests: RequestCounts {
            total: sums.total,
            succeeded: sums.succeeded,
            input_tokens: sums.input_tokens,
            output_tokens: sums.output_tokens,
        },
    }))
}

fn plugins(plugins: &Plugins) -> PluginCounts {
    let mut counts = PluginCounts::default();
    for report in &plugins.reports {
        match report.status {
            Status::Serving => counts.active += 1,
            Status::NeedsConsent(_) => counts.needs_consent += 1,
            Status::Refused(_) => counts.broken += 1,
            Status::Disabled => counts.disabled += 1,
            Status::Shadowed => {}
        }
    }
    counts
}
