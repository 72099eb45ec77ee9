//! Answers of the Responses API that clients may come back to. Each is sealed, and seen by its own client key only.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use sqlx::{Row as _, Sqlite, Transaction};

use super::{Store, StoreError};
use crate::vault::Vault;

/// One answer and what it was asked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptResponse {
    /// `resp_…`.
    pub id: String,
    /// Id of the unified key that asked.
    pub client_key: String,
    /// The answer it goes on from.
    pub previous: Option<String>,
    /// When it was asked, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// JSON.
    pub body: Bytes,
}

// === impl Store ===

impl Store {
    /// Keeps answers. Where a client key then has more than `most` bytes, its oldest go. Answers of a client key that is
    /// gone are not kept.
    pub async fn keep_responses(
        &self,
        vault: &Vault,
        rows: &[Arc<KeptResponse>],
        most: u64,
    ) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        for row in rows {
            let sealed = vault.seal(&place(&row.id), &row.body);
            sqlx::query(
                "INSERT INTO responses (id, client_key, previous, created_ms, bytes, sealed) \
                 SELECT $1, id, $3, $4, $5, $6 FROM client_keys WHERE id = $2 ON CONFLICT (id) DO NOTHING",
            )
            .bind(&row.id)
            .bind(&row.client_key)
            .bind(&row.previous)
            .bind(row.created_ms)
            .bind(i64::try_from(sealed.len()).unwrap_or(i64::MAX))
            .bind(sealed)
            .execute(&mut *change)
            .await?;
        }
        let clients: BTreeSet<&str> = rows.iter().map(|row| row.client_key.as_str()).collect();
        for client in clients {
            make_room(&mut change, client, most).await?;
        }
        Ok(change.commit().await?)
    }

    /// One answer of this client key, unless it was asked before `since_ms`.
    pub async fn response(
        &self,
        vault: &Vault,
        client_key: &str,
        id: &str,
        since_ms: i64,
    ) -> Result<Option<KeptResponse>, StoreError> {
        let row = sqlx::query(
            "SELECT previous, created_ms, sealed FROM responses WHERE id = $1 AND client_key = $2 AND created_ms >= $3",
        )
        .bind(id)
        .bind(client_key)
        .bind(since_ms)
        .fetch_optional(&self.reader)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let body = vault.open(&place(id), row.try_get("sealed")?)?;
        Ok(Some(KeptResponse {
            id: id.to_owned(),
            client_key: client_key.to_owned(),
            previous: row.try_get("previous")?,
            created_ms: row.try_get("created_ms")?,
            body: Bytes::copy_from_slice(&body),
        }))
    }

    /// Removes one answer of this client key; whether it was there.
    pub async fn remove_response(&self, client_key: &str, id: &str) -> Result<bool, StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query("DELETE FROM responses WHERE id = $1 AND client_key = $2")
            .bind(id)
            .bind(client_key)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Drops answers to what was asked before `before_ms`; how many went.
    pub async fn prune_responses(&self, before_ms: i64) -> Result<u64, StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query("DELETE FROM responses WHERE created_ms < $1")
            .bind(before_ms)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(done.rows_affected())
    }
}

/// Drops the client's oldest until the others fit.
async fn make_room(
    change: &mut Transaction<'_, Sqlite>,
    client_key: &str,
    most: u64,
) -> Result<(), StoreError> {
    let sum = sqlx::query("SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes FROM responses WHERE client_key = $1")
        .bind(client_key)
        .fetch_one(&mut **change)
        .await?;
    let mut over = sum.try_get::<i64, _>("bytes")? - i64::try_from(most).unwrap_or(i64::MAX);
    while over > 0 {
        let oldest = sqlx::query(
            "SELECT id, bytes FROM responses WHERE client_key = $1 ORDER BY created_ms, id LIMIT 1",
        )
        .bind(client_key)
        .fetch_optional(&mut **change)
        .await?;
        let Some(oldest) = oldest else {
            break;
        };
        sqlx::query("DELETE FROM responses WHERE id = $1")
            .bind(oldest.try_get::<&str, _>("id")?)
            .execute(&mut **change)
            .await?;
        over -= oldest.try_get::<i64, _>("bytes")?;
    }
    Ok(())
}

fn place(id: &str) -> String {
    format!("responses/{id}/sealed")
}
