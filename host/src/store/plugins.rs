//! Plugin files by their hash, and what the user decided about each plugin.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, Sqlite, Transaction};

use super::{Store, StoreError, settings::raise};
use crate::vault::hex;

/// What is kept of one plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PluginRow {
    /// The manifest's id.
    pub id: String,
    /// The file it runs from, lower-case hexadecimal.
    pub sha256: String,
    /// Name of the file in the plugins folder that held the agreed version; what replaces it there may go on with the
    /// agreement. Empty: none did yet, or what runs does so without an agreement.
    pub file: String,
    /// `inbox`, `installed` or `bundled`.
    pub source: String,
    /// What the user agreed to, JSON. `None`: nothing yet, it needs consent.
    pub grant: Option<String>,
    /// The file the agreement was given for.
    pub granted_sha256: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub granted_ms: Option<i64>,
    /// A newer file that asks for more, and waits for consent.
    pub pending: Option<String>,
    /// The user removed it; a bundled one stays away.
    pub removed: bool,
}

// === impl Store ===

impl Store {
    /// Keeps a plugin's bytes under their hash; a hash that is there already stays. Refused as
    /// [`StoreError::Damaged`] if the bytes have another hash.
    pub async fn put_plugin_file(&self, sha256: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check(sha256, bytes)?;
        let known = sqlx::query("SELECT 1 FROM plugin_files WHERE sha256 = $1")
            .bind(sha256)
            .fetch_optional(&self.reader)
            .await?;
        if known.is_some() {
            return Ok(());
        }
        let mut change = self.write().await?;
        sqlx::query("INSERT INTO plugin_files (sha256, bytes) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING")
            .bind(sha256)
            .bind(bytes)
            .execute(&mut *change)
            .await?;
        Ok(change.commit().await?)
    }

    /// The bytes of that hash, checked against it.
    pub async fn plugin_file(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT bytes FROM plugin_files WHERE sha256 = $1")
            .bind(sha256)
            .fetch_optional(&self.reader)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let bytes: Vec<u8> = row.try_get("bytes")?;
        check(sha256, &bytes)?;
        Ok(Some(bytes))
    }

    /// All plugins ever seen, by id.
    pub async fn plugin_rows(&self) -> Result<Vec<PluginRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM plugins ORDER BY id")
            .fetch_all(&self.reader)
            .await?;
        let from_row = |row: &sqlx::sqlite::SqliteRow| {
            Ok(PluginRow {
                id: row.try_get("id")?,
                sha256: row.try_get("sha256")?,
                file: row.try_get("file")?,
                source: row.try_get("source")?,
                grant: row.try_get("grant_json")?,
                granted_sha256: row.try_get("granted_sha256")?,
                granted_ms: row.try_get("granted_ms")?,
                pending: row.try_get("pending_sha256")?,
                removed: row.try_get::<i64, _>("removed")? != 0,
            })
        };
        rows.iter().map(from_row).collect()
    }

    /// Adds a plugin, or updates where it comes from and what waits. The agreement of a plugin that is there is left
    /// alone: the user may be giving it in another process at this moment; [`Store::set_grant`] changes it. So is the
    /// file's name, which goes with the agreement, if that has changed since the row was read. The revision rises
    /// only if something changed, so that a server may save what it has just read.
    pub async fn save_plugin_row(&self, row: &PluginRow) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query(
            "INSERT INTO plugins (id, sha256, source, grant_json, granted_sha256, granted_ms, pending_sha256, removed, \
             file) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET \
             sha256 = excluded.sha256, source = excluded.source, pending_sha256 = excluded.pending_sha256, \
             removed = excluded.removed, file = CASE WHEN COALESCE(plugins.granted_sha256, '') = \
             COALESCE(excluded.granted_sha256, '') THEN excluded.file ELSE plugins.file END \
             WHERE plugins.sha256 <> excluded.sha256 OR plugins.source <> excluded.source \
             OR COALESCE(plugins.pending_sha256, '') <> COALESCE(excluded.pending_sha256, '') \
             OR plugins.removed <> excluded.removed OR (plugins.file <> excluded.file AND \
             COALESCE(plugins.granted_sha256, '') = COALESCE(excluded.granted_sha256, ''))",
        )
        .bind(&row.id)
        .bind(&row.sha256)
        .bind(&row.source)
        .bind(&row.grant)
        .bind(&row.granted_sha256)
        .bind(row.granted_ms)
        .bind(&row.pending)
        .bind(i64::from(row.removed))
        .bind(&row.file)
        .execute(&mut *change)
        .await?;
        commit(change, done.rows_affected() > 0).await
    }

    /// Notes what the user agreed to (JSON), for the version with this hash, and when, milliseconds since 1970 UTC.
    /// Another version than before has no file yet that holds it. [`StoreError::Missing`] if the plugin is not known.
    pub async fn set_grant(
        &self,
        id: &str,
        sha256: &str,
        json: &str,
        ms: i64,
    ) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query(
            "UPDATE plugins SET grant_json = $3, granted_ms = $4, granted_sha256 = $2, \
             file = CASE WHEN granted_sha256 = $2 THEN file ELSE '' END WHERE id = $1",
        )
        .bind(id)
        .bind(sha256)
        .bind(json)
        .bind(ms)
        .execute(&mut *change)
        .await?;
        known(id, done.rows_affected())?;
        commit(change, true).await
    }

    /// Takes the agreement back. [`StoreError::Missing`] if the plugin is not known.
    pub async fn revoke_grant(&self, id: &str) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query(
            "UPDATE plugins SET grant_json = NULL, granted_ms = NULL, granted_sha256 = NULL, file = '' WHERE id = $1",
        )
        .bind(id)
        .execute(&mut *change)
        .await?;
        known(id, done.rows_affected())?;
        commit(change, true).await
    }
}

impl Store {
    /// Ids of the plugins that the user switched off.
    pub async fn disabled_plugins(&self) -> Result<BTreeSet<String>, StoreError> {
        let rows = sqlx::query("SELECT id FROM disabled_plugins")
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }

    /// Switches a plugin off, or on again, whether it is there or not. `ms` is now.
    pub async fn disable_plugin(&self, id: &str, off: bool, ms: i64) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        let done = if off {
            sqlx::query(
                "INSERT INTO disabled_plugins (id, since_ms) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
            )
            .bind(id)
            .bind(ms)
            .execute(&mut *change)
            .await?
        } else {
            sqlx::query("DELETE FROM disabled_plugins WHERE id = $1")
                .bind(id)
                .execute(&mut *change)
                .await?
        };
        commit(change, done.rows_affected() > 0).await
    }
}

async fn commit(mut change: Transaction<'_, Sqlite>, changed: bool) -> Result<(), StoreError> {
    if changed {
        raise(&mut change).await?;
    }
    Ok(change.commit().await?)
}

fn known(id: &str, rows: u64) -> Result<(), StoreError> {
    if rows == 0 {
        Err(StoreError::Missing {
            what: format!("plugin {id:?}"),
        })
    } else {
        Ok(())
    }
}

fn check(sha256: &str, bytes: &[u8]) -> Result<(), StoreError> {
    if hex(&Sha256::digest(bytes)) == sha256 {
        Ok(())
    } else {
        Err(StoreError::Damaged {
            what: format!("plugin_files/{sha256}/bytes (the hash is another)"),
        })
    }
}
