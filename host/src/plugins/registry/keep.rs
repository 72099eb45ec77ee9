//! What came by the inbox, into the store.

use super::state::State;
use super::{Plugins, Registry, Report, Status};
use crate::plugins::bundled::is_official;
use crate::plugins::choice::Known;
use crate::plugins::plugin::Source;
use crate::store::{PluginRow, StoreError};

impl Registry {
    /// Puts what came by the inbox into the store, which replicas and backups share. What cannot be written now is
    /// written at a later look; the first error is returned.
    pub(super) async fn keep(
        &self,
        state: &mut State,
        next: &Plugins,
        known: &Known,
        rows: &[PluginRow],
    ) -> Result<(), StoreError> {
        let mut kept = Ok(());
        for report in next
            .reports
            .iter()
            .filter(|report| report.source == Source::Inbox && !is_official(&report.sha256))
        {
            let Some(id) = &report.id else {
                continue;
            };
            let row = rows.iter().find(|row| row.id == *id);
            let new = new_row(id, report, row, known.official.contains(id));
            let done = self.keep_one(state, report, row, new).await;
            kept = kept.and(done);
        }
        for row in rows.iter().filter(|row| taken(row, &next.reports)) {
            let new = PluginRow {
                file: String::new(),
                ..row.clone()
            };
            kept = kept.and(self.store.save_plugin_row(&new).await);
        }
        kept
    }

    async fn keep_one(
        &self,
        state: &mut State,
        report: &Report,
        row: Option<&PluginRow>,
        new: Option<PluginRow>,
    ) -> Result<(), StoreError> {
        // The bytes first: a row must not name what is not there.
        if let Some(bytes) = state.unsaved.get(&report.sha256) {
            self.store.put_plugin_file(&report.sha256, bytes).await?;
            state.unsaved.remove(&report.sha256);
        }
        match new {
            Some(new) if row != Some(&new) => self.store.save_plugin_row(&new).await,
            _ => Ok(()),
        }
    }
}

/// The plugin's row as it is to be now; `None` if this version changes nothing about it. `official`: its id is that of
/// a bundled plugin.
fn new_row(
    id: &str,
    report: &Report,
    row: Option<&PluginRow>,
    official: bool,
) -> Option<PluginRow> {
    let mut new = row.cloned().unwrap_or_else(|| PluginRow {
        id: id.to_owned(),
        sha256: report.sha256.clone(),
        source: Source::Inbox.as_str().to_owned(),
        ..PluginRow::default()
    });
    match report.status {
        Status::Serving => {
            new.sha256.clone_from(&report.sha256);
            new.pending = None;
            if new.granted_sha256.as_deref() == Some(&report.sha256) {
                new.file.clone_from(&report.file);
            } else if official || new.file != report.file {
                // It serves by trust in the folder alone, and leaves the agreement to nobody.
                new.file = String::new();
            }
        }
        Status::NeedsConsent(_) => new.pending = Some(report.sha256.clone()),
        Status::Shadowed | Status::Disabled | Status::Refused(_) => return None,
    }
    Some(new)
}

/// Whether another plugin serves from the file that held this one's agreed version.
fn taken(row: &PluginRow, reports: &[Report]) -> bool {
    reports.iter().any(|report| {
        report.status == Status::Serving
            && report.source == Source::Inbox
            && report.file == row.file
            && report.id.as_deref() != Some(&row.id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(file: &str, sha256: &str, status: Status) -> Report {
        Report {
            id: Some("one".into()),
            title: String::new(),
            version: String::new(),
            source: Source::Inbox,
            file: file.into(),
            sha256: sha256.into(),
            status,
        }
    }

    /// `g` was granted and was last in b.wasm.
    fn row() -> PluginRow {
        PluginRow {
            id: "one".into(),
            sha256: "g".into(),
            file: "b.wasm".into(),
            source: "inbox".into(),
            grant: Some("{}".into()),
            granted_sha256: Some("g".into()),
            granted_ms: Some(1),
            pending: Some("p".into()),
            removed: false,
        }
    }

    #[test]
    fn the_name_follows_the_granted_version_and_what_takes_its_place() {
        let table = [
            ("moved", "c.wasm", "g", false, "c.wasm"),
            ("replaced", "b.wasm", "n", false, "b.wasm"),
            ("by trust alone", "c.wasm", "n", false, ""),
            ("an official id", "b.wasm", "n", true, ""),
            ("an official id, granted", "c.wasm", "g", true, "c.wasm"),
        ];
        for (what, file, sha256, official, wanted) in table {
            let report = report(file, sha256, Status::Serving);
            let new = new_row("one", &report, Some(&row()), official).expect("a row");
            let wanted = PluginRow {
                sha256: sha256.into(),
                file: wanted.into(),
                pending: None,
                ..row()
            };
            assert_eq!(new, wanted, "{what}");
        }
    }

    #[test]
    fn what_waits_changes_nothing_but_that() {
        let waits = report("b.wasm", "w", Status::NeedsConsent(Vec::new()));
        let new = new_row("one", &waits, Some(&row()), false);
        let wanted = PluginRow {
            pending: Some("w".into()),
            ..row()
        };
        assert_eq!(new, Some(wanted));
        let other = report("a.wasm", "a", Status::Refused("the same id".into()));
        assert_eq!(new_row("one", &other, Some(&row()), false), None);
        let new = new_row("one", &waits, None, false).expect("a row");
        assert_eq!((new.file.as_str(), new.sha256.as_str()), ("", "w"));
    }

    #[test]
    fn another_plugin_that_serves_from_the_file_takes_the_name() {
        let other = |status| Report {
            id: Some("two".into()),
            ..report("b.wasm", "t", status)
        };
        assert!(taken(&row(), &[other(Status::Serving)]));
        assert!(!taken(&row(), &[other(Status::NeedsConsent(Vec::new()))]));
        assert!(!taken(&row(), &[report("b.wasm", "n", Status::Serving)]));
        let elsewhere = Report {
            file: "c.wasm".into(),
            ..other(Status::Serving)
        };
        assert!(!taken(&row(), &[elsewhere]));
    }
}
