//! What the user set for routing, and what came of attempts.

use sqlx::{Row as _, Sqlite, Transaction};

use super::settings::{put, raise};
use super::{Store, StoreError};
use crate::routing::routes::{Profile, Routes};
use crate::routing::strategy::Strategy;
use crate::routing::tally::Tally;

const STRATEGY: &str = "routing.strategy";
const ACTIVE: &str = "routing.profile";

// === impl Store ===

impl Store {
    /// Profiles, aliases and the usual strategy. What cannot be read is left out and logged: routing must go on.
    pub async fn routes(&self) -> Result<Routes, StoreError> {
        let mut routes = Routes::default();
        if let Some(text) = self.setting(STRATEGY).await? {
            match serde_json::from_str::<Strategy>(&text) {
                Ok(strategy) => routes.strategy = strategy,
                Err(error) => tracing::warn!(%error, "the strategy is unreadable; set it again"),
            }
        }
        let profiles = sqlx::query("SELECT name, body FROM routing_profiles ORDER BY name")
            .fetch_all(&self.reader)
            .await?;
        for row in &profiles {
            let name: String = row.try_get("name")?;
            match serde_json::from_str::<Profile>(row.try_get("body")?) {
                Ok(profile) => {
                    routes.profiles.insert(name, profile);
                }
                Err(error) => {
                    tracing::warn!(%name, %error, "a profile is unreadable; set it again");
                }
            }
        }
        routes.active = self
            .setting(ACTIVE)
            .await?
            .filter(|name| routes.profiles.contains_key(name));
        let aliases = sqlx::query("SELECT name, target FROM routing_aliases")
            .fetch_all(&self.reader)
            .await?;
        for row in &aliases {
            routes
                .aliases
                .insert(row.try_get("name")?, row.try_get("target")?);
        }
        Ok(routes)
    }

    /// Sets the usual strategy.
    pub async fn set_strategy(&self, strategy: &Strategy) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        put(&mut change, STRATEGY, &json(strategy)).await?;
        commit(change).await
    }

    /// Adds a profile, or takes the place of the one of this name.
    pub async fn set_profile(&self, profile: &Profile) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        sqlx::query(
            "INSERT INTO routing_profiles (name, body) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET \
             body = excluded.body",
        )
        .bind(profile.name.to_lowercase())
        .bind(json(profile))
        .execute(&mut *change)
        .await?;
        commit(change).await
    }

    /// Removes a profile; whether it was there. `auto` no longer stands for it.
    pub async fn remove_profile(&self, name: &str) -> Result<bool, StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query("DELETE FROM routing_profiles WHERE name = $1")
            .bind(name.to_lowercase())
            .execute(&mut *change)
            .await?;
        commit(change).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Has `auto` stand for a profile, or for all models. [`StoreError::Missing`] if there is no such profile.
    pub async fn use_profile(&self, name: Option<&str>) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        let name = name.map(str::to_lowercase);
        if let Some(name) = &name {
            let known = sqlx::query("SELECT 1 FROM routing_profiles WHERE name = $1")
                .bind(name)
                .fetch_optional(&mut *change)
                .await?;
            if known.is_none() {
                return Err(StoreError::Missing {
                    what: format!("profile {name:?}"),
                });
            }
        }
        put(&mut change, ACTIVE, name.as_deref().unwrap_or("")).await?;
        commit(change).await
    }

    /// Has one name stand for another.
    pub async fn set_alias(&self, name: &str, target: &str) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        sqlx::query(
            "INSERT INTO routing_aliases (name, target) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET \
             target = excluded.target",
        )
        .bind(name.to_lowercase())
        .bind(target)
        .execute(&mut *change)
        .await?;
        commit(change).await
    }

    /// Removes an alias; whether it was there.
    pub async fn remove_alias(&self, name: &str) -> Result<bool, StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query("DELETE FROM routing_aliases WHERE name = $1")
            .bind(name.to_lowercase())
            .execute(&mut *change)
            .await?;
        commit(change).await?;
        Ok(done.rows_affected() > 0)
    }

    /// What came of attempts, as it was last written.
    pub async fn outcomes(&self) -> Result<Vec<(String, Tally)>, StoreError> {
        let rows = sqlx::query("SELECT * FROM routing_outcomes")
            .fetch_all(&self.reader)
            .await?;
        let sums = |row: &sqlx::sqlite::SqliteRow| {
            Ok((
                row.try_get("name")?,
                Tally {
                    at_ms: row.try_get("at_ms")?,
                    good: row.try_get("good")?,
                    bad: row.try_get("bad")?,
                    timed: row.try_get("timed")?,
                    speed: row.try_get("speed")?,
                    begun: row.try_get("begun")?,
                    first_ms: row.try_get("first_ms")?,
                    tokens: row.try_get("tokens")?,
                    over_ms: row.try_get("over_ms")?,
                },
            ))
        };
        rows.iter().map(sums).collect()
    }

    /// Writes what came of attempts, and drops rows last changed before `oldest_ms`.
    pub async fn write_outcomes(
        &self,
        rows: &[(String, Tally)],
        oldest_ms: i64,
    ) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        for (name, tally) in rows {
            sqlx::query(
                "INSERT INTO routing_outcomes (name, at_ms, good, bad, timed, speed, begun, first_ms, tokens, over_ms) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (name) DO UPDATE SET \
                 at_ms = excluded.at_ms, good = excluded.good, bad = excluded.bad, timed = excluded.timed, \
                 speed = excluded.speed, begun = excluded.begun, first_ms = excluded.first_ms, \
                 tokens = excluded.tokens, over_ms = excluded.over_ms",
            )
            .bind(name)
            .bind(tally.at_ms)
            .bind(tally.good)
            .bind(tally.bad)
            .bind(tally.timed)
            .bind(tally.speed)
            .bind(tally.begun)
            .bind(tally.first_ms)
            .bind(tally.tokens)
            .bind(tally.over_ms)
            .execute(&mut *change)
            .await?;
        }
        sqlx::query("DELETE FROM routing_outcomes WHERE at_ms < $1")
            .bind(oldest_ms)
            .execute(&mut *change)
            .await?;
        Ok(change.commit().await?)
    }
}

async fn commit(mut change: Transaction<'_, Sqlite>) -> Result<(), StoreError> {
    raise(&mut change).await?;
    Ok(change.commit().await?)
}

/// Of our own types, which always have a form.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
