//! Who may run guest code now, and on which thread.
//!
//! An official plugin with a small body runs inline: a hop to another thread would cost as much as the call.
//! Everything else runs on a bounded pool, shared fairly by plugin, and never on the threads that serve
//! connections: a guest that spins until its deadline holds up nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The largest input, bytes, with which a bundled plugin runs inline: some tens of microseconds.
pub const INLINE_BYTES: usize = 64 << 10;

/// Calls of one plugin that may wait for their turn. Beyond it a call fails at once: at two threads and a
/// millisecond a call, the last in the queue has waited for half a second. Of one plugin and not of all, so that a
/// slow one fills its own queue only.
const MAX_WAITING: usize = 512;

/// All places of guests.
///
/// Whoever waits holds only what comes earlier in this order: a turn of the plugin, a place for the instance, the
/// plugin's share of the threads, a thread. Running streams keep their place and ask for threads only, and a thread
/// is held by running code only, so nobody waits in a circle; and a plugin's queue holds as many places as it has
/// turns, however long it is.
pub struct Guests {
    /// One permit a place (see `engine::places`).
    instances: Arc<Semaphore>,
    /// What there is of them.
    places: u32,
    /// One permit a thread that runs guest code off the async workers.
    threads: Arc<Semaphore>,
    /// What there is of them.
    thread_count: usize,
    /// One permit a component that is being compiled.
    compiling: Arc<Semaphore>,
    calls: AtomicU64,
    cpu_us: AtomicU64,
}

/// One plugin's part of the pool.
pub struct Share {
    /// Calls in fresh instances that are under way: they hold a place or wait for one.
    turns: Arc<Semaphore>,
    /// Threads that run its code.
    running: Arc<Semaphore>,
    /// Calls in its queue.
    waiting: AtomicUsize,
}

/// Room for one instance. It must be dropped after the instance and go wherever that goes.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

/// A thread of the pool, and what had to be waited for on the way to it.
#[derive(Debug)]
pub struct Seat {
    _turn: Option<OwnedSemaphorePermit>,
    _running: OwnedSemaphorePermit,
    _thread: OwnedSemaphorePermit,
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
    /// For so many places, and a thread a processor.
    #[must_use]
    pub fn new(places: u32) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Self::with(places, processors)
    }

    fn with(places: u32, processors: usize) -> Self {
        // One alone could be held up by one plugin.
        let thread_count = processors.max(2);
        Self {
            instances: Arc::new(Semaphore::new(places as usize)),
            places,
            threads: Arc::new(Semaphore::new(thread_count)),
            thread_count,
            compiling: Arc::new(Semaphore::new(processors.max(1))),
            calls: AtomicU64::new(0),
            cpu_us: AtomicU64::new(0),
        }
    }

    /// The part of one plugin: all but one of the pool's threads, so that a plugin that hangs leaves room for the
    /// rest.
    #[must_use]
    pub fn share(&self) -> Share {
        let most = self.thread_count.saturating_sub(1).max(1);
        Share {
            turns: Arc::new(Semaphore::new(most)),
            running: Arc::new(Semaphore::new(most)),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Room for an instance that needs `size` places and runs on the caller's thread. Waits while there is none.
    ///
    /// # Errors
    /// [`Busy`] when too many calls of the plugin wait already.
    pub async fn place(&self, share: &Share, size: u32) -> Result<Place, Busy> {
        share
            .queue(&self.instances, self.cut(size))
            .await
            .map(Place)
    }

    /// Room for an instance that needs `size` places, and a thread to run it.
    ///
    /// # Errors
    /// [`Busy`] when too many calls of the plugin wait already.
    pub async fn admit(&self, share: &Share, size: u32) -> Result<(Place, Seat), Busy> {
        let turn = share.queue(&share.turns, 1).await?;
        // Who has a turn is in no queue any more.
        let place = Place(acquire(&self.instances, self.cut(size)).await?);
        let seat = self.seat(share).await?;
        let seat = Seat {
            _turn: Some(turn),
            ..seat
        };
        Ok((place, seat))
    }

    /// One that needs more than there is would wait for ever.
    fn cut(&self, size: u32) -> u32 {
        size.min(self.places)
    }

    /// A thread for an instance that is there already. No queue is too long: there are no more such than places.
    ///
    /// # Errors
    /// [`Busy`] when the server is going down.
    pub async fn seat(&self, share: &Share) -> Result<Seat, Busy> {
        Ok(Seat {
            _turn: None,
            _running: acquire(&share.running, 1).await?,
            _thread: acquire(&self.threads, 1).await?,
        })
    }

    /// Runs guest code on the pool.
    ///
    /// # Errors
    /// [`Busy`] when the server is going down.
    pub async fn on_pool<T: Send + 'static>(
        &self,
        seat: Seat,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let done = tokio::task::spawn_blocking(move || {
            let done = job();
            // Given back here and not by the waiting side, which may have left.
            drop(seat);
            done
        });
        done.await.map_err(|_| Busy)
    }

    /// Leave to compile a component; as many at once as there are processors. Memory is the reason: a
    /// component takes many times its size while it is compiled.
    pub async fn compile_slot(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.compiling)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed")
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
}

