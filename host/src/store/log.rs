//! The queue before the request log, so that no request waits for the disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::{RequestRecord, Store};

/// Records written together: a transaction costs some 50 microseconds, shared by this many.
const BATCH: usize = 256;
/// How long the first record of a batch waits for others, and so what a `kill -9` can take of the log.
const LINGER: Duration = Duration::from_millis(200);

/// Where finished requests are noted. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RequestLog {
    queue: mpsc::Sender<Item>,
    dropped: Arc<AtomicU64>,
}

enum Item {
    Record(Box<RequestRecord>),
    /// Write what came before; then say so.
    Flush(oneshot::Sender<()>),
    /// Take no more, write what is there; then say so.
    Close(oneshot::Sender<()>),
}

/// The writing end.
struct Writer {
    store: Store,
    queue: mpsc::Receiver<Item>,
    dropped: Arc<AtomicU64>,
    batch: Vec<RequestRecord>,
    closing: Vec<oneshot::Sender<()>>,
}

// === impl RequestLog ===

impl RequestLog {
    /// Starts the writer. `capacity`: records that may wait (at least one), about 500 bytes each. The task ends, with
    /// everything written, after [`RequestLog::close`] or when the last clone is gone.
    pub fn start(store: Store, capacity: usize) -> (RequestLog, JoinHandle<()>) {
        let (sender, queue) = mpsc::channel(capacity.max(1));
        let dropped = Arc::new(AtomicU64::new(0));
        let batch = Vec::with_capacity(BATCH);
        let writer = Writer {
            store,
            queue,
            dropped: Arc::clone(&dropped),
            batch,
            closing: Vec::new(),
        };
        (
            RequestLog {
                queue: sender,
                dropped,
            },
            tokio::spawn(writer.run()),
        )
    }

    /// Notes a request. Never waits: with the queue full or closed, the record is dropped and counted.
    pub fn record(&self, record: RequestRecord) {
        if self.queue.try_send(Item::Record(Box::new(record))).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Records lost so far, to a full queue or to a failing database.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Returns when everything recorded before is written (or counted as dropped).
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.send(Item::Flush(done)).await.is_ok() {
            // An error means that the writer ended, which it does with everything written.
            let _ = written.await;
        }
    }

    /// Returns when everything recorded before is written; what comes after is dropped. For shutdown.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Item::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

// === impl Writer ===

impl Writer {
    async fn run(mut self) {
        // After `Close` the queue hands out what it still holds, then ends.
        while let Some(first) = self.queue.recv().await {
            self.take(first).await;
            let until = Instant::now() + LINGER;
            while (1..BATCH).contains(&self.batch.len()) {
                match timeout_at(until, self.queue.recv()).await {
                    Ok(Some(item)) => self.take(item).await,
                    Ok(None) | Err(_) => break,
                }
            }
            self.write().await;
        }
        for done in self.closing {
            let _ = done.send(());
        }
    }

    async fn take(&mut self, item: Item) {
        match item {
            Item::Record(record) => self.batch.push(*record),
            Item::Flush(done) => {
                self.write().await;
                let _ = done.send(());
            }
            Item::Close(done) => {
                self.queue.close();
                self.closing.push(done);
            }
        }
    }

    /// Writes the batch. What the database refuses is lost: the log must not hold up or end the server.
    async fn write(&mut self) {
        if let Err(fault) = self.store.write_requests(&self.batch).await {
            let lost = self.batch.len();
            tracing::warn!(%fault, lost, "records of the request log are lost");
            self.dropped
                .fetch_add(u64::try_from(lost).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        self.batch.clear();
    }
}
