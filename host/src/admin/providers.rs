//! `GET /api/providers`: whom keys can be added for, and what each wants.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use freellmapi_types::{CredentialField, ProviderView, SettingField};
use regex::Regex;

use super::Admin;
use super::refusal::Refusal;
use crate::plugins::manifest::Manifest;

pub(super) async fn list(
    State(admin): State<Arc<Admin>>,
) -> Result<Json<Vec<ProviderView>>, Refusal> {
    let keys = admin.store().keys(&admin.vault).await?;
    let plugins = admin.api.registry.current();
    let of = |manifest: &Manifest| {
        keys.iter()
            .filter(|key| key.provider == manifest.id)
            .count()
    };
    Ok(Json(
        plugins
            .iter()
            .map(|plugin| view(plugin.manifest(), of(plugin.manifest())))
            .collect(),
    ))
}

fn view(manifest: &Manifest, keys: usize) -> ProviderView {
    let mut tasks: Vec<String> = Vec::new();
    for task in manifest.models.iter().flat_map(|model| &model.operations) {
        if !tasks.contains(task) {
            tasks.push(task.clone());
        }
    }
    ProviderView {
        id: manifest.id.clone(),
        title: manifest.title.clone(),
        key_page: manifest.key_page.clone(),
        terms: manifest.terms_note.clone(),
        credentials: manifest
            .credentials
            .iter()
            .map(|one| CredentialField {
                name: one.name.clone(),
                label: one.label.clone(),
                pattern: pattern(one.pattern.as_ref()),
                optional: one.optional,
            })
            .collect(),
        settings: manifest
            .settings
            .iter()
            .map(|one| SettingField {
                name: one.name.clone(),
                label: one.label.clone(),
                pattern: pattern(one.pattern.as_ref()),
                choices: one.choices.clone(),
                default: one.default.clone(),
                optional: one.optional,
            })
            .collect(),
        keyless: manifest.keyless,
        user_base_url: manifest.user_base_url,
        tasks,
        models: manifest.models.len(),
        keys,
    }
}

/// As the manifest spells it.
fn pattern(pattern: Option<&Regex>) -> String {
    let whole = pattern.map_or("", Regex::as_str);
    let inner = whole
        .strip_prefix("^(?:")
        .and_then(|rest| rest.strip_suffix(")$"));
    inner.unwrap_or(whole).to_owned()
}
