//! Which version of which plugin serves. A change is prepared aside and takes effect in one step; whoever holds a
//! [`Plugin`] ends on the version it began with.

mod inbox;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use tokio::sync::{Mutex, watch};

use super::bundled::{BUNDLED, is_official};
use super::cache::CompileCache;
use super::choice::{Found, Standing, Trust, choose};
use super::component::{LoadError, sha256_hex};
use super::plugin::{House, Loaded, Plugin, Source};
use crate::store::{PluginRow, Store, StoreError};
use crate::upstream::guard::Grant;

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
}

/// What became of a file or a bundled plugin.
#[derive(Debug, Clone)]
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
    /// It does not load, and why.
    Refused(String),
}

#[derive(Default)]
struct State {
    /// By hash, failures too, so that nothing is compiled twice.
    loaded: HashMap<String, Result<Arc<Loaded>, LoadError>>,
    /// Files of the inbox as they were last read.
    files: inbox::Seen,
    /// The provider that a file last held, by its name: what a broken replacement must not take away.
    last: BTreeMap<String, (String, Arc<Loaded>)>,
    /// Troubles that were told of, so that each is logged once.
    told: BTreeSet<(String, String)>,
}

/// A version's bytes before they are compiled.
struct Candidate {
    source: Source,
    file: String,
    sha256: String,
    /// Empty for a file of the inbox that did not change since it was last read.
    bytes: Bytes,
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
    /// Only the store's; a bad file is a report.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        let rows = self.store.plugin_rows().await?;
        let removed: BTreeSet<&str> = rows
            .iter()
            .filter(|row| row.removed)
            .map(|row| row.id.as_str())
            .collect();
        let mut candidates = bundled();
        candidates.extend(state.files.read(&self.inbox).await);
        self.compile(&mut state, &candidates).await;
        let mut broken = Vec::new();
        let mut versions = Vec::new();
        for candidate in &candidates {
            match state.loaded.get(&candidate.sha256) {
                Some(Ok(loaded)) => {
                    if candidate.source == Source::Bundled
                        && removed.contains(loaded.manifest.id.as_str())
                    {
                        continue;
                    }
                    versions.push((candidate.source, candidate.file.clone(), Arc::clone(loaded)));
                }
                Some(Err(error)) => broken.push(refused(candidate, error)),
                None => {}
            }
        }
        let older = self
            .older(&mut state, &versions, &candidates, &broken, &rows)
            .await?;
        versions.extend(older);
        let next = self.decide(versions, &rows, broken);
        state.remember(&next, &candidates);
        self.keep(&next, &candidates, &rows).await?;
        state.tell(&next.reports);
        // What no version needs any more is let go.
        let mut wanted: BTreeSet<&str> = candidates.iter().map(|one| one.sha256.as_str()).collect();
        wanted.extend(next.iter().map(|plugin| plugin.sha256()));
        state
            .loaded
            .retain(|sha256, _| wanted.contains(sha256.as_str()));
        self.current.store(Arc::new(next));
        self.changes.send_modify(|count| *count += 1);
        Ok(())
    }
}

impl State {
    /// Logs what is new among the troubles.
    fn tell(&mut self, reports: &[Report]) {
        let mut now = BTreeSet::new();
        for report in reports {
            let trouble = match &report.status {
                Status::Serving | Status::Shadowed => continue,
                Status::NeedsConsent(_) => "waits for `freellmapi plugin grant`".to_owned(),
                Status::Refused(why) => why.clone(),
            };
            let known = (format!("{}{}", report.file, report.sha256), trouble.clone());
            if !self.told.contains(&known) {
                tracing::warn!(file = %report.file, plugin = report.id.as_deref().unwrap_or(""), %trouble, "a plugin does not serve");
            }
            now.insert(known);
        }
        self.told = now;
    }

