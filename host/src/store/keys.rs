//! Accounts at providers, custom endpoints among them, with their sealed secrets.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, Transaction};
use zeroize::Zeroizing;

use super::models::{self, KeyModel};
use super::{Store, StoreError, new_id, settings::raise};
use crate::vault::Vault;

/// What a key is made from. `..NewKey::default()` gives what most have.
#[derive(Clone)]
pub struct NewKey {
    /// Id of the plugin.
    pub provider: String,
    /// Name of a custom endpoint, unique among them; else empty.
    pub name: String,
    /// For people.
    pub label: String,
    /// Base URL of a custom endpoint.
    pub base_url: Option<String>,
    /// Lower goes first; 100 unless the user says otherwise.
    pub priority: i64,
    /// Whether it takes part.
    pub enabled: bool,
    /// By the names of the manifest's `secrets`.
    pub secrets: BTreeMap<String, Zeroizing<String>>,
    /// By the names of the manifest's `settings`; only what the user set.
    pub settings: BTreeMap<String, String>,
    /// Now, milliseconds since 1970 UTC.
    pub created_ms: i64,
}

/// A key as it is stored, opened.
#[derive(Clone)]
pub struct ProviderKey {
    /// `key-…`.
    pub id: String,
    /// Id of the plugin.
    pub provider: String,
    /// Name of a custom endpoint; else empty.
    pub name: String,
    /// For people.
    pub label: String,
    /// Base URL of a custom endpoint.
    pub base_url: Option<String>,
    /// Lower goes first.
    pub priority: i64,
    /// Whether it takes part.
    pub enabled: bool,
    /// By name; wiped from memory when dropped.
    pub secrets: BTreeMap<String, Zeroizing<String>>,
    /// What the user set.
    pub settings: BTreeMap<String, String>,
    /// What replies taught; wins over `settings`.
    pub learned: BTreeMap<String, String>,
    /// When it was added, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// A word of [`Store::set_key_health`]'s caller; empty until the first check.
    pub health: String,
    /// For people.
    pub health_detail: String,
    /// When the health was last set.
    pub health_ms: Option<i64>,
    /// Its models, best first: those given by hand if there are any, else those the provider listed.
    pub models: Vec<KeyModel>,
    /// `models` were given by hand.
    pub models_given: bool,
    /// What of it cannot be read, and the remedy. Such a key must not be used, but is shown and can be removed.
    pub damaged: Option<String>,
}

// === impl Store ===

impl Store {
    /// Adds a key and gives its id. [`StoreError::NameTaken`] if an endpoint has that name.
    pub async fn add_key(&self, vault: &Vault, new: &NewKey) -> Result<String, StoreError> {
        let id = new_id("key");
        let mut change = self.write().await?;
        let added = sqlx::query(
            "INSERT INTO provider_keys (id, provider, name, label, base_url, priority, enabled, settings, learned, \
             created_ms, health, health_detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '{}', $9, '', '')",
        )
        .bind(&id)
        .bind(&new.provider)
        .bind(&new.name)
        .bind(&new.label)
        .bind(&new.base_url)
        .bind(new.priority)
        .bind(i64::from(new.enabled))
        .bind(to_json(&new.settings))
        .bind(new.created_ms)
        .execute(&mut *change)
        .await;
        if let Err(fault) = added {
            let taken = fault
                .as_database_error()
                .is_some_and(sqlx::error::DatabaseError::is_unique_violation);
            return Err(if taken {
                StoreError::NameTaken {
                    name: new.name.clone(),
                }
            } else {
                fault.into()
            });
        }
        for (name, secret) in &new.secrets {
            sqlx::query("INSERT INTO key_secrets (key_id, name, sealed) VALUES ($1, $2, $3)")
                .bind(&id)
                .bind(name)
                .bind(vault.seal(&place(&id, name), secret.as_bytes()))
                .execute(&mut *change)
                .await?;
        }
        commit(change).await?;
        Ok(id)
    }

