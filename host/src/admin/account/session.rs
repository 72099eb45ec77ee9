//! `GET /api/session`: who is asking, and whether there is an account.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use freellmapi_types::{Session, SessionState, SetupState};

use crate::account::passwords;
use crate::admin::Admin;
use crate::admin::guard::Visitor;
use crate::admin::refusal::Refusal;

pub(in crate::admin) async fn session(
    State(admin): State<Arc<Admin>>,
    visitor: Option<Extension<Visitor>>,
) -> Result<Json<SessionState>, Refusal> {
    let session = visitor.map(|Extension(visitor)| Session {
        email: visitor.email,
        csrf: visitor.csrf,
        expires_ms: visitor.expires_ms,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    });
    Ok(Json(SessionState {
        setup: SetupState {
            needed: admin.store().account().await?.is_none(),
            password_min: passwords::SHORTEST,
        },
        session,
    }))
}
