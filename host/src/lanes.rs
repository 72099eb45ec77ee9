//! One thread a processor, each with a runtime of its own, that serve the connections of clients.
//!
//! A connection stays on its lane with all that happens for it, its connection to a provider included: no part of a
//! request wakes another thread, which would cost more than the part itself. What is not of a request (the store, the
//! watching of folders, compiling) stays on the runtime that the command began with.

use std::cell::Cell;
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

thread_local! {
    /// Which lane this thread is; 0 is no lane.
    static LANE: Cell<usize> = const { Cell::new(0) };
}

/// The lanes that run. Dropped, they end, with all that is still on them.
#[derive(Debug)]
pub struct Lanes {
    lanes: Vec<Lane>,
    next: AtomicUsize,
}

#[derive(Debug)]
struct Lane {
    handle: Handle,
    /// The lane ends when it is gone.
    _end: oneshot::Sender<()>,
}

/// How many lanes there are to be: as many as processors.
#[must_use]
pub fn count() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// The number of the lane that the caller runs on, from 1 to [`count`]; 0 if it is none.
#[must_use]
pub fn current() -> usize {
    LANE.get()
}

impl Lanes {
    /// Starts them.
    ///
    /// # Errors
    /// A system that has no more threads or descriptors.
    pub fn start() -> std::io::Result<Self> {
        let lanes: std::io::Result<_> = (1..=count()).map(Lane::start).collect();
        Ok(Self {
            lanes: lanes?,
            next: AtomicUsize::new(0),
        })
    }

    /// Runs it on one of the lanes, which take turns.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.lanes[turn % self.lanes.len()].handle.spawn(work);
    }
}

impl Lane {
    fn start(number: usize) -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        let run = move || {
            LANE.set(number);
            // An error is the end too: the sender was dropped.
            let _ = runtime.block_on(ended);
            // A guest on one of its blocking threads is not waited for.
            runtime.shutdown_background();
        };
        thread::Builder::new()
            .name(format!("lane-{number}"))
            .spawn(run)?;
        Ok(Self { handle, _end: end })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn lanes_take_turns_and_keep_what_they_began() {
        assert_eq!(current(), 0);
        let lanes = Lanes::start().unwrap();
        let (tell, told) = mpsc::channel();
        for _ in 0..count() {
            let tell = tell.clone();
            lanes.spawn(async move {
                let first = current();
                let inner = tokio::spawn(async {
                    tokio::task::yield_now().await;
                    current()
                });
                tell.send((first, inner.await.unwrap())).unwrap();
            });
        }
        drop(tell);
        let seen: Vec<(usize, usize)> = told.iter().collect();
        assert!(seen.iter().all(|(first, inner)| first == inner), "{seen:?}");
        let numbers: BTreeSet<usize> = seen.iter().map(|(first, _)| *first).collect();
        assert_eq!(numbers, (1..=count()).collect());
    }

    #[test]
    fn what_runs_on_a_lane_ends_with_it() {
        let lanes = Lanes::start().unwrap();
        let (begun, has_begun) = mpsc::channel();
        let (tell, told) = mpsc::channel::<()>();
        lanes.spawn(async move {
            let _tell = tell;
            begun.send(()).unwrap();
            std::future::pending::<()>().await;
        });
        has_begun.recv().unwrap();
        drop(lanes);
        // The task is dropped, and its end of the channel with it.
        assert!(told.recv().is_err());
    }
}
