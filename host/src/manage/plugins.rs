//! Consent to plugins, their switches, and uploads.

use std::path::Path;

use bytes::Bytes;

use super::Refused;
use crate::plugins::plugin::Source;
use crate::plugins::registry::{Plugins, Registry, Report, Status};
use crate::store::{PluginRow, Store};
use crate::upstream::guard::Grant;

/// The version of this plugin that waits for the user.
#[must_use]
pub fn waiting<'a>(plugins: &'a Plugins, id: &str) -> Option<&'a Report> {
    plugins.reports.iter().find(|report| {
        report.id.as_deref() == Some(id) && matches!(report.status, Status::NeedsConsent(_))
    })
}

/// What a version asks for.
///
/// # Errors
/// [`Refused::Changed`] if it is gone by now.
pub fn wishes(plugins: &Plugins, report: &Report) -> Result<Grant, Refused> {
    let manifest = plugins.manifest(&report.sha256);
    manifest.map(|it| it.asks.clone()).ok_or_else(|| {
        Refused::Changed(format!(
            "`{}` has changed meanwhile; look at it again",
            report.id.as_deref().unwrap_or("?")
        ))
    })
}

/// Grants to the version of this hash, which the user was shown, all that it asks for.
///
/// # Errors
/// [`Refused::Changed`] if another one waits by now, or none; [`Refused::Missing`].
pub async fn grant(
    registry: &Registry,
    store: &Store,
    id: &str,
    sha256: &str,
    now_ms: i64,
) -> Result<(), Refused> {
    let plugins = registry.current();
    let Some(report) = waiting(&plugins, id) else {
        return Err(match plugins.get(id) {
            Some(_) => Refused::Changed(format!("`{id}` serves already and asks for nothing more")),
            None => Refused::Missing(format!("plugin `{id}` that waits for consent")),
        });
    };
    if report.sha256 != sha256 {
        return Err(Refused::Changed(format!(
            "another version of `{id}` waits by now; look at what it asks for"
        )));
    }
    let asks = wishes(&plugins, report)?;
    let json = serde_json::to_string(&asks).map_err(|error| Refused::Failed(error.to_string()))?;
    store.set_grant(id, sha256, &json, now_ms).await?;
    tracing::info!(target: "freellmapi::audit", plugin = id, sha256, grant = %json, "granted");
    Ok(())
}

/// Takes the user's agreement back: the plugin waits again.
///
/// # Errors
/// [`Refused::Changed`] if nothing was agreed to.
pub async fn revoke(registry: &Registry, store: &Store, id: &str) -> Result<(), Refused> {
    there(&registry.current(), id)?;
    let rows = store.plugin_rows().await?;
    if !rows.iter().any(|row| row.id == id && row.grant.is_some()) {
        return Err(Refused::Changed(format!(
            "nothing was granted to `{id}` by hand; switch it off instead"
        )));
    }
    store.revoke_grant(id).await?;
    tracing::info!(target: "freellmapi::audit", plugin = id, "the grant was taken back");
    Ok(())
}

/// Switches a plugin off, or on again.
///
/// # Errors
/// [`Refused::Missing`].
pub async fn switch(
    registry: &Registry,
    store: &Store,
    id: &str,
    on: bool,
    now_ms: i64,
) -> Result<(), Refused> {
    there(&registry.current(), id)?;
    store.disable_plugin(id, !on, now_ms).await?;
    tracing::info!(target: "freellmapi::audit", plugin = id, on, "switched");
    Ok(())
}

