//! `POST /api/keys/{id}/test`: asks the provider, as `freellmapi key test` does.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use freellmapi_types::{KeyTest, Verdict};

use crate::admin::Admin;
use crate::admin::refusal::Refusal;
use crate::manage::keys::{find, test as ask};

pub(in crate::admin) async fn test(
    State(admin): State<Arc<Admin>>,
    Path(id): Path<String>,
) -> Result<Json<KeyTest>, Refusal> {
    let gateway = &admin.api.gateway;
    let key = find(admin.store(), &admin.vault, &id).await?;
    let id = key.id.clone();
    let plugins = admin.api.registry.current();
    let tested = ask(admin.store(), &plugins, gateway.means(), key).await?;
    // The store's rests are gone already; the running server's end without waiting for its next look.
    for subject in &tested.woken {
        gateway.cooldowns.clear(subject);
    }
    let verdict = match tested.health {
        "healthy" => Verdict::Good,
        "unknown" => Verdict::Unknown,
        _ => Verdict::Bad,
    };
    Ok(Json(KeyTest {
        verdict,
        message: tested.message,
        key: admin.key_view(&id).await?,
    }))
}
