//! Adding and testing keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Refused;
use super::fields::{self, Secrets};
use super::status::{end_refusal, end_rests};
use crate::gateway::errand;
use crate::gateway::exchange::{Means, Peer};
use crate::plugins::plugin::Plugin;
use crate::plugins::registry::Plugins;
use crate::store::{NewKey, ProviderKey, Store, StoreError};
use crate::vault::Vault;

/// The priority where none is told.
pub const PRIORITY: i64 = 100;

/// A key to be, as it was entered.
pub struct Entry {
    /// The plugin's id.
    pub provider: String,
    /// What the user calls it.
    pub label: String,
    /// By the names of the manifest's credentials.
    pub secrets: Secrets,
    /// By the names of the manifest's settings.
    pub settings: BTreeMap<String, String>,
    /// Lower is tried first.
    pub priority: i64,
}

/// What a provider said of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// `healthy`, `unknown`, `rate_limited`, `invalid` or `error`, as it is stored.
    pub health: &'static str,
    /// For people, with the failure's kind.
    pub message: String,
    /// What is stored beside the word; empty for a good key.
    detail: String,
    /// Subjects of rests that the good answer ended.
    pub woken: Vec<String>,
}

/// Checks a key, as it will be stored.
///
/// # Errors
/// [`Refused::Field`].
pub fn check(plugins: &Plugins, entry: Entry, now_ms: i64) -> Result<NewKey, Refused> {
    let plugin =
        serving(plugins, &entry.provider).map_err(|why| Refused::field("provider", why))?;
    let manifest = plugin.manifest();
    if manifest.user_base_url {
        return Err(Refused::field(
            "provider",
            format!(
                "`{}` needs an address: add it as an endpoint (`freellmapi endpoint add NAME --url URL`)",
                entry.provider
            ),
        ));
    }
    Ok(NewKey {
        label: fields::label(&entry.label)?,
        secrets: fields::secrets(manifest, &entry.secrets)?,
        settings: fields::settings(manifest, &entry.settings)?,
        provider: entry.provider,
        priority: entry.priority,
        created_ms: now_ms,
        ..NewKey::default()
    })
}

/// One key by its id or an endpoint's name.
///
/// # Errors
/// [`Refused::Missing`].
pub async fn find(store: &Store, vault: &Vault, id: &str) -> Result<ProviderKey, Refused> {
    let keys = store.keys(vault).await?;
    keys.into_iter()
        .find(|key| key.id == id || (!key.name.is_empty() && key.name == id))
        .ok_or_else(|| Refused::Missing(format!("key {id}")))
}

/// The plugin of this id, if it serves.
///
/// # Errors
/// Which ones do.
pub fn serving<'a>(plugins: &'a Plugins, id: &str) -> Result<&'a Arc<Plugin>, String> {
    plugins.get(id).ok_or_else(|| {
        let known: Vec<&str> = plugins.iter().map(|it| it.manifest().id.as_str()).collect();
        format!("no plugin `{id}` serves; there are: {}", known.join(", "))
    })
}

/// With whom an errand for this key is held.
///
/// # Errors
/// Its plugin does not serve, or its address is refused.
pub fn peer(plugins: &Plugins, key: ProviderKey) -> Result<Peer, Refused> {
    let plugin = serving(plugins, &key.provider).map_err(Refused::Changed)?;
    Peer::new(plugin, Arc::new(key)).map_err(|error| Refused::Failed(error.to_string()))
}

/// Asks the provider whether a key is good, and notes what it says. One that is rests no more.
///
/// # Errors
/// The key cannot be tried at all, or the store failed.
pub async fn test(
    store: &Store,
    plugins: &Plugins,
    means: Means<'_>,
    key: ProviderKey,
) -> Result<Tested, Refused> {
    if let Some(damage) = &key.damaged {
        return Err(Refused::Changed(damage.clone()));
    }
    let peer = peer(plugins, key)?;
    let id = peer.key.id.clone();
    let mut tested = ask(store, means, peer).await?;
    tested.note(store, &id, means.clock.now_ms()).await?;
    Ok(tested)
}

/// The same, asked by the server itself: a good answer ends no rest but that of a key that was refused, since the question
/// says nothing of models and their limits.
///
/// # Errors
/// As [`fn@test`].
pub async fn probe(
    store: &Store,
    plugins: &Plugins,
    means: Means<'_>,
    key: ProviderKey,
) -> Result<Tested, Refused> {
    let peer = peer(plugins, key)?;
    let id = peer.key.id.clone();
    // Many servers of one's own list their models to whoever asks.
    let proves = !peer.plugin.manifest().user_base_url;
    let mut tested = ask(store, means, peer).await?;
    store
        .set_key_health(&id, tested.health, &tested.detail, means.clock.now_ms())
        .await?;
    if tested.health == "healthy" && proves {
        tested.woken = end_refusal(store, &id).await?;
    }
    Ok(tested)
}

async fn ask(store: &Store, means: Means<'_>, peer: Peer) -> Result<Tested, Refused> {
    let id = peer.key.id.clone();
    let tested = errand::check_key(means, peer).await;
    Ok(match tested {
        Ok(learned) => {
            if !learned.is_empty() {
                store.set_learned(&id, &learned).await?;
            }
            Tested::new("healthy", "the key is good".to_owned(), String::new())
        }
        Err(failure) if failure.kind == "unsupported" => {
            let message = "the provider cannot tell without spending".to_owned();
            Tested::new("unknown", message, failure.message)
        }
        Err(failure) => {
            let health = match failure.kind.as_str() {
                kind if kind.starts_with("key-") => "invalid",
                "rate-limited" | "quota-exhausted" => "rate_limited",
                _ => "error",
            };
            Tested::new(health, failure.to_string(), failure.message)
        }
    })
}

impl Tested {
    fn new(health: &'static str, message: String, detail: String) -> Self {
        Self {
            health,
            message,
            detail,
            woken: Vec::new(),
        }
    }

    /// Whether nothing speaks against the key.
    #[must_use]
    pub fn is_good(&self) -> bool {
        matches!(self.health, "healthy" | "unknown")
    }

    async fn note(&mut self, store: &Store, id: &str, now_ms: i64) -> Result<(), StoreError> {
        store
            .set_key_health(id, self.health, &self.detail, now_ms)
            .await?;
        if self.health == "healthy" {
            self.woken = end_rests(store, id).await?;
        }
        Ok(())
    }
}
