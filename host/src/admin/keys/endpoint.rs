//! `POST /api/endpoints`: a server that speaks OpenAI's API, as `freellmapi endpoint add` adds it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use freellmapi_types::{EndpointAdded, NewEndpoint};
use zeroize::Zeroizing;

use super::priority;
use crate::admin::Admin;
use crate::admin::body::Json;
use crate::admin::refusal::Refusal;
use crate::manage::endpoints::{Entry, add};

pub(in crate::admin) async fn add_endpoint(
    State(admin): State<Arc<Admin>>,
    Json(new): Json<NewEndpoint>,
) -> Result<(StatusCode, axum::Json<EndpointAdded>), Refusal> {
    let entry = Entry {
        name: new.name,
        url: new.url,
        key: new.key.map(Zeroizing::new),
        models: new.models,
        priority: priority(new.priority)?,
    };
    let plugins = admin.api.registry.current();
    let means = admin.api.gateway.means();
    let added = add(admin.store(), &admin.vault, &plugins, means, entry).await?;
    let answer = EndpointAdded {
        key: admin.key_view(&added.id).await?,
        models: added.models,
        note: added.silent,
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}
