//! Keeps the running server in step with the store, which commands and other replicas change, and with plugins.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::api::Api;
use crate::api::responses::shelf::Shelf;
use crate::clock::Clock;
use crate::gateway::errand;
use crate::gateway::exchange::Peer;
use crate::routing::arms::Arms;
use crate::routing::{Model, Table};
use crate::store::{DISCOVERED, KeyModel, ProviderKey, Store, StoreError};
use crate::vault::Vault;

/// How often the store is asked whether something changed.
const POLL: Duration = Duration::from_millis(250);

/// How often endpoints are asked for their models.
const DISCOVERY: Duration = Duration::from_secs(600);

/// How soon an endpoint that did not answer is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// How often rows that no longer matter are removed.
const PRUNING: Duration = Duration::from_secs(3_600);

/// How often what came of attempts is written.
const REMEMBERING: Duration = Duration::from_secs(60);

/// How long requests stay in the log, milliseconds.
const LOG_KEPT_MS: i64 = 30 * 24 * 3_600 * 1000;

/// What is brought up to date.
pub(super) struct State {
    pub(super) api: Arc<Api>,
    pub(super) vault: Vault,
    /// Rung when keys have changed: a new endpoint is asked for its models at once.
    pub(super) bell: Notify,
}

impl State {
    /// Reads keys, client keys and rests anew and makes a new table.
    pub(super) async fn refresh(&self) -> Result<(), StoreError> {
        let gateway = &self.api.gateway;
        self.api.tokens.replace(gateway.store.client_keys().await?);
        let written = gateway.cooldowns.written();
        let rests = gateway.store.cooldowns().await?;
        gateway.cooldowns.reload(&rests, written);
        let keys = gateway.store.keys(&self.vault).await?;
        for key in &keys {
            if let Some(damage) = &key.damaged {
                tracing::error!(key = %key.id, %damage, "this key cannot be read and is left out");
            }
        }
        let secrets = keys.iter().flat_map(|key| key.secrets.values());
        gateway.leaks.watch(secrets.map(|secret| secret.as_str()));
        let keys: Vec<Arc<ProviderKey>> = keys.into_iter().map(Arc::new).collect();
        let plugins = self.api.registry.current();
        let routes = gateway.store.routes().await?;
        let table = Table::new(&keys, &plugins, routes, &gateway.arms);
        gateway.table.store(Arc::new(table));
        self.api.refreshed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Endpoints whose models nobody gave by hand.
    async fn to_discover(&self) -> Result<Vec<(Arc<ProviderKey>, Peer)>, StoreError> {
        let keys = self.api.gateway.store.keys(&self.vault).await?;
        let plugins = self.api.registry.current();
        Ok(keys
            .into_iter()
            .filter(|key| key.enabled && key.damaged.is_none() && !key.models_given)
            .filter_map(|key| {
                let plugin = plugins.get(&key.provider)?;
                // Others have a catalogue.
                if !plugin.manifest().user_base_url {
                    return None;
                }
                let key = Arc::new(key);
                // A key whose address cannot be read cannot be asked.
                let peer = Peer::new(plugin, Arc::clone(&key)).ok()?;
                Some((key, peer))
            })
            .collect())
    }
}

/// The models of a list, as the store keeps them.
pub fn listed(models: &[crate::plugins::contract::Model]) -> Vec<KeyModel> {
    models
        .iter()
        .map(|model| KeyModel {
            id: model.id.clone(),
            facts: serde_json::to_value(Model::of_listing(model)).unwrap_or_default(),
        })
        .collect()
}

/// Follows the store's revision and the registry's changes.
pub(super) async fn follow(state: Arc<State>) {
    let mut changes = state.api.registry.changes();
    changes.mark_unchanged();
    let mut seen = 0;
    loop {
        let plugins_changed = tokio::select! {
            changed = changes.changed() => changed.is_ok(),
            () = tokio::time::sleep(POLL) => false,
        };
        let revision = match state.api.gateway.store.revision().await {
            Ok(revision) => revision,
            Err(error) => {
                tracing::error!(%error, "the store does not answer");
                continue;
            }
        };
        if revision == seen && !plugins_changed {
            continue;
        }
        // First what may have been taken away: a rotated token must not live as long as a plugin compiles.
        let mut done = state.refresh().await;
        if revision != seen && done.is_ok() {
            state.bell.notify_one();
            // A grant may have been given.
            match state.api.registry.reload().await {
                Ok(()) => done = state.refresh().await,
                // It looks again by itself.
                Err(error) => tracing::error!(%error, "what plugins there are could not be kept"),
            }
            changes.mark_unchanged();
        }
        match done {
            Ok(()) => seen = revision,
            Err(error) => {
                tracing::error!(%error, "keys could not be read; the former ones go on until they can");
            }
        }
    }
}

/// Asks endpoints for their models, soon again those that did not answer.
pub(super) async fn discover(state: Arc<State>) {
    // What this task itself keeps also raises the revision: those that have just answered are not asked again.
    let mut asked: BTreeMap<String, Instant> = BTreeMap::new();
    loop {
        let mut missing = false;
        match state.to_discover().await {
            Ok(endpoints) => {
                for (key, peer) in endpoints {
                    // A start asks nobody whose models are known: it is no reason to send anything.
                    if !key.models.is_empty() {
                        asked.entry(key.id.clone()).or_insert_with(Instant::now);
                    }
                    if asked
                        .get(&key.id)
                        .is_some_and(|at| at.elapsed() < DISCOVERY)
                    {
                        continue;
                    }
                    if ask(&state, &key, peer).await {
                        asked.insert(key.id.clone(), Instant::now());
                    } else {
                        missing |= key.models.is_empty();
                    }
                }
            }
            Err(error) => tracing::error!(%error, "endpoints could not be read"),
        }
        let wait = if missing { RETRY } else { DISCOVERY };
        let _ = timeout(wait, state.bell.notified()).await;
    }
}

async fn ask(state: &State, key: &ProviderKey, peer: Peer) -> bool {
    let models = match errand::list_models(state.api.gateway.means(), peer).await {
        Ok(models) => listed(&models),
        Err(failure) => {
            tracing::info!(endpoint = %key.name, %failure, "no list of models");
            return false;
        }
    };
    if models == key.models {
        return true;
    }
    match state
        .api
        .gateway
        .store
        .set_key_models(&key.id, &models, DISCOVERED)
        .await
    {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(%error, "a list of models could not be kept");
            false
        }
    }
}