    fn remember(&mut self, next: &Plugins, candidates: &[Candidate]) {
        for one in candidates.iter().filter(|one| one.source == Source::Inbox) {
            if let Some(Ok(loaded)) = self.loaded.get(&one.sha256) {
                let id = loaded.manifest.id.clone();
                let serves = next
                    .get(&id)
                    .is_some_and(|plugin| plugin.sha256() == one.sha256);
                if serves {
                    self.last.insert(one.file.clone(), (id, Arc::clone(loaded)));
                }
            }
        }
        self.last.retain(|file, _| {
            candidates
                .iter()
                .any(|one| one.source == Source::Inbox && one.file == *file)
        });
    }
}

fn bundled() -> Vec<Candidate> {
    BUNDLED
        .iter()
        .map(|(file, bytes)| Candidate {
            source: Source::Bundled,
            file: (*file).to_owned(),
            sha256: sha256_hex(bytes),
            bytes: Bytes::from_static(bytes),
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

/// What the user granted, by id.
fn consents(rows: &[PluginRow]) -> BTreeMap<String, Grant> {
    rows.iter()
        .filter_map(|row| {
            let grant = serde_json::from_str(row.grant.as_deref()?);
            match grant {
                Ok(grant) => Some((row.id.clone(), grant)),
                Err(error) => {
                    tracing::error!(plugin = %row.id, %error, "its grant cannot be read; grant it anew");
                    None
                }
            }
        })
        .collect()
}

impl Registry {
    /// Compiles what has not been, as many at once as there are processors.
    async fn compile(&self, state: &mut State, candidates: &[Candidate]) {
        let mut jobs = Vec::new();
        let mut started = BTreeSet::new();
        for one in candidates {
            if state.loaded.contains_key(&one.sha256) || !started.insert(&one.sha256) {
                continue;
            }
            let (house, cache) = (self.house.clone(), Arc::clone(&self.cache));
            let bytes = one.bytes.clone();
            let job = tokio::task::spawn_blocking(move || {
                Loaded::new(&house.engine, &cache, &bytes).map(Arc::new)
            });
            jobs.push((one.sha256.clone(), job));
        }
        for (sha256, job) in jobs {
            let loaded = job
                .await
                .unwrap_or_else(|error| Err(LoadError::NotAComponent(error.to_string())));
            state.loaded.insert(sha256, loaded);
        }
    }

    /// Versions that are in no source any more, but go on while the newer file is broken or waits for consent.
    async fn older(
        &self,
        state: &mut State,
        versions: &[Version],
        candidates: &[Candidate],
        broken: &[Report],
        rows: &[PluginRow],
    ) -> Result<Vec<Version>, StoreError> {
        let mut older: Vec<Version> = broken
            .iter()
            .filter(|report| report.source == Source::Inbox)
            .filter_map(|report| state.last.get(&report.file))
            .map(|(_, loaded)| (Source::Installed, String::new(), Arc::clone(loaded)))
            .collect();
        let consents = consents(rows);
        for (_, _, loaded) in versions
            .iter()
            .filter(|(source, ..)| *source == Source::Inbox)
        {
            let id = &loaded.manifest.id;
            let Some(row) = rows.iter().find(|row| row.id == *id) else {
                continue;
            };
            let waits = consents
                .get(id)
                .is_some_and(|grant| !grant.widenings(&loaded.manifest.asks).is_empty());
            if !waits || row.sha256 == loaded.sha256() {
                continue;
            }
            if !state.loaded.contains_key(&row.sha256)
                && let Some(bytes) = self.store.plugin_file(&row.sha256).await?
            {
                let stored = Candidate {
                    source: Source::Installed,
                    file: String::new(),
                    sha256: row.sha256.clone(),
                    bytes: bytes.into(),
                };
                self.compile(state, &[stored]).await;
            }
            if let Some(Ok(loaded)) = state.loaded.get(&row.sha256) {
                older.push((Source::Installed, String::new(), Arc::clone(loaded)));
            }
        }
        older.retain(|(_, _, loaded)| candidates.iter().all(|one| one.sha256 != loaded.sha256()));
        older.dedup_by(|one, other| one.2.sha256() == other.2.sha256());
        Ok(older)
    }

    fn decide(&self, versions: Vec<Version>, rows: &[PluginRow], broken: Vec<Report>) -> Plugins {
        let before = self.current();
        let found: Vec<Found> = versions
            .iter()
            .map(|(source, file, loaded)| Found {
                source: *source,
                file: file.clone(),
                id: loaded.manifest.id.clone(),
                sha256: loaded.sha256().to_owned(),
                asks: loaded.manifest.asks.clone(),
                official: is_official(loaded.sha256()),
            })
            .collect();
        let serving = before
            .iter()
            .map(|plugin| (plugin.manifest().id.clone(), plugin.sha256().to_owned()))
            .collect();
        let standings = choose(&found, &consents(rows), &serving, self.trust);
        let mut next = Plugins {
            by_id: BTreeMap::new(),
            reports: broken,
        };
        for ((found, standing), (_, _, loaded)) in found.into_iter().zip(standings).zip(versions) {
            let status = match standing {
                Standing::Serves(grant) => {
                    let plugin = self.serve(&before, &found, loaded.clone(), grant);
                    next.by_id.insert(found.id.clone(), plugin);
                    Status::Serving
                }
                Standing::NeedsConsent(wishes) => Status::NeedsConsent(wishes),
                Standing::Shadowed => Status::Shadowed,
                Standing::Conflict(other) => Status::Refused(format!(
                    "{other} has the same id, `{}`; take one of the two away",
                    found.id
                )),
            };
            next.reports.push(Report {
                title: loaded.manifest.title.clone(),
                version: loaded.manifest.version.to_string(),
                id: Some(found.id),
                source: found.source,
                file: found.file,
                sha256: found.sha256,
                status,
            });
        }
        next
    }

    /// The plugin as it was, with its record, if nothing about it changed.
    fn serve(
        &self,
        before: &Plugins,
        found: &Found,
        loaded: Arc<Loaded>,
        grant: Grant,
    ) -> Arc<Plugin> {
        match before.get(&found.id) {
            // Where its file lies may have changed: an older version goes on while the newer file is broken.
            Some(same) if same.sha256() == found.sha256 && same.grant == grant => Arc::clone(same),
            _ => {
                tracing::info!(plugin = %found.id, version = %loaded.manifest.version, source = found.source.as_str(), "plugin in place");
                Arc::new(Plugin::new(
                    loaded,
                    found.source,
                    grant,
                    found.official,
                    &self.house,
                ))
            }
        }
    }

    /// Puts what came by the inbox into the store, which replicas and backups share.
    async fn keep(
        &self,
        next: &Plugins,
        candidates: &[Candidate],
        rows: &[PluginRow],
    ) -> Result<(), StoreError> {
        for report in next
            .reports
            .iter()
            .filter(|report| report.source == Source::Inbox)
        {
            let Some(id) = report.id.as_ref().filter(|_| !is_official(&report.sha256)) else {
                continue;
            };
            let bytes = candidates
                .iter()
                .find(|one| one.sha256 == report.sha256 && !one.bytes.is_empty());
            if let Some(one) = bytes {
                self.store.put_plugin_file(&one.sha256, &one.bytes).await?;
            }
            let row = rows.iter().find(|row| row.id == *id);
            let mut new = row.cloned().unwrap_or_else(|| PluginRow {
                id: id.clone(),
                sha256: report.sha256.clone(),
                source: Source::Inbox.as_str().to_owned(),
                ..PluginRow::default()
            });
            match report.status {
                Status::Serving => {
                    new.sha256.clone_from(&report.sha256);
                    new.pending = None;
                }
                Status::NeedsConsent(_) => new.pending = Some(report.sha256.clone()),
                Status::Shadowed | Status::Refused(_) => continue,
            }
            if row != Some(&new) {
                self.store.save_plugin_row(&new).await?;
            }
        }
        Ok(())
    }
}

impl Registry {
    /// What the version with this hash asks for, if it is here.
    pub async fn asks(&self, sha256: &str) -> Option<Grant> {
        match self.state.lock().await.loaded.get(sha256) {
            Some(Ok(loaded)) => Some(loaded.manifest.asks.clone()),
            _ => None,
        }
    }
}
