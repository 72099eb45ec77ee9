//! Which versions are there, and what becomes of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::state::State;
use super::{Plugins, Registry, Report, Status, Version};
use crate::plugins::bundled::is_official;
use crate::plugins::choice::{Consent, Found, Known, Standing, choose};
use crate::plugins::plugin::{Loaded, Plugin, Source};
use crate::store::{PluginRow, StoreError};
use crate::upstream::guard::Grant;

/// What the user granted, by id.
fn consents(rows: &[PluginRow]) -> BTreeMap<String, Consent> {
    rows.iter()
        .filter_map(|row| {
            let consent = |grant| Consent {
                grant,
                sha256: row.granted_sha256.clone().unwrap_or_default(),
                file: row.file.clone(),
            };
            match serde_json::from_str(row.grant.as_deref()?) {
                Ok(grant) => Some((row.id.clone(), consent(grant))),
                Err(error) => {
                    tracing::error!(plugin = %row.id, %error, "its grant cannot be read; grant it anew");
                    None
                }
            }
        })
        .collect()
}

/// What serves by id: now, else before the last stop.
fn serving(now: &Plugins, rows: &[PluginRow]) -> BTreeMap<String, String> {
    let mut serving: BTreeMap<String, String> = rows
        .iter()
        .map(|row| (row.id.clone(), row.sha256.clone()))
        .collect();
    serving.extend(
        now.iter()
            .map(|plugin| (plugin.manifest().id.clone(), plugin.sha256().to_owned())),
    );
    serving
}

fn found(versions: &[Version]) -> Vec<Found> {
    versions
        .iter()
        .map(|(source, file, loaded)| Found {
            source: *source,
            file: file.clone(),
            id: loaded.manifest.id.clone(),
            sha256: loaded.sha256().to_owned(),
            asks: loaded.manifest.asks.clone(),
            official: is_official(loaded.sha256()),
        })
        .collect()
}

impl Registry {
    pub(super) fn known(&self, state: &State, rows: &[PluginRow]) -> Known {
        Known {
            consents: consents(rows),
            serving: serving(&self.current(), rows),
            official: state.official.clone(),
        }
    }

    /// Versions that are in no source any more, but go on while the newer file is broken or waits for consent.
    pub(super) async fn older(
        &self,
        state: &mut State,
        versions: &[Version],
        broken: &[Report],
        known: &Known,
        rows: &[PluginRow],
    ) -> Result<Vec<Version>, StoreError> {
        let mut older: Vec<Arc<Loaded>> = Vec::new();
        for report in broken
            .iter()
            .filter(|report| report.source == Source::Inbox)
        {
            let row = rows
                .iter()
                .find(|row| row.file == report.file && row.sha256 != report.sha256);
            match (state.last.get(&report.file), row) {
                (Some(last), _) => older.push(Arc::clone(last)),
                // It broke while no server ran.
                (None, Some(row)) => older.extend(self.stored(state, row).await?),
                (None, None) => {}
            }
        }
        let standings = choose(&found(versions), known, self.trust);
        let waits = |at: &usize| matches!(standings[*at], Standing::NeedsConsent(_));
        for (_, _, loaded) in (0..versions.len()).filter(waits).map(|at| &versions[at]) {
            let id = &loaded.manifest.id;
            let row = rows
                .iter()
                .find(|row| row.id == *id && row.sha256 != loaded.sha256());
            if let Some(row) = row.filter(|row| row.grant.is_some()) {
                older.extend(self.stored(state, row).await?);
            }
        }
        // Not what is there under another name and may serve.
        older.retain(|one| {
            !(0..versions.len()).any(|at| versions[at].2.sha256() == one.sha256() && !waits(&at))
        });
        older.sort_by(|one, other| one.sha256().cmp(other.sha256()));
        older.dedup_by(|one, other| one.sha256() == other.sha256());
        Ok(older
            .into_iter()
            .map(|loaded| (Source::Installed, String::new(), loaded))
            .collect())
    }

    pub(super) fn decide(
        &self,
        versions: Vec<Version>,
        known: &Known,
        broken: Vec<Report>,
        disabled: &BTreeSet<String>,
    ) -> Plugins {
        let before = self.current();
        let found = found(&versions);
        let standings = choose(&found, known, self.trust);
        let mut next = Plugins {
            by_id: BTreeMap::new(),
            reports: broken,
            loaded: BTreeMap::new(),
        };
        for ((found, standing), (_, _, loaded)) in found.into_iter().zip(standings).zip(versions) {
            let status = match standing {
                Standing::Serves(_) if disabled.contains(&found.id) => Status::Disabled,
                Standing::Serves(grant) => {
                    let plugin = self.serve(&before, &found, loaded.clone(), grant);
                    next.by_id.insert(found.id.clone(), plugin);
                    Status::Serving
                }
                // It is in no source: the newer file is what the user is asked about.
                Standing::NeedsConsent(_) if found.source == Source::Installed => continue,
                Standing::NeedsConsent(wishes) => Status::NeedsConsent(wishes),
                Standing::Shadowed => Status::Shadowed,
                Standing::Conflict(other) => Status::Refused(format!(
                    "{other} has the same id, `{}`; take one of the two away",
                    found.id
                )),
            };
            next.loaded
                .insert(found.sha256.clone(), Arc::clone(&loaded));
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
}
