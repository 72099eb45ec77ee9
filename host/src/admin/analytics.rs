//! `GET /api/analytics`: what the request log comes to.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use freellmapi_types::{Analytics, Figures, Share, Step};
use serde::Deserialize;

use super::Admin;
use super::refusal::Refusal;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Hours unless the client says otherwise, and at most: 90 days.
const USUAL: u32 = 24;
const MOST: u32 = 90 * 24;

/// Longer spans go by days.
const HOURLY: u32 = 48;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// How far back, from now.
    hours: Option<u32>,
}

pub(super) async fn show(
    State(admin): State<Arc<Admin>>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Analytics>, Refusal> {
    let Query(wanted) = wanted.map_err(|_| {
        Refusal::invalid("The query is `hours`, a number from 1 to 2160; it may be left out.")
    })?;
    let hours = wanted.hours.unwrap_or(USUAL).clamp(1, MOST);
    let (now_ms, store) = (admin.clock().now_ms(), admin.store());
    let step_ms = if hours > HOURLY { DAY_MS } else { HOUR_MS };
    // Whole steps, so that the first is not a stump.
    let last = now_ms / step_ms;
    let first = last - i64::from(hours) * HOUR_MS / step_ms + 1;
    let since_ms = first.min(last) * step_ms;
    let known = store.sums_by_step(since_ms, step_ms).await?;
    let providers = store.sums_by_provider(since_ms).await?;
    let models = store.sums_by_model(since_ms).await?;
    let mut total = Figures::default();
    let (mut first_content, mut whole) = (Mean::default(), Mean::default());
    for (_, figures) in &known {
        total.requests += figures.requests;
        total.succeeded += figures.succeeded;
        total.input_tokens += figures.input_tokens;
        total.output_tokens += figures.output_tokens;
        first_content.add(figures.first_content_ms, figures.succeeded);
        whole.add(figures.total_ms, figures.succeeded);
    }
    total.first_content_ms = first_content.value();
    total.total_ms = whole.value();
    let known: BTreeMap<i64, Figures> = known.into_iter().collect();
    let step = |n: i64| Step {
        at_ms: n * step_ms,
        figures: known.get(&n).copied().unwrap_or_default(),
    };
    Ok(Json(Analytics {
        total,
        p50_ms: store.time_percentile(since_ms, 50).await?,
        p95_ms: store.time_percentile(since_ms, 95).await?,
        step_ms,
        steps: (first.min(last)..=last).map(step).collect(),
        providers: providers.into_iter().map(share).collect(),
        models: models.into_iter().map(share).collect(),
    }))
}

fn share((name, figures): (String, Figures)) -> Share {
    Share { name, figures }
}

/// Of means that weigh differently.
#[derive(Default)]
struct Mean {
    sum: i64,
    count: i64,
}

impl Mean {
    fn add(&mut self, mean: Option<i64>, count: i64) {
        if let Some(mean) = mean {
            self.sum = self.sum.saturating_add(mean.saturating_mul(count));
            self.count += count;
        }
    }

    fn value(&self) -> Option<i64> {
        self.sum.checked_div(self.count)
    }
}
