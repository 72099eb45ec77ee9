//! Compiling versions aside.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::state::State;
use super::{Candidate, Registry};
use crate::plugins::component::LoadError;
use crate::plugins::plugin::Loaded;
use crate::store::{PluginRow, StoreError};

/// How long one version is waited for. An interpreter of eighteen megabytes takes a busy machine of two processors
/// eighty seconds.
const COMPILE_TIME: Duration = Duration::from_secs(240);

impl Registry {
    /// Compiles what has not been, or failed in a way that may pass.
    pub(super) async fn compile_new(&self, state: &mut State, candidates: &[Candidate]) {
        let mut seen = BTreeSet::new();
        let mut new = Vec::new();
        for one in candidates {
            if seen.insert(&one.sha256)
                && state.due(&one.sha256)
                && let Some(bytes) = &one.bytes
            {
                new.push((one.sha256.clone(), bytes.clone()));
            }
        }
        self.compile(state, new).await;
    }

    /// Compiles versions, given by hash, as many at once as there are processors: each takes memory in proportion to
    /// its file.
    async fn compile(&self, state: &mut State, versions: Vec<(String, Bytes)>) {
        let mut jobs = Vec::new();
        for (sha256, bytes) in versions {
            jobs.push((sha256.clone(), self.compile_one(sha256, bytes).await));
        }
        for (sha256, job) in jobs {
            let loaded = match timeout(COMPILE_TIME, job).await {
                Ok(loaded) => {
                    loaded.unwrap_or_else(|error| Err(LoadError::Busy(error.to_string())))
                }
                // Its thread works on, and keeps its turn until it is done: others are waited for no longer.
                Err(_) => Err(LoadError::TooSlow(COMPILE_TIME.as_secs())),
            };
            let transient = loaded.as_ref().is_err_and(LoadError::is_transient);
            state.compiled(sha256, loaded, transient);
        }
    }

    /// Begins to compile one version when it is its turn.
    pub(super) async fn compile_one(
        &self,
        sha256: String,
        bytes: Bytes,
    ) -> JoinHandle<Result<Arc<Loaded>, LoadError>> {
        let (house, cache) = (self.house.clone(), Arc::clone(&self.cache));
        let turn = self.house.guests.compile_slot().await;
        tokio::task::spawn_blocking(move || {
            let loaded = Loaded::new(&house.engine, Some(&cache), sha256, &bytes).map(Arc::new);
            drop(turn);
            loaded
        })
    }

    /// The version that the store has of this plugin, if it has it and it loads.
    pub(super) async fn stored(
        &self,
        state: &mut State,
        row: &PluginRow,
    ) -> Result<Option<Arc<Loaded>>, StoreError> {
        if state.due(&row.sha256) {
            match self.store.plugin_file(&row.sha256).await {
                Ok(Some(bytes)) => {
                    let version = (row.sha256.clone(), bytes.into());
                    self.compile(state, vec![version]).await;
                }
                Ok(None) => {}
                Err(damage @ StoreError::Damaged { .. }) => {
                    // Others must not wait for it.
                    tracing::error!(plugin = %row.id, %damage, "the stored version cannot be used");
                    let error = LoadError::Unreadable(damage.to_string());
                    state.compiled(row.sha256.clone(), Err(error), false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(match state.loaded.get(&row.sha256) {
            Some(Ok(loaded)) => Some(Arc::clone(loaded)),
            _ => None,
        })
    }
}