    /// All keys, opened, in the order of their priority and age. One that is damaged says so in
    /// [`ProviderKey::damaged`] and does not keep the others from being read.
    pub async fn keys(&self, vault: &Vault) -> Result<Vec<ProviderKey>, StoreError> {
        // One transaction is one moment: no key without its secrets.
        let mut moment = self.reader.begin().await?;
        let rows = sqlx::query("SELECT * FROM provider_keys ORDER BY priority, created_ms, id")
            .fetch_all(&mut *moment)
            .await?;
        let secrets = sqlx::query("SELECT key_id, name, sealed FROM key_secrets")
            .fetch_all(&mut *moment)
            .await?;
        let mut lists = models::all(&mut moment).await?;
        moment.rollback().await?;

        let mut keys = Vec::with_capacity(rows.len());
        let mut at = HashMap::new();
        for row in &rows {
            let mut key = from_row(row)?;
            if let Some(list) = lists.remove(&key.id) {
                key.take_models(list);
            }
            at.insert(key.id.clone(), keys.len());
            keys.push(key);
        }
        for row in &secrets {
            let owner: &str = row.try_get("key_id")?;
            if let Some(key) = at.get(owner).and_then(|at| keys.get_mut(*at)) {
                key.take_secret(vault, row.try_get("name")?, row.try_get("sealed")?);
            }
        }
        Ok(keys)
    }

    /// Removes a key with its secrets and models; whether it was there.
    pub async fn remove_key(&self, id: &str) -> Result<bool, StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query("DELETE FROM provider_keys WHERE id = $1")
            .bind(id)
            .execute(&mut *change)
            .await?;
        commit(change).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Id of the custom endpoint of that name.
    pub async fn key_by_name(&self, name: &str) -> Result<Option<String>, StoreError> {
        if name.is_empty() {
            return Ok(None);
        }
        let row = sqlx::query("SELECT id FROM provider_keys WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.reader)
            .await?;
        Ok(row.map(|row| row.try_get("id")).transpose()?)
    }
}

impl Store {
    /// Adds to what replies taught about a key; a known name takes the new value. The revision rises only
    /// if something is new. Nothing happens if the key is gone.
    pub async fn set_learned(
        &self,
        id: &str,
        learned: &[(String, String)],
    ) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        let row = sqlx::query("SELECT learned FROM provider_keys WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *change)
            .await?;
        let Some(row) = row else { return Ok(()) };
        let before: String = row.try_get("learned")?;
        // What was learnt once can be learnt again: an unreadable value is no loss.
        let mut all: BTreeMap<String, String> = serde_json::from_str(&before).unwrap_or_default();
        all.extend(learned.iter().cloned());
        let after = to_json(&all);
        if after == before {
            return Ok(());
        }
        sqlx::query("UPDATE provider_keys SET learned = $2 WHERE id = $1")
            .bind(id)
            .bind(after)
            .execute(&mut *change)
            .await?;
        commit(change).await
    }

    /// Notes how a key fares: a word, a sentence for people (without credentials), and when, milliseconds since
    /// 1970 UTC. The revision rises only if the word or the sentence changed.
    pub async fn set_key_health(
        &self,
        id: &str,
        health: &str,
        detail: &str,
        ms: i64,
    ) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query(
            "UPDATE provider_keys SET health = $2, health_detail = $3 WHERE id = $1 AND (health <> $2 OR health_detail <> $3)",
        )
        .bind(id)
        .bind(health)
        .bind(detail)
        .execute(&mut *change)
        .await?;
        sqlx::query("UPDATE provider_keys SET health_ms = $2 WHERE id = $1")
            .bind(id)
            .bind(ms)
            .execute(&mut *change)
            .await?;
        if done.rows_affected() > 0 {
            raise(&mut change).await?;
        }
        Ok(change.commit().await?)
    }

