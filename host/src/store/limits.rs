//! What limits must survive a crash: blocks counted as spent, and who rests. When a function here has returned,
//! a `kill -9` does not undo it.

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Row as _, Sqlite};

use super::{Store, StoreError};
use crate::limits::record::{Block, Cooldown};

// === impl Store ===

impl Store {
    /// Writes blocks, all or none. A row that is there is replaced: a later figure may be a correction.
    pub async fn write_blocks(&self, blocks: &[Block]) -> Result<(), StoreError> {
        match blocks {
            [] => Ok(()),
            // A request may be waiting for this one: a statement alone is its own transaction,
            // one trip to SQLite's thread instead of three.
            [block] => {
                upsert(block).execute(&self.writer).await?;
                Ok(())
            }
            _ => {
                let mut change = self.write().await?;
                for block in blocks {
                    upsert(block).execute(&mut *change).await?;
                }
                Ok(change.commit().await?)
            }
        }
    }

    /// All blocks, by meter and time.
    pub async fn blocks(&self) -> Result<Vec<Block>, StoreError> {
        let rows = sqlx::query(
            "SELECT meter, start_ms, end_ms, spent FROM limit_blocks ORDER BY meter, start_ms",
        )
        .fetch_all(&self.reader)
        .await?;
        let from_row = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Block {
                meter: row.try_get("meter")?,
                start_ms: row.try_get("start_ms")?,
                end_ms: row.try_get("end_ms")?,
                spent: row.try_get("spent")?,
            })
        };
        rows.iter().map(from_row).collect()
    }

    /// Drops blocks whose slot no longer matters at `now_ms`; how many went.
    pub async fn prune_blocks(&self, now_ms: i64) -> Result<u64, StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query("DELETE FROM limit_blocks WHERE end_ms <= $1")
            .bind(now_ms)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(done.rows_affected())
    }

    /// Writes cooldowns, all or none; a subject's later one replaces the earlier.
    pub async fn write_cooldowns(&self, cooldowns: &[Cooldown]) -> Result<(), StoreError> {
        if cooldowns.is_empty() {
            return Ok(());
        }
        let mut change = self.write().await?;
        for cooldown in cooldowns {
            sqlx::query(
                "INSERT INTO cooldowns (subject, until_ms, kind, hard, strikes, reason) VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (subject) DO UPDATE SET until_ms = excluded.until_ms, kind = excluded.kind, \
                 hard = excluded.hard, strikes = excluded.strikes, reason = excluded.reason",
            )
            .bind(&cooldown.subject)
            .bind(cooldown.until_ms)
            .bind(&cooldown.kind)
            .bind(i64::from(cooldown.hard))
            .bind(cooldown.strikes)
            .bind(&cooldown.reason)
            .execute(&mut *change)
            .await?;
        }
        Ok(change.commit().await?)
    }

    /// All cooldowns, by subject, those that are over included: their strikes still count.
    pub async fn cooldowns(&self) -> Result<Vec<Cooldown>, StoreError> {
        let rows = sqlx::query("SELECT * FROM cooldowns ORDER BY subject")
            .fetch_all(&self.reader)
            .await?;
        let from_row = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Cooldown {
                subject: row.try_get("subject")?,
                until_ms: row.try_get("until_ms")?,
                kind: row.try_get("kind")?,
                hard: row.try_get::<i64, _>("hard")? != 0,
                strikes: row.try_get("strikes")?,
                reason: row.try_get("reason")?,
            })
        };
        rows.iter().map(from_row).collect()
    }

    /// Drops the cooldowns of these subjects.
    pub async fn remove_cooldowns(&self, subjects: &[String]) -> Result<(), StoreError> {
        if subjects.is_empty() {
            return Ok(());
        }
        let mut change = self.write().await?;
        for subject in subjects {
            sqlx::query("DELETE FROM cooldowns WHERE subject = $1")
                .bind(subject)
                .execute(&mut *change)
                .await?;
        }
        Ok(change.commit().await?)
    }
}

fn upsert(block: &Block) -> Query<'_, Sqlite, SqliteArguments> {
    sqlx::query(
        "INSERT INTO limit_blocks (meter, start_ms, end_ms, spent) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (meter, start_ms) DO UPDATE SET spent = excluded.spent, end_ms = excluded.end_ms",
    )
    .bind(&block.meter)
    .bind(block.start_ms)
    .bind(block.end_ms)
    .bind(block.spent)
}
