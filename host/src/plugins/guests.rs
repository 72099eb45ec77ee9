//! Who may run guest code now, and on which thread.
//!
//! A bundled plugin with a small body runs inline: a hop to another thread would cost as much as the call.
//! Everything else runs on a bounded pool, shared fairly by plugin, and never on the threads that serve
//! connections: a guest that spins until its deadline holds up nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The largest input, bytes, with which a bundled plugin runs inline: some tens of microseconds.
pub const INLINE_BYTES: usize = 64 << 10;

/// Calls that may wait for a place in the pool or for an instance. Beyond it a call fails at once, as the
/// server is then behind by seconds.
const MAX_WAITING: usize = 4_096;

/// All places of guests.
pub struct Guests {
    /// One permit a live instance.
    instances: Arc<Semaphore>,
    /// One permit a thread that runs guest code off the async workers.
    threads: Arc<Semaphore>,
    waiting: AtomicUsize,
    calls: AtomicU64,
    cpu_us: AtomicU64,
}

/// What guests have cost since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Calls into guests.
    pub calls: u64,
    /// CPU time within them, microseconds.
    pub cpu_us: u64,
}

/// No place came free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

impl Guests {
    /// For so many instances at once.
    #[must_use]
    pub fn new(instances: u32) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            instances: Arc::new(Semaphore::new(instances as usize)),
            threads: Arc::new(Semaphore::new(threads.max(2))),
            waiting: AtomicUsize::new(0),
            calls: AtomicU64::new(0),
            cpu_us: AtomicU64::new(0),
        }
    }

    /// Places for one plugin: all but one of the pool's, so that a plugin that hangs leaves room for the rest.
    #[must_use]
    pub fn share(&self) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(
            self.threads.available_permits().saturating_sub(1).max(1),
        ))
    }

    /// A place for an instance. Waits while all are taken.
    ///
    /// # Errors
    /// [`Busy`] when too many wait already.
    pub async fn instance(&self) -> Result<OwnedSemaphorePermit, Busy> {
        if let Ok(permit) = Arc::clone(&self.instances).try_acquire_owned() {
            return Ok(permit);
        }
        self.wait(&self.instances).await
    }

    /// Runs guest code on the pool, at most as many at once as `share` has places.
    ///
    /// # Errors
    /// [`Busy`] when too many wait already, or the server is going down.
    pub async fn on_pool<T: Send + 'static>(
        &self,
        share: &Arc<Semaphore>,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let fair = self.wait(share).await?;
        let thread = self.wait(&self.threads).await?;
        let done = tokio::task::spawn_blocking(move || {
            let done = job();
            // Given back here and not by the waiting side, which may have left.
            drop((fair, thread));
            done
        });
        done.await.map_err(|_| Busy)
    }

    /// Adds to the totals.
    pub fn count(&self, calls: u64, cpu_us: u64) {
        self.calls.fetch_add(calls, Ordering::Relaxed);
        self.cpu_us.fetch_add(cpu_us, Ordering::Relaxed);
    }

    /// What guests have cost since the start.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals {
            calls: self.calls.load(Ordering::Relaxed),
            cpu_us: self.cpu_us.load(Ordering::Relaxed),
        }
    }

    async fn wait(&self, semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Busy> {
        let _queued = Queued::enter(&self.waiting)?;
        Arc::clone(semaphore)
            .acquire_owned()
            .await
            .map_err(|_| Busy)
    }
}

/// A place in the queue, left on drop, so also when the client goes away while waiting.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn enter(waiting: &'a AtomicUsize) -> Result<Self, Busy> {
        let queued = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= MAX_WAITING {
            return Err(Busy);
        }
        Ok(queued)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
