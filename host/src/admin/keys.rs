//! The user's keys and endpoints. One file a verb.

mod add;
mod endpoint;
mod import;
mod patch;
mod remove;
mod test;
mod view;

use axum::Json;
use axum::extract::State;
use freellmapi_types::KeyView;
use std::sync::Arc;

use super::Admin;
use super::refusal::Refusal;
use crate::manage::keys::PRIORITY;

pub(super) use add::add;
pub(super) use endpoint::add_endpoint;
pub(super) use import::import;
pub(super) use patch::patch;
pub(super) use remove::remove;
pub(super) use test::test;

/// How far from 0 a priority may be.
const FARTHEST: i64 = 1_000_000;

/// `GET /api/keys`.
pub(super) async fn list(State(admin): State<Arc<Admin>>) -> Result<Json<Vec<KeyView>>, Refusal> {
    Ok(Json(admin.key_views().await?))
}

/// A priority as it is stored.
fn priority(given: Option<i64>) -> Result<i64, Refusal> {
    let priority = given.unwrap_or(PRIORITY);
    if (-FARTHEST..=FARTHEST).contains(&priority) {
        Ok(priority)
    } else {
        Err(Refusal::field(
            "priority",
            format!("A priority lies between -{FARTHEST} and {FARTHEST}."),
        ))
    }
}