    /// Changes what is not `None`: what the user calls it, whether it takes part, its place among others; whether it is
    /// there.
    pub async fn change_key(
        &self,
        id: &str,
        label: Option<&str>,
        enabled: Option<bool>,
        priority: Option<i64>,
    ) -> Result<bool, StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query(
            "UPDATE provider_keys SET label = COALESCE($2, label), enabled = COALESCE($3, enabled), \
             priority = COALESCE($4, priority) WHERE id = $1",
        )
            .bind(id)
            .bind(label)
            .bind(enabled.map(i64::from))
            .bind(priority)
            .execute(&mut *change)
            .await?;
        commit(change).await?;
        Ok(done.rows_affected() > 0)
    }
}

async fn commit(mut change: Transaction<'_, Sqlite>) -> Result<(), StoreError> {
    raise(&mut change).await?;
    Ok(change.commit().await?)
}

/// What a secret is sealed for. Ids hold no `/`, so that the place is unmistakable whatever the name.
fn place(key_id: &str, name: &str) -> String {
    format!("key_secrets/{key_id}/{name}")
}

fn to_json(map: &BTreeMap<String, String>) -> String {
    let members = map
        .iter()
        .map(|(name, value)| (name.clone(), serde_json::Value::from(value.as_str())));
    serde_json::Value::Object(members.collect()).to_string()
}

fn from_row(row: &SqliteRow) -> Result<ProviderKey, StoreError> {
    let mut key = ProviderKey {
        id: row.try_get("id")?,
        provider: row.try_get("provider")?,
        name: row.try_get("name")?,
        label: row.try_get("label")?,
        base_url: row.try_get("base_url")?,
        priority: row.try_get("priority")?,
        enabled: row.try_get::<i64, _>("enabled")? != 0,
        secrets: BTreeMap::new(),
        settings: BTreeMap::new(),
        learned: serde_json::from_str(row.try_get("learned")?).unwrap_or_default(),
        created_ms: row.try_get("created_ms")?,
        health: row.try_get("health")?,
        health_detail: row.try_get("health_detail")?,
        health_ms: row.try_get("health_ms")?,
        models: Vec::new(),
        models_given: false,
        damaged: None,
    };
    match serde_json::from_str(row.try_get("settings")?) {
        Ok(settings) => key.settings = settings,
        Err(_) => {
            key.damaged =
                Some("its settings are unreadable; remove the key and add it again".to_owned());
        }
    }
    Ok(key)
}

// === impl ProviderKey ===

impl ProviderKey {
    /// What clients call its provider: the endpoint's name, else the plugin's id.
    #[must_use]
    pub fn called(&self) -> &str {
        if self.name.is_empty() {
            &self.provider
        } else {
            &self.name
        }
    }

    fn take_secret(&mut self, vault: &Vault, name: &str, sealed: &[u8]) {
        let plain = vault.open(&place(&self.id, name), sealed);
        match plain.as_ref().map(|plain| std::str::from_utf8(plain)) {
            Ok(Ok(text)) => {
                self.secrets
                    .insert(name.to_owned(), Zeroizing::new(text.to_owned()));
            }
            _ => {
                self.damaged = Some(format!(
                    "its secret {name:?} does not open; remove the key and add it again"
                ));
            }
        }
    }

    fn take_models(&mut self, list: models::Lists) {
        self.models_given = !list.given.is_empty();
        self.models = if self.models_given {
            list.given
        } else {
            list.discovered
        };
    }
}

impl fmt::Debug for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderKey")
            .field("id", &self.id)
            .field("provider", &self.provider)
            .field("name", &self.name)
            .field("damaged", &self.damaged)
            .finish_non_exhaustive()
    }
}

// === impl NewKey ===

impl Default for NewKey {
    fn default() -> Self {
        NewKey {
            provider: String::new(),
            name: String::new(),
            label: String::new(),
            base_url: None,
            priority: 100,
            enabled: true,
            secrets: BTreeMap::new(),
            settings: BTreeMap::new(),
            created_ms: 0,
        }
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey")
            .field("provider", &self.provider)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
