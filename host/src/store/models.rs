//! The models of a key: listed by the provider, or given by hand.

use std::collections::HashMap;

use serde_json::Value;
use sqlx::{Row as _, SqliteConnection};

use super::{Store, StoreError, settings::raise};

/// Source of models that the provider listed.
pub const DISCOVERED: &str = "discovered";
/// Source of models that the user gave by hand. While there are any, those discovered do not count.
pub const GIVEN: &str = "given";

/// One model that a key can use.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyModel {
    /// The provider's own name of it.
    pub id: String,
    /// What is known of it, an object; `null` if nothing.
    pub facts: Value,
}

/// The models of one key, by source.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) given: Vec<KeyModel>,
    pub(super) discovered: Vec<KeyModel>,
}

// === impl Store ===

impl Store {
    /// Replaces the models of a key that came from this source, [`DISCOVERED`] or [`GIVEN`]; the other source's stay.
    /// The revision rises only if the list is another.
    pub async fn set_key_models(
        &self,
        id: &str,
        models: &[KeyModel],
        source: &str,
    ) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        let known = sqlx::query("SELECT 1 FROM provider_keys WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *change)
            .await?;
        if known.is_none() {
            return Err(StoreError::Missing {
                what: format!("key {id:?}"),
            });
        }
        if list(&mut change, id, source).await? == models {
            return Ok(());
        }
        sqlx::query("DELETE FROM key_models WHERE key_id = $1 AND source = $2")
            .bind(id)
            .bind(source)
            .execute(&mut *change)
            .await?;
        for (place, model) in (0_i64..).zip(models) {
            sqlx::query("INSERT INTO key_models (key_id, source, place, model, facts) VALUES ($1, $2, $3, $4, $5)")
                .bind(id)
                .bind(source)
                .bind(place)
                .bind(&model.id)
                .bind(model.facts.to_string())
                .execute(&mut *change)
                .await?;
        }
        raise(&mut change).await?;
        Ok(change.commit().await?)
    }

    /// The models of one key that count: those given by hand if there are any, else those discovered.
    pub async fn key_models(&self, id: &str) -> Result<Vec<KeyModel>, StoreError> {
        let mut moment = self.reader.begin().await?;
        let given = list(&mut moment, id, GIVEN).await?;
        let models = if given.is_empty() {
            list(&mut moment, id, DISCOVERED).await?
        } else {
            given
        };
        moment.rollback().await?;
        Ok(models)
    }
}

async fn list(
    connection: &mut SqliteConnection,
    id: &str,
    source: &str,
) -> Result<Vec<KeyModel>, StoreError> {
    let rows = sqlx::query(
        "SELECT model, facts FROM key_models WHERE key_id = $1 AND source = $2 ORDER BY place",
    )
    .bind(id)
    .bind(source)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(KeyModel {
                id: row.try_get("model")?,
                facts: facts(row.try_get("facts")?),
            })
        })
        .collect()
}

/// The models of all keys, by key.
pub(super) async fn all(
    connection: &mut SqliteConnection,
) -> Result<HashMap<String, Lists>, StoreError> {
    let rows = sqlx::query(
        "SELECT key_id, source, model, facts FROM key_models ORDER BY key_id, source, place",
    )
    .fetch_all(connection)
    .await?;
    let mut lists: HashMap<String, Lists> = HashMap::new();
    for row in rows {
        let model = KeyModel {
            id: row.try_get("model")?,
            facts: facts(row.try_get("facts")?),
        };
        let lists = lists.entry(row.try_get("key_id")?).or_default();
        match row.try_get::<&str, _>("source")? {
            GIVEN => lists.given.push(model),
            _ => lists.discovered.push(model),
        }
    }
    Ok(lists)
}

/// Facts only help; a model without them still works.
fn facts(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}
