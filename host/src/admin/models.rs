//! `GET /api/models`: what can be called, and what could be with a key.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use freellmapi_types::ModelView;

use super::Admin;
use super::refusal::Refusal;
use crate::routing::Model;

pub(super) async fn list(State(admin): State<Arc<Admin>>) -> Result<Json<Vec<ModelView>>, Refusal> {
    let gateway = &admin.api.gateway;
    let now_ms = admin.clock().now_ms();
    let mut models: BTreeMap<String, ModelView> = BTreeMap::new();
    for plugin in admin.api.registry.current().iter() {
        let manifest = plugin.manifest();
        for known in &manifest.models {
            let view = view(&manifest.id, &Model::of_catalogue(known));
            models.insert(view.id.clone(), view);
        }
    }
    for candidate in gateway.table.load().all() {
        let view = models
            .entry(candidate.name())
            .or_insert_with(|| view(&candidate.provider, &candidate.model));
        view.enabled = true;
        view.candidates += 1;
        let rests = gateway.cooldowns.resting(&candidate.subjects.all(), now_ms);
        view.resting += usize::from(rests.is_some());
    }
    Ok(Json(models.into_values().collect()))
}

fn view(provider: &str, model: &Model) -> ModelView {
    ModelView {
        id: format!("{provider}/{}", model.id),
        provider: provider.to_owned(),
        model: model.id.clone(),
        label: model.label.clone(),
        family: model.family.clone(),
        tasks: model.operations.clone(),
        context: model.context,
        max_output: model.max_output,
        traits: model.traits.clone(),
        rank: model.rank,
        enabled: false,
        candidates: 0,
        resting: 0,
    }
}
