//! The request log's table. What fills it off the hot path is `log`.

use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::{Store, StoreError};

/// Rows a statement: 64 times 18 values stay far below SQLite's limit of 32766.
const ROWS_A_STATEMENT: usize = 64;

/// One request of a client, when it is over. Holds no body and no credential; what does not apply is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestRecord {
    /// Unique; a second record with the same id is not kept.
    pub id: String,
    /// When it came, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Id of the unified key.
    pub client_key: String,
    /// The model as the client named it.
    pub requested_model: String,
    /// Who served it, or was tried last.
    pub provider: String,
    /// The provider's name of the model.
    pub model: String,
    /// The provider key.
    pub key_id: String,
    /// HTTP status the client got; 499 if it left before.
    pub status: i64,
    /// The client asked for a stream.
    pub streamed: bool,
    /// Upstream attempts, the last one included.
    pub attempts: i64,
    /// The failed hops, as in `X-Fallback-Trail`.
    pub trail: String,
    /// Tokens of the prompt, if known.
    pub input_tokens: Option<i64>,
    /// Tokens of the answer, if known.
    pub output_tokens: Option<i64>,
    /// From the request's arrival to the first content released, milliseconds.
    pub first_content_ms: Option<i64>,
    /// From the request's arrival to its end, milliseconds.
    pub total_ms: Option<i64>,
    /// The failure's kind, as in the contract, or the host's own word.
    pub error_kind: Option<String>,
    /// Time spent in the plugin, microseconds.
    pub guest_us: i64,
    /// Time spent in the host itself, without waiting for the upstream, microseconds.
    pub host_us: i64,
}

/// What many requests come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestSums {
    /// All.
    pub total: i64,
    /// Those answered with 200.
    pub succeeded: i64,
    /// Tokens of their prompts.
    pub input_tokens: i64,
    /// Tokens of their answers.
    pub output_tokens: i64,
}

// === impl Store ===

impl Store {
    /// Writes records, all or none; one whose id is there already is skipped. How many were new.
    pub async fn write_requests(&self, records: &[RequestRecord]) -> Result<u64, StoreError> {
        if records.is_empty() {
            return Ok(0);
        }
        let mut new = 0;
        let mut change = self.write().await?;
        for some in records.chunks(ROWS_A_STATEMENT) {
            let mut insert: QueryBuilder<Sqlite> = QueryBuilder::new(
                "INSERT INTO requests (id, at_ms, client_key, requested_model, provider, model, key_id, status, streamed, \
                 attempts, trail, input_tokens, output_tokens, first_content_ms, total_ms, error_kind, guest_us, host_us) ",
            );
            insert.push_values(some, |mut row, record| {
                row.push_bind(&record.id)
                    .push_bind(record.at_ms)
                    .push_bind(&record.client_key)
                    .push_bind(&record.requested_model)
                    .push_bind(&record.provider)
                    .push_bind(&record.model)
                    .push_bind(&record.key_id)
                    .push_bind(record.status)
                    .push_bind(i64::from(record.streamed))
                    .push_bind(record.attempts)
                    .push_bind(&record.trail)
                    .push_bind(record.input_tokens)
                    .push_bind(record.output_tokens)
                    .push_bind(record.first_content_ms)
                    .push_bind(record.total_ms)
                    .push_bind(&record.error_kind)
                    .push_bind(record.guest_us)
                    .push_bind(record.host_us);
            });
            insert.push(" ON CONFLICT (id) DO NOTHING");
            // Kept prepared for full chunks only: each other length would be a statement of its own.
            let full = some.len() == ROWS_A_STATEMENT;
            new += insert
                .build()
                .persistent(full)
                .execute(&mut *change)
                .await?
                .rows_affected();
        }
        change.commit().await?;
        Ok(new)
    }

    /// The latest records, newest first, at most `limit`; those before the record `before`, if it is given. Ids follow
    /// time, so that they alone give the order.
    pub async fn recent_requests(
        &self,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<RequestRecord>, StoreError> {
        // Two statements: with one for both, SQLite would not use the index.
        let query = match before {
            Some(before) => {
                sqlx::query("SELECT * FROM requests WHERE id < $2 ORDER BY id DESC LIMIT $1")
                    .bind(i64::from(limit))
                    .bind(before)
            }
            None => sqlx::query("SELECT * FROM requests ORDER BY id DESC LIMIT $1")
                .bind(i64::from(limit)),
        };
        let rows = query.fetch_all(&self.reader).await?;
        let from_row = |row: &sqlx::sqlite::SqliteRow| {
            Ok(RequestRecord {
                id: row.try_get("id")?,
                at_ms: row.try_get("at_ms")?,
                client_key: row.try_get("client_key")?,
                requested_model: row.try_get("requested_model")?,
                provider: row.try_get("provider")?,
                model: row.try_get("model")?,
                key_id: row.try_get("key_id")?,
                status: row.try_get("status")?,
                streamed: row.try_get::<i64, _>("streamed")? != 0,
                attempts: row.try_get("attempts")?,
                trail: row.try_get("trail")?,
                input_tokens: row.try_get("input_tokens")?,
                output_tokens: row.try_get("output_tokens")?,
                first_content_ms: row.try_get("first_content_ms")?,
                total_ms: row.try_get("total_ms")?,
                error_kind: row.try_get("error_kind")?,
                guest_us: row.try_get("guest_us")?,
                host_us: row.try_get("host_us")?,
            })
        };
        rows.iter().map(from_row).collect()
    }

    /// Sums over the requests since `since_ms`.
    pub async fn sum_requests(&self, since_ms: i64) -> Result<RequestSums, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS total, COALESCE(SUM(CASE WHEN status = 200 THEN 1 ELSE 0 END), 0) AS succeeded, \
             COALESCE(SUM(input_tokens), 0) AS input_tokens, COALESCE(SUM(output_tokens), 0) AS output_tokens \
             FROM requests WHERE at_ms >= $1",
        )
        .bind(since_ms)
        .fetch_one(&self.reader)
        .await?;
        Ok(RequestSums {
            total: row.try_get("total")?,
            succeeded: row.try_get("succeeded")?,
            input_tokens: row.try_get("input_tokens")?,
            output_tokens: row.try_get("output_tokens")?,
        })
    }

    /// How many requests are in the log.
    pub async fn count_requests(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS requests FROM requests")
            .fetch_one(&self.reader)
            .await?;
        Ok(row.try_get("requests")?)
    }

    /// Drops the records of before `before_ms`; how many went.
    pub async fn prune_requests(&self, before_ms: i64) -> Result<u64, StoreError> {
        let mut change = self.write().await?;
        let done = sqlx::query("DELETE FROM requests WHERE at_ms < $1")
            .bind(before_ms)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(done.rows_affected())
    }
}
