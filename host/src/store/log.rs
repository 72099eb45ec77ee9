//! The queue before the request log, so that no request waits for the disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{RequestRecord, Store};

/// The most records that are written together: a transaction costs some 50 microseconds, shared by this many.
const BATCH: usize = 1_024;
/// How long the first record of a batch waits for others, and so what a `kill -9` can take of the log. The writer
/// sleeps meanwhile: woken for each record, it would cost every request a switch of threads.
const LINGER: Duration = Duration::from_millis(200);

/// Where finished requests are noted. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RequestLog {
    queue: mpsc::Sender<Item>,
    dropped: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
    /// Ends the writer's sleep.
    hurry: Arc<Notify>,
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
    written: Arc<AtomicU64>,
    hurry: Arc<Notify>,
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
        let written = Arc::new(AtomicU64::new(0));
        let hurry = Arc::new(Notify::new());
        let batch = Vec::with_capacity(BATCH);
        let writer = Writer {
            store,
            queue,
            dropped: Arc::clone(&dropped),
            written: Arc::clone(&written),
            hurry: Arc::clone(&hurry),
            batch,
            closing: Vec::new(),
        };
        (
            RequestLog {
                queue: sender,
                dropped,
                written,
                hurry,
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

    /// Records written so far: for whoever shows them.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Returns when everything recorded before is written (or counted as dropped).
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        // Also while the queue is full: then the writer must make room.
        self.hurry.notify_one();
        if self.queue.send(Item::Flush(done)).await.is_ok() {
            self.hurry.notify_one();
            // An error means that the writer ended, which it does with everything written.
            let _ = written.await;
        }
    }

    /// Returns when everything recorded before is written; what comes after is dropped. For shutdown.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        self.hurry.notify_one();
        if self.queue.send(Item::Close(done)).await.is_ok() {
            self.hurry.notify_one();
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
            if !self.batch.is_empty() {
                let _ = timeout(LINGER, self.hurry.notified()).await;
            }
            loop {
                match self.queue.try_recv() {
                    Ok(item) => self.take(item).await,
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
                }
                if self.batch.len() == BATCH {
                    self.write().await;
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
        match self.store.write_requests(&self.batch).await {
            Ok(written) => {
                self.written.fetch_add(written, Ordering::Relaxed);
            }
            Err(fault) => {
                let lost = self.batch.len();
                tracing::warn!(%fault, lost, "records of the request log are lost");
                self.dropped
                    .fetch_add(u64::try_from(lost).unwrap_or(u64::MAX), Ordering::Relaxed);
            }
        }
        self.batch.clear();
    }
}
