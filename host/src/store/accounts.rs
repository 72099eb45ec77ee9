//! The dashboard's account and its sessions. None of it raises the revision: a running server reads it where it
//! needs it.

use std::fmt;

use sqlx::{Row as _, Sqlite, Transaction};

use super::{Store, StoreError, new_id};

/// The setting that holds [`crate::vault::Vault::token_hash`] of the one-time code, in hexadecimal digits.
const CODE: &str = "account.code";

/// Who may use the dashboard.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// `account-…`.
    pub id: String,
    /// In lower case.
    pub email: String,
    /// As `account::passwords` writes it.
    pub password: String,
    /// When it was made, milliseconds since 1970 UTC.
    pub created_ms: i64,
}

/// A log-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Whose it is.
    pub account_id: String,
    /// The account's address.
    pub email: String,
    /// When it ends, milliseconds since 1970 UTC.
    pub expires_ms: i64,
}

// === impl Store ===

impl Store {
    /// The account, once it was set up.
    pub async fn account(&self) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query("SELECT * FROM accounts ORDER BY created_ms, id LIMIT 1")
            .fetch_optional(&self.reader)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Account {
            id: row.try_get("id")?,
            email: row.try_get("email")?,
            password: row.try_get("password")?,
            created_ms: row.try_get("created_ms")?,
        }))
    }

    /// Makes the account and uses the one-time code up; its id. `None` if there is one already, or the code with this
    /// hash is not the one that counts.
    pub async fn add_account(
        &self,
        email: &str,
        password: &str,
        code_hash: &str,
        ms: i64,
    ) -> Result<Option<String>, StoreError> {
        let id = new_id("account");
        let mut change = self.write().await?;
        let added = sqlx::query(
            "INSERT INTO accounts (id, email, password, created_ms) SELECT $1, $2, $3, $4 \
             WHERE NOT EXISTS (SELECT 1 FROM accounts) \
             AND EXISTS (SELECT 1 FROM settings WHERE name = $5 AND value = $6)",
        )
        .bind(&id)
        .bind(email)
        .bind(password)
        .bind(ms)
        .bind(CODE)
        .bind(code_hash)
        .execute(&mut *change)
        .await?;
        if added.rows_affected() == 0 {
            return Ok(None);
        }
        sqlx::query("DELETE FROM settings WHERE name = $1")
            .bind(CODE)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(Some(id))
    }

    /// Removes the account with its sessions; whether there was one.
    pub async fn remove_account(&self) -> Result<bool, StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query("DELETE FROM accounts")
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Sets the password, and ends all sessions of the account. [`StoreError::Missing`] if it is gone.
    pub async fn set_password(&self, account_id: &str, password: &str) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query("UPDATE accounts SET password = $2 WHERE id = $1")
            .bind(account_id)
            .bind(password)
            .execute(&mut *change)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Missing {
                what: "account".to_owned(),
            });
        }
        end_sessions(&mut change, account_id).await?;
        Ok(change.commit().await?)
    }

    /// The hash of the one-time code that makes the account, in hexadecimal digits.
    pub async fn setup_code(&self) -> Result<Option<String>, StoreError> {
        self.setting(CODE).await
    }

    /// Sets it; a former one counts no more.
    pub async fn set_setup_code(&self, code_hash: &str) -> Result<(), StoreError> {
        self.set_setting(CODE, code_hash).await
    }
}

impl Store {
    /// Begins a session, and forgets those that are over.
    pub async fn add_session(
        &self,
        hash: &[u8; 32],
        account_id: &str,
        now_ms: i64,
        expires_ms: i64,
    ) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        sqlx::query("DELETE FROM sessions WHERE expires_ms <= $1")
            .bind(now_ms)
            .execute(&mut *change)
            .await?;
        sqlx::query("INSERT INTO sessions (hash, account_id, created_ms, expires_ms) VALUES ($1, $2, $3, $4)")
            .bind(&hash[..])
            .bind(account_id)
            .bind(now_ms)
            .bind(expires_ms)
            .execute(&mut *change)
            .await?;
        Ok(change.commit().await?)
    }

    /// The session that this hash recognises, if it is not over.
    pub async fn session(
        &self,
        hash: &[u8; 32],
        now_ms: i64,
    ) -> Result<Option<SessionRow>, StoreError> {
        let row = sqlx::query(
            "SELECT account_id, email, expires_ms FROM sessions JOIN accounts ON accounts.id = account_id \
             WHERE hash = $1 AND expires_ms > $2",
        )
        .bind(&hash[..])
        .bind(now_ms)
        .fetch_optional(&self.reader)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(SessionRow {
            account_id: row.try_get("account_id")?,
            email: row.try_get("email")?,
            expires_ms: row.try_get("expires_ms")?,
        }))
    }

    /// Moves a session's end. One that is over stays so.
    pub async fn prolong_session(
        &self,
        hash: &[u8; 32],
        expires_ms: i64,
    ) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        sqlx::query("UPDATE sessions SET expires_ms = $2 WHERE hash = $1")
            .bind(&hash[..])
            .bind(expires_ms)
            .execute(&mut *change)
            .await?;
        Ok(change.commit().await?)
    }

    /// Ends one session.
    pub async fn end_session(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        sqlx::query("DELETE FROM sessions WHERE hash = $1")
            .bind(&hash[..])
            .execute(&mut *change)
            .await?;
        Ok(change.commit().await?)
    }

    /// Ends all sessions of an account.
    pub async fn end_sessions(&self, account_id: &str) -> Result<(), StoreError> {
        let mut change = self.write().await?;
        end_sessions(&mut change, account_id).await?;
        Ok(change.commit().await?)
    }
}

async fn end_sessions(
    change: &mut Transaction<'_, Sqlite>,
    account_id: &str,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sessions WHERE account_id = $1")
        .bind(account_id)
        .execute(&mut **change)
        .await?;
    Ok(())
}

// === impl Account ===

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
