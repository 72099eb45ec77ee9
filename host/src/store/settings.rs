//! Single values: what the user set, the revision, and what the vault is unlocked with.

use sqlx::{Row as _, Sqlite, SqliteConnection, Transaction};

use super::{Store, StoreError};
use crate::vault::{Master, Vault, VaultError, from_hex, hex};

const SALT: &str = "vault.salt";
/// Any text, sealed: it opens under the right key only.
const CHECK: &str = "vault.check";
const CHECK_PLACE: &str = "settings/vault.check/value";
const CHECK_TEXT: &[u8] = b"freellmapi";

// === impl Store ===

impl Store {
    /// One setting; `None` if it was never set.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        read(&mut *self.reader.acquire().await?, name).await
    }

    /// Sets one setting. The revision stays: call [`Store::touch`] if a running server should notice.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        put(&mut change, name, value).await?;
        Ok(change.commit().await?)
    }

    /// A number that every change of keys, endpoints, models, plugins and tokens raises, whichever process
    /// made it. One indexed read: meant to be polled.
    pub async fn revision(&self) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "SELECT CAST(value AS BIGINT) AS revision FROM settings WHERE name = 'revision'",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok(row.try_get("revision")?)
    }

    /// Raises the revision.
    pub async fn touch(&self) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        raise(&mut change).await?;
        Ok(change.commit().await?)
    }

    /// Whether a master secret has been used with this database, so that a new one cannot fit.
    pub async fn sealed_before(&self) -> Result<bool, StoreError> {
        Ok(self.setting(CHECK).await?.is_some())
    }

    /// The vault of this database. The first master secret it sees becomes the one that fits, any other is
    /// [`VaultError::WrongKey`] from then on, and then nothing is written.
    pub async fn unlock(&self, master: &Master) -> Result<Vault, StoreError> {
        let mut change = self.write().await?;
        let salt = read(&mut change, SALT).await?;
        let check = read(&mut change, CHECK).await?;
        let (Some(salt), Some(check)) = (&salt, &check) else {
            if salt.is_some() != check.is_some() {
                return Err(StoreError::Damaged {
                    what: format!("settings ({SALT}, {CHECK})"),
                });
            }
            let mut salt = [0; 16];
            rand::fill(&mut salt[..]);
            let vault = derive(master, salt).await?;
            put(&mut change, SALT, &hex(&salt)).await?;
            put(
                &mut change,
                CHECK,
                &hex(&vault.seal(CHECK_PLACE, CHECK_TEXT)),
            )
            .await?;
            change.commit().await?;
            return Ok(vault);
        };
        // Deriving takes a while: nobody waits for the write lock meanwhile.
        let unreadable = |name: &str| StoreError::Damaged {
            what: format!("settings/{name}/value"),
        };
        let salt = from_hex(salt).and_then(|salt| <[u8; 16]>::try_from(&salt[..]).ok());
        let salt = salt.ok_or_else(|| unreadable(SALT))?;
        let check = from_hex(check).ok_or_else(|| unreadable(CHECK))?;
        change.rollback().await?;
        let vault = derive(master, salt).await?;
        match vault.open(CHECK_PLACE, &check) {
            Ok(text) if text[..] == *CHECK_TEXT => Ok(vault),
            _ => Err(VaultError::WrongKey.into()),
        }
    }
}

/// Off the async workers: a passphrase costs 0.1 s of CPU.
async fn derive(master: &Master, salt: [u8; 16]) -> Result<Vault, StoreError> {
    let master = master.clone();
    match tokio::task::spawn_blocking(move || Vault::derive(&master.secret, &salt)).await {
        Ok(vault) => Ok(vault?),
        Err(_) => {
            Err(VaultError::Master("deriving was interrupted; start again".to_owned()).into())
        }
    }
}

/// Raises the revision within a change, so that both are seen or neither.
pub(super) async fn raise(change: &mut Transaction<'_, Sqlite>) -> Result<(), StoreError> {
    sqlx::query("UPDATE settings SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE name = 'revision'")
        .execute(&mut **change)
        .await?;
    Ok(())
}

async fn read(connection: &mut SqliteConnection, name: &str) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT value FROM settings WHERE name = $1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.try_get("value")).transpose()?)
}

pub(super) async fn put(
    change: &mut Transaction<'_, Sqlite>,
    name: &str,
    value: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(&mut **change)
    .await?;
    Ok(())
}
