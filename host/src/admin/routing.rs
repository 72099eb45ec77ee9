//! `GET /api/routing/explain`: why the order is what it is, from the running server's own figures. [`chains`]: what the
//! user set.

pub(super) mod chains;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use freellmapi_types::RouteExplanation;
use serde::Deserialize;

use super::Admin;
use super::refusal::Refusal;
use crate::chat::request::AUTO;
use crate::routing::explain::{self, USUAL_INPUT};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Any name that a client may use.
    model: Option<String>,
    /// The size of the request, tokens.
    input: Option<u64>,
    /// What it uses, by commas.
    uses: Option<String>,
}

pub(super) async fn explain(
    State(admin): State<Arc<Admin>>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<RouteExplanation>, Refusal> {
    let Query(wanted) = wanted.map_err(|_| {
        Refusal::invalid(
            "The query is `model`, a name, `input`, a number of tokens, and `uses`, words with commas between them; \
             all may be left out.",
        )
    })?;
    let uses = wanted.uses.as_deref().unwrap_or_default();
    let uses = uses.split(',').filter(|word| !word.is_empty());
    let must = explain::must(uses).map_err(|why| Refusal::field("uses", why))?;
    let model = wanted.model.unwrap_or_else(|| AUTO.to_owned());
    let gateway = &admin.api.gateway;
    let table = gateway.table.load();
    let selection = table.select(&model).map_err(|unknown| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "model_not_found",
            unknown.to_string(),
        )
        .at("model")
    })?;
    let state = explain::State {
        ledger: &gateway.ledger,
        cooldowns: &gateway.cooldowns,
        now_ms: gateway.clock.now_ms(),
    };
    let input = wanted.input.unwrap_or(USUAL_INPUT);
    Ok(Json(RouteExplanation {
        candidates: explain::explain(&table, &selection, must, input, state),
        weights: selection.weights.map(chains::weights),
        priorities_first: selection.tiers,
        model,
    }))
}
