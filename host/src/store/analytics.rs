//! Sums over the request log.

use freellmapi_types::Figures;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError};

/// Sums of the requests of `[since, ∞)` that have the same name; `$1` is `since`, `$2` the length of a step.
macro_rules! sums {
    ($name:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $name,
            " AS name, COUNT(*) AS requests, SUM(status = 200) AS succeeded, \
             COALESCE(SUM(input_tokens), 0) AS input_tokens, COALESCE(SUM(output_tokens), 0) AS output_tokens, \
             CAST(ROUND(AVG(CASE WHEN status = 200 THEN first_content_ms END)) AS INTEGER) AS first_content_ms, \
             CAST(ROUND(AVG(CASE WHEN status = 200 THEN total_ms END)) AS INTEGER) AS total_ms \
             FROM requests WHERE at_ms >= $1 AND $2 > 0 GROUP BY 1 ORDER BY ",
            $order,
            " LIMIT 200"
        )
    };
}

// === impl Store ===

impl Store {
    /// Sums by step since `since_ms`; each with its number, counted from 1970.
    pub async fn sums_by_step(
        &self,
        since_ms: i64,
        step_ms: i64,
    ) -> Result<Vec<(i64, Figures)>, StoreError> {
        let query = sqlx::query(sums!("at_ms / $2", "1"));
        let rows = query.bind(since_ms).bind(step_ms.max(1));
        let rows = rows.fetch_all(&self.reader).await?;
        let read = |row: &SqliteRow| Ok((row.try_get("name")?, figures(row)?));
        rows.iter().map(read).collect()
    }

    /// Sums by provider since `since_ms`, the busiest first.
    pub async fn sums_by_provider(
        &self,
        since_ms: i64,
    ) -> Result<Vec<(String, Figures)>, StoreError> {
        let query = sqlx::query(sums!("provider", "2 DESC, 1"));
        let rows = query.bind(since_ms).bind(1_i64);
        named(&rows.fetch_all(&self.reader).await?)
    }

    /// Sums by model, as `provider/model`, since `since_ms`, the busiest first.
    pub async fn sums_by_model(&self, since_ms: i64) -> Result<Vec<(String, Figures)>, StoreError> {
        let query = sqlx::query(sums!(
            "CASE WHEN provider = '' THEN '' ELSE provider || '/' || model END",
            "2 DESC, 1"
        ));
        let rows = query.bind(since_ms).bind(1_i64);
        named(&rows.fetch_all(&self.reader).await?)
    }

    /// The time that this share (percent) of the good answers since `since_ms` took at most, milliseconds.
    pub async fn time_percentile(
        &self,
        since_ms: i64,
        percent: i64,
    ) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query(
            "SELECT total_ms FROM requests WHERE at_ms >= $1 AND status = 200 AND total_ms IS NOT NULL \
             ORDER BY total_ms LIMIT 1 OFFSET (SELECT MAX(COUNT(total_ms) * $2 - 1, 0) / 100 FROM requests \
             WHERE at_ms >= $1 AND status = 200)",
        )
        .bind(since_ms)
        .bind(percent)
        .fetch_optional(&self.reader)
        .await?;
        Ok(row.map(|row| row.try_get("total_ms")).transpose()?)
    }
}

fn named(rows: &[SqliteRow]) -> Result<Vec<(String, Figures)>, StoreError> {
    let read = |row: &SqliteRow| Ok((row.try_get("name")?, figures(row)?));
    rows.iter().map(read).collect()
}

fn figures(row: &SqliteRow) -> Result<Figures, StoreError> {
    Ok(Figures {
        requests: row.try_get("requests")?,
        succeeded: row.try_get("succeeded")?,
        input_tokens: row.try_get("input_tokens")?,
        output_tokens: row.try_get("output_tokens")?,
        first_content_ms: row.try_get("first_content_ms")?,
        total_ms: row.try_get("total_ms")?,
    })
}