/// Keeps what came of attempts, so that a restart does not begin anew. A crash takes the last minute's, which does no
/// harm.
pub(super) async fn remember(store: Store, arms: Arc<Arms>, clock: Clock) {
    loop {
        tokio::time::sleep(REMEMBERING).await;
        write_outcomes(&store, &arms, clock.now_ms()).await;
    }
}

/// Writes what has changed.
pub(super) async fn write_outcomes(store: &Store, arms: &Arms, now_ms: i64) {
    let oldest_ms = arms.prune(now_ms);
    let rows = arms.changed();
    if rows.is_empty() {
        return;
    }
    if let Err(error) = store.write_outcomes(&rows, oldest_ms).await {
        arms.unwritten(&rows);
        tracing::warn!(%error, "what came of attempts could not be kept");
    }
}

/// Removes what no longer matters.
pub(super) async fn prune(store: Store, clock: Clock, shelf: Shelf) {
    loop {
        let now_ms = clock.now_ms();
        if let Err(error) = store.prune_blocks(now_ms).await {
            tracing::warn!(%error, "old limits could not be removed");
        }
        if let Err(error) = store.prune_requests(now_ms - LOG_KEPT_MS).await {
            tracing::warn!(%error, "old requests could not be removed");
        }
        if let Err(error) = shelf.prune().await {
            tracing::warn!(%error, "old answers could not be removed");
        }
        tokio::time::sleep(PRUNING).await;
    }
}