/// Takes a plugin away: deletes its files in the plugins folder, whose names are returned, and notes of the official one
/// that it is not wanted. What was granted goes with it.
///
/// # Errors
/// [`Refused::Missing`]. [`Refused::Unable`]: a file cannot be deleted.
pub async fn remove(registry: &Registry, store: &Store, id: &str) -> Result<Vec<String>, Refused> {
    let plugins = registry.current();
    there(&plugins, id)?;
    let of_id = |source: Source| {
        let of_id =
            move |report: &&Report| report.source == source && report.id.as_deref() == Some(id);
        plugins.reports.iter().filter(of_id)
    };
    let files: Vec<String> = of_id(Source::Inbox)
        .map(|report| report.file.clone())
        .collect();
    for file in &files {
        let path = registry.inbox().join(file);
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Refused::Unable(format!(
                    "{file} in the plugins folder cannot be deleted ({error}); delete it yourself"
                )));
            }
        }
    }
    let rows = store.plugin_rows().await?;
    let row = rows.into_iter().find(|row| row.id == id);
    if row.as_ref().is_some_and(|row| row.grant.is_some()) {
        store.revoke_grant(id).await?;
    }
    if let Some(bundled) = of_id(Source::Bundled).next() {
        let row = row.unwrap_or_else(|| PluginRow {
            id: id.to_owned(),
            sha256: bundled.sha256.clone(),
            source: Source::Bundled.as_str().to_owned(),
            ..PluginRow::default()
        });
        let removed = PluginRow {
            removed: true,
            ..row
        };
        store.save_plugin_row(&removed).await?;
    }
    tracing::info!(target: "freellmapi::audit", plugin = id, ?files, "removed");
    registry.reload().await?;
    Ok(files)
}

/// Brings an official plugin back that was removed.
///
/// # Errors
/// [`Refused::Missing`].
pub async fn restore(registry: &Registry, store: &Store, id: &str) -> Result<(), Refused> {
    let rows = store.plugin_rows().await?;
    let row = rows.into_iter().find(|row| row.id == id && row.removed);
    let row = row.ok_or_else(|| Refused::Missing(format!("removed plugin `{id}`")))?;
    let back = PluginRow {
        removed: false,
        ..row
    };
    store.save_plugin_row(&back).await?;
    tracing::info!(target: "freellmapi::audit", plugin = id, "brought back");
    registry.reload().await?;
    Ok(())
}

/// Puts a component into the plugins folder if it loads, in the place of an earlier version of the same plugin; its
/// hash. As a file that was dropped in it then waits for consent, unless it may go on with its forerunner's.
///
/// # Errors
/// [`Refused::Field`], `file`: it does not load. [`Refused::Unable`]: the folder cannot be written.
pub async fn upload(registry: &Registry, bytes: Bytes) -> Result<String, Refused> {
    let loaded = registry
        .examine(bytes.clone())
        .await
        .map_err(|error| Refused::field("file", error.to_string()))?;
    let (id, sha256) = (loaded.manifest.id.clone(), loaded.sha256().to_owned());
    let plugins = registry.current();
    let file = file_name(&plugins, &id, &sha256);
    let folder = registry.inbox().to_owned();
    let written = tokio::task::spawn_blocking(move || write(&folder, &file, &bytes));
    match written.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            return Err(Refused::Unable(format!(
                "the plugins folder cannot be written ({error}); let the server write there, or copy the file there \
                 yourself"
            )));
        }
        Err(error) => return Err(Refused::Failed(error.to_string())),
    }
    tracing::info!(target: "freellmapi::audit", plugin = %id, %sha256, "a plugin was uploaded");
    registry.reload().await?;
    Ok(sha256)
}

/// The place of the version that is there, else a file that no other plugin has. An id is `a-z`, `0-9` and `-` only.
fn file_name(plugins: &Plugins, id: &str, sha256: &str) -> String {
    let mut inbox = plugins
        .reports
        .iter()
        .filter(|report| report.source == Source::Inbox);
    let own = inbox.clone().find(|report| {
        report.id.as_deref() == Some(id) && !matches!(report.status, Status::Refused(_))
    });
    if let Some(report) = own {
        return report.file.clone();
    }
    let plain = format!("{id}.wasm");
    if inbox.any(|report| report.file == plain) {
        format!("{id}-{}.wasm", sha256.get(..12).unwrap_or(sha256))
    } else {
        plain
    }
}

/// Whole at once, as the watcher wants it.
fn write(folder: &Path, file: &str, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let half = folder.join(format!(".{file}.{}.part", std::process::id()));
    let done =
        std::fs::write(&half, bytes).and_then(|()| std::fs::rename(&half, folder.join(file)));
    if done.is_err() {
        let _ = std::fs::remove_file(&half);
    }
    done
}

fn there(plugins: &Plugins, id: &str) -> Result<(), Refused> {
    let known = plugins
        .reports
        .iter()
        .any(|report| report.id.as_deref() == Some(id));
    if known {
        Ok(())
    } else {
        Err(Refused::Missing(format!("plugin `{id}`")))
    }
}
