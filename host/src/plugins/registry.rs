//! Which version of which plugin serves. A change is prepared aside and takes effect in one step; whoever holds a
//! [`Plugin`] ends on the version it began with.

mod compile;
mod decide;
mod inbox;
mod keep;
mod state;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use tokio::sync::{Mutex, watch};

use self::state::State;
use super::bundled::BUNDLED;
use super::cache::CompileCache;
use super::choice::Trust;
use super::component::{LoadError, sha256_hex};
use super::manifest::Manifest;
use super::plugin::{House, Loaded, Plugin, Source};
use crate::store::{Store, StoreError};

/// All plugins of a server.
pub struct Registry {
    house: House,
    cache: Arc<CompileCache>,
    inbox: PathBuf,
    trust: Trust,
    store: Store,
    /// Held while a change is prepared, so that two never cross.
    state: Mutex<State>,
    current: ArcSwap<Plugins>,
    changes: watch::Sender<u64>,
}

/// What serves at one moment.
#[derive(Default)]
pub struct Plugins {
    by_id: BTreeMap<String, Arc<Plugin>>,
    /// Every version that is there, the ones that do not serve too.
    pub reports: Vec<Report>,
    /// Those of them that load, by hash.
    loaded: BTreeMap<String, Arc<Loaded>>,
}

/// What became of a file or a bundled plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The provider, where it could be asked.
    pub id: Option<String>,
    /// For people; empty where it could not be asked.
    pub title: String,
    /// Its own version; empty likewise.
    pub version: String,
    /// Where it is.
    pub source: Source,
    /// Name of its file; empty if it is in none.
    pub file: String,
    /// Its hash.
    pub sha256: String,
    /// What became of it.
    pub status: Status,
}

/// See [`Report`].
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// It can be used.
    Serving,
    /// The user has to grant this first.
    NeedsConsent(Vec<String>),
    /// A stronger source has the same provider.
    Shadowed,
    /// It might serve, and the user switched it off.
    Disabled,
    /// It does not load, and why.
    Refused(String),
}

/// A version's bytes before they are compiled.
struct Candidate {
    source: Source,
    file: String,
    sha256: String,
    /// `None` for a file of the inbox that did not change since it was last read.
    bytes: Option<Bytes>,
}

/// A version that loads, and where it is.
type Version = (Source, String, Arc<Loaded>);

impl Plugins {
    /// The version that serves now.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Plugin>> {
        self.by_id.get(id)
    }

    /// All that serve, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Plugin>> {
        self.by_id.values()
    }

    /// What the version with this hash says of itself, if it loads.
    #[must_use]
    pub fn manifest(&self, sha256: &str) -> Option<&Manifest> {
        self.loaded.get(sha256).map(|loaded| &loaded.manifest)
    }

    /// The very same plugins, and all reports alike.
    fn same(&self, other: &Self) -> bool {
        self.by_id.len() == other.by_id.len()
            && self
                .by_id
                .values()
                .zip(other.by_id.values())
                .all(|(one, other)| Arc::ptr_eq(one, other))
            && self.reports == other.reports
    }
}

impl Registry {
    /// Empty until the first [`Registry::reload`].
    #[must_use]
    pub fn new(
        house: House,
        cache: CompileCache,
        inbox: PathBuf,
        trust: Trust,
        store: Store,
    ) -> Self {
        Self {
            house,
            cache: Arc::new(cache),
            inbox,
            trust,
            store,
            state: Mutex::default(),
            current: ArcSwap::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// How many plugins were compiled since the start, and can be had from the cache at the next.
    #[must_use]
    pub fn compiled(&self) -> usize {
        self.cache.kept()
    }

    /// What serves now.
    #[must_use]
    pub fn current(&self) -> Arc<Plugins> {
        self.current.load_full()
    }

    /// Told of every change.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The folder that is watched.
    #[must_use]
    pub fn inbox(&self) -> &std::path::Path {
        &self.inbox
    }

    /// Looks at all sources again, compiles what is new aside and puts it in place.
    ///
    /// # Errors
    /// Only the store's; a bad file is a report. What could be decided is in place all the same if all that failed was
    /// to write it down; the next call tries that again.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        let state = &mut *state;
        let rows = self.store.plugin_rows().await?;
        let disabled = self.store.disabled_plugins().await?;
        let look = state.files.read(&self.inbox).await;
        let mut candidates = bundled();
        candidates.extend(look.candidates);
        state.hold(&mut candidates);
        self.compile_new(state, &candidates).await;
        let (mut versions, mut broken) = state.sort(&candidates, &rows);
        broken.extend(look.unread.into_iter().map(unread));
        let known = self.known(state, &rows);
        let older = self.older(state, &versions, &broken, &known, &rows).await?;
        versions.extend(older);
        let next = self.decide(versions, &known, broken, &disabled);
        state.remember(&next, &candidates);
        state.tell(&next.reports);
        let next = self.put(next);
        // Only now: a store that cannot be written to keeps nobody from serving.
        let kept = self.keep(state, &next, &known, &rows).await;
        state.let_go(&next, &candidates, &rows);
        kept
    }

    /// Puts these in place, and tells of it if anything changed.
    fn put(&self, next: Plugins) -> Arc<Plugins> {
        let before = self.current();
        if before.same(&next) {
            return before;
        }
        let next = Arc::new(next);
        self.current.store(Arc::clone(&next));
        self.changes.send_modify(|count| *count += 1);
        next
    }
}

fn bundled() -> Vec<Candidate> {
    BUNDLED
        .iter()
        .map(|one| Candidate {
            source: Source::Bundled,
            file: one.file.to_owned(),
            sha256: one.sha256.to_owned(),
            bytes: Some(Bytes::from_static(one.bytes)),
        })
        .collect()
}

fn refused(candidate: &Candidate, error: &LoadError) -> Report {
    Report {
        id: None,
        title: String::new(),
        version: String::new(),
        source: candidate.source,
        file: candidate.file.clone(),
        sha256: candidate.sha256.clone(),
        status: Status::Refused(error.to_string()),
    }
}

fn unread((file, why): (String, String)) -> Report {
    let candidate = Candidate {
        source: Source::Inbox,
        file,
        sha256: String::new(),
        bytes: None,
    };
    refused(&candidate, &LoadError::Unreadable(why))
}

impl Registry {
    /// Compiles a component and asks it who it is, without putting it anywhere. What was compiled stays in the cache.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub async fn examine(&self, bytes: Bytes) -> Result<Arc<Loaded>, LoadError> {
        let file = bytes.clone();
        let sha256 = tokio::task::spawn_blocking(move || sha256_hex(&file))
            .await
            .map_err(|error| LoadError::Busy(error.to_string()))?;
        self.compile_one(sha256, bytes)
            .await
            .await
            .unwrap_or_else(|error| Err(LoadError::Busy(error.to_string())))
    }
}

#[cfg(test)]
mod tests;
