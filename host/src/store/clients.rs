//! The unified keys clients come with.

use std::fmt;

use sqlx::{Row as _, Sqlite, Transaction};
use zeroize::Zeroizing;

use super::{Store, StoreError, new_id, settings::raise, wall_ms};
use crate::vault::{Vault, hex};

/// What every unified key begins with.
const PREFIX: &str = "freellmapi-";

/// What is needed to recognise a client; the token itself stays sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientKey {
    /// `client-…`.
    pub id: String,
    /// For people.
    pub label: String,
    /// [`Vault::token_hash`] of the token.
    pub hash: [u8; 32],
    /// When it was made, milliseconds since 1970 UTC.
    pub created_ms: i64,
}

// === impl Store ===

impl Store {
    /// Makes a unified key and gives its id and the token: `freellmapi-` and 48 hexadecimal digits.
    pub async fn add_client_key(
        &self,
        vault: &Vault,
        label: &str,
    ) -> Result<(String, Zeroizing<String>), StoreError> {
        let id = new_id("client");
        let token = new_token();
        let mut change = self.write().await?;
        sqlx::query("INSERT INTO client_keys (id, label, hash, sealed, created_ms) VALUES ($1, $2, $3, $4, $5)")
            .bind(&id)
            .bind(label)
            .bind(&vault.token_hash(&token)[..])
            .bind(vault.seal(&place(&id), token.as_bytes()))
            .bind(wall_ms())
            .execute(&mut *change)
            .await?;
        commit(change).await?;
        Ok((id, token))
    }

    /// All unified keys, oldest first. A row whose hash is unreadable recognises nobody and is left out.
    pub async fn client_keys(&self) -> Result<Vec<ClientKey>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, label, hash, created_ms FROM client_keys ORDER BY created_ms, id",
        )
        .fetch_all(&self.reader)
        .await?;
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows {
            let id: String = row.try_get("id")?;
            match <[u8; 32]>::try_from(row.try_get::<&[u8], _>("hash")?) {
                Ok(hash) => keys.push(ClientKey {
                    id,
                    label: row.try_get("label")?,
                    hash,
                    created_ms: row.try_get("created_ms")?,
                }),
                Err(_) => {
                    tracing::warn!(%id, "the hash of a unified key is damaged; rotate the key");
                }
            }
        }
        Ok(keys)
    }

    /// The token of one unified key, for its owner.
    pub async fn client_token(
        &self,
        vault: &Vault,
        id: &str,
    ) -> Result<Zeroizing<String>, StoreError> {
        let row = sqlx::query("SELECT sealed FROM client_keys WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.reader)
            .await?
            .ok_or_else(|| missing(id))?;
        let token = vault.open(&place(id), row.try_get("sealed")?)?;
        match std::str::from_utf8(&token) {
            Ok(token) => Ok(Zeroizing::new(token.to_owned())),
            Err(_) => Err(StoreError::Damaged { what: place(id) }),
        }
    }

    /// Gives a unified key a new token; the old one is no longer recognised.
    pub async fn rotate_client_key(
        &self,
        vault: &Vault,
        id: &str,
    ) -> Result<Zeroizing<String>, StoreError> {
        let token = new_token();
        let mut change = self.write().await?;
        let done = sqlx::query("UPDATE client_keys SET hash = $2, sealed = $3 WHERE id = $1")
            .bind(id)
            .bind(&vault.token_hash(&token)[..])
            .bind(vault.seal(&place(id), token.as_bytes()))
            .execute(&mut *change)
            .await?;
        if done.rows_affected() == 0 {
            return Err(missing(id));
        }
        commit(change).await?;
        Ok(token)
    }

    /// Removes a unified key; whether it was there.
    pub async fn remove_client_key(&self, id: &str) -> Result<bool, StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query("DELETE FROM client_keys WHERE id = $1")
            .bind(id)
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

fn place(id: &str) -> String {
    format!("client_keys/{id}/sealed")
}

fn missing(id: &str) -> StoreError {
    StoreError::Missing {
        what: format!("unified key {id:?}"),
    }
}

fn new_token() -> Zeroizing<String> {
    let mut chance = Zeroizing::new([0_u8; 24]);
    rand::fill(&mut chance[..]);
    let digits = Zeroizing::new(hex(&chance[..]));
    Zeroizing::new([PREFIX, &digits].concat())
}

// === impl ClientKey ===

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKey")
            .field("id", &self.id)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}
