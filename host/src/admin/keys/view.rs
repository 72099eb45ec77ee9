//! Keys as the dashboard sees them: without their secrets, with how they fare.

use freellmapi_types::KeyView;

use crate::admin::Admin;
use crate::admin::refusal::Refusal;
use crate::limits::Cooldown;
use crate::manage::status::{Service, status};
use crate::plugins::registry::Plugins;
use crate::store::ProviderKey;

impl Admin {
    /// All keys, in the order in which they are tried.
    pub(in crate::admin) async fn key_views(&self) -> Result<Vec<KeyView>, Refusal> {
        let keys = self.store().keys(&self.vault).await?;
        let plugins = self.api.registry.current();
        let rests = self.api.gateway.cooldowns.rows();
        let now_ms = self.clock().now_ms();
        Ok(keys
            .iter()
            .map(|key| view(key, &plugins, &rests, now_ms))
            .collect())
    }

    /// One of them.
    pub(in crate::admin) async fn key_view(&self, id: &str) -> Result<KeyView, Refusal> {
        let keys = self.key_views().await?;
        keys.into_iter()
            .find(|key| key.id == id)
            .ok_or_else(|| Refusal::not_found("such key"))
    }
}

fn view(key: &ProviderKey, plugins: &Plugins, rests: &[Cooldown], now_ms: i64) -> KeyView {
    let plugin = plugins.get(&key.provider);
    let catalogue = plugin.map_or(&[][..], |plugin| &plugin.manifest().models);
    let listed = key
        .models
        .iter()
        .filter(|one| catalogue.iter().all(|known| known.id != one.id));
    let models = catalogue.len() + listed.count();
    let service = Service::of(plugin.map(|plugin| &**plugin));
    KeyView {
        id: key.id.clone(),
        provider: key.provider.clone(),
        title: plugin.map_or_else(|| key.provider.clone(), |it| it.manifest().title.clone()),
        name: key.name.clone(),
        called: key.called().to_owned(),
        label: key.label.clone(),
        base_url: key.base_url.clone(),
        priority: key.priority,
        enabled: key.enabled,
        settings: key.settings.clone(),
        models,
        status: status(key, service, models, rests, now_ms),
        created_ms: key.created_ms,
    }
}
