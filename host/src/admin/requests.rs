//! `GET /api/requests`: the log, page by page, the latest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use freellmapi_types::{RequestPage, RequestView};
use serde::Deserialize;

use super::Admin;
use super::refusal::Refusal;
use crate::store::RequestRecord;

/// Rows of a page unless the client says otherwise, and at most.
const USUAL: u32 = 50;
const MOST: u32 = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Only earlier ones than this.
    before: Option<String>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(admin): State<Arc<Admin>>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<RequestPage>, Refusal> {
    let Query(wanted) = wanted.map_err(|_| {
        Refusal::invalid(
            "The query is `before`, an id, and `limit`, a number; both may be left out.",
        )
    })?;
    let limit = wanted.limit.unwrap_or(USUAL).clamp(1, MOST);
    let before = wanted.before.as_deref();
    let records = admin.store().recent_requests(before, limit).await?;
    let full = records.len() == limit as usize;
    Ok(Json(RequestPage {
        next: records
            .last()
            .filter(|_| full)
            .map(|record| record.id.clone()),
        items: records.into_iter().map(view).collect(),
    }))
}

fn view(record: RequestRecord) -> RequestView {
    let trail = record.trail.split("; ").filter(|hop| !hop.is_empty());
    RequestView {
        trail: trail.map(str::to_owned).collect(),
        id: record.id,
        at_ms: record.at_ms,
        client_key: record.client_key,
        requested_model: record.requested_model,
        provider: record.provider,
        model: record.model,
        key_id: record.key_id,
        status: record.status,
        streamed: record.streamed,
        attempts: record.attempts,
        input_tokens: record.input_tokens,
        output_tokens: record.output_tokens,
        first_content_ms: record.first_content_ms,
        total_ms: record.total_ms,
        error_kind: record.error_kind,
        guest_us: record.guest_us,
    }
}