impl Share {
    /// Waits in the plugin's queue, unless there is no need to.
    async fn queue(
        &self,
        semaphore: &Arc<Semaphore>,
        permits: u32,
    ) -> Result<OwnedSemaphorePermit, Busy> {
        if let Ok(permit) = Arc::clone(semaphore).try_acquire_many_owned(permits) {
            return Ok(permit);
        }
        let _queued = Queued::enter(&self.waiting)?;
        acquire(semaphore, permits).await
    }
}

async fn acquire(semaphore: &Arc<Semaphore>, permits: u32) -> Result<OwnedSemaphorePermit, Busy> {
    Arc::clone(semaphore)
        .acquire_many_owned(permits)
        .await
        .map_err(|_| Busy)
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// What is ready at once.
    fn now<T>(waiting: impl Future<Output = T>) -> Option<T> {
        waiting.now_or_never()
    }

    #[test]
    fn the_queue_of_a_slow_plugin_leaves_places_and_threads_to_others() {
        let guests = Guests::with(4, 2);
        let (slow, other) = (guests.share(), guests.share());
        let running = now(guests.admit(&slow, 1)).unwrap().unwrap();
        // Far more of it wait than there are places.
        let mut queue: Vec<_> = (0..100).map(|_| Box::pin(guests.admit(&slow, 1))).collect();
        for call in &mut queue {
            assert!(now(call.as_mut()).is_none(), "it waits for its turn");
        }
        assert_eq!(guests.instances.available_permits(), 3);
        let call = now(guests.admit(&other, 1)).expect("a thread and a place are free");
        drop(call);
        assert!(now(guests.place(&other, 3)).is_some(), "inline too");
        drop(running);
        assert!(matches!(now(queue[0].as_mut()), Some(Ok(_))), "the next");
    }

    #[test]
    fn a_full_house_holds_up_no_running_stream() {
        let guests = Guests::with(1, 2);
        let (streaming, other) = (guests.share(), guests.share());
        let place = now(guests.place(&streaming, 1)).unwrap().unwrap();
        let mut own = Box::pin(guests.admit(&streaming, 1));
        let mut others = Box::pin(guests.admit(&other, 1));
        assert!(now(own.as_mut()).is_none());
        assert!(now(others.as_mut()).is_none());
        // Those two wait for the stream's place; the stream needs a thread to come to its end.
        assert!(matches!(now(guests.seat(&streaming)), Some(Ok(_))));
        drop(place);
        assert!(matches!(now(own.as_mut()), Some(Ok(_))));
    }

    #[test]
    fn a_plugins_queue_is_bounded_and_its_leavers_make_room() {
        let guests = Guests::with(4, 2);
        let (slow, other) = (guests.share(), guests.share());
        let running = now(guests.admit(&slow, 1)).unwrap().unwrap();
        let mut queue: Vec<_> = (0..MAX_WAITING)
            .map(|_| Box::pin(guests.admit(&slow, 1)))
            .collect();
        for call in &mut queue {
            assert!(now(call.as_mut()).is_none());
        }
        assert_eq!(now(guests.admit(&slow, 1)).unwrap().unwrap_err(), Busy);
        assert!(matches!(now(guests.admit(&other, 1)), Some(Ok(_))));
        drop(queue.pop());
        assert!(now(guests.admit(&slow, 1)).is_none(), "it waits again");
        drop(running);
        assert!(matches!(now(queue[0].as_mut()), Some(Ok(_))));
    }

    #[test]
    fn a_share_does_not_depend_on_who_runs_when_it_is_made() {
        let guests = Guests::with(4, 4);
        let first = guests.share();
        let _held = [now(guests.seat(&first)), now(guests.seat(&first))];
        assert_eq!(guests.share().running.available_permits(), 3);
    }

    #[test]
    fn what_needs_more_places_than_there_are_takes_all() {
        let guests = Guests::with(4, 2);
        let _all = now(guests.place(&guests.share(), 9)).unwrap().unwrap();
        assert_eq!(guests.instances.available_permits(), 0);
    }

    #[tokio::test]
    async fn an_abandoned_call_keeps_its_place_and_thread_until_it_ends() {
        let guests = Guests::with(1, 2);
        let share = guests.share();
        let (place, seat) = guests.admit(&share, 1).await.unwrap();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let call = guests.on_pool(seat, move || {
            let _ = ended.recv();
            // As a stream's instance does, it comes back with its place.
            place
        });
        assert!(now(call).is_none(), "it runs, and nobody waits for it");
        let mut next = Box::pin(guests.admit(&share, 1));
        let mut inline = Box::pin(guests.place(&share, 1));
        assert!(now(next.as_mut()).is_none());
        assert!(now(inline.as_mut()).is_none());
        end.send(()).unwrap();
        drop(inline.await.unwrap());
        next.await.unwrap();
    }

    #[test]
    fn compiles_are_as_many_as_processors() {
        let guests = Guests::with(4, 2);
        let _two = [
            now(guests.compile_slot()).unwrap(),
            now(guests.compile_slot()).unwrap(),
        ];
        assert!(now(guests.compile_slot()).is_none());
    }
}
