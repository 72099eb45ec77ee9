//! The clock that stops a guest: a thread that advances the engine's epoch while guests run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Length of an epoch. A deadline of `n` ticks may come up to one tick early, so callers add one.
pub const TICK: Duration = Duration::from_millis(5);

/// After this many ticks without a guest the thread sleeps, so that an idle server wakes nobody.
const IDLE_TICKS: u32 = 200;

/// Handle of the ticking thread; the thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct Ticker {
    shared: Arc<Shared>,
    _alive: Arc<Alive>,
}

struct Shared {
    calls: AtomicU64,
    running: AtomicU64,
    asleep: AtomicBool,
    ended: AtomicBool,
    thread: std::thread::Thread,
}

struct Alive(Arc<Shared>);

/// A guest runs until this is dropped.
pub struct Running<'a>(&'a Shared);

impl Ticker {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(engine: wasmtime::Engine) -> std::io::Result<Self> {
        let (send, receive) = std::sync::mpsc::channel::<Arc<Shared>>();
        let join = std::thread::Builder::new()
            .name("guest-ticker".into())
            .spawn(move || {
                if let Ok(shared) = receive.recv() {
                    tick(&engine, &shared);
                }
            })?;
        let shared = Arc::new(Shared {
            calls: AtomicU64::new(0),
            running: AtomicU64::new(0),
            asleep: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            thread: join.thread().clone(),
        });
        // The thread waits for this; it cannot have gone away.
        let _ = send.send(Arc::clone(&shared));
        Ok(Self {
            _alive: Arc::new(Alive(Arc::clone(&shared))),
            shared,
        })
    }

    /// Says that a guest is about to run. Wakes the thread if it slept.
    #[must_use]
    pub fn call_begins(&self) -> Running<'_> {
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        self.shared.calls.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.swap(false, Ordering::SeqCst) {
            self.shared.thread.unpark();
        }
        Running(&self.shared)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::SeqCst);
        self.0.thread.unpark();
    }
}

fn tick(engine: &wasmtime::Engine, shared: &Shared) {
    let mut seen = 0;
    let mut idle = 0;
    while !shared.ended.load(Ordering::SeqCst) {
        std::thread::sleep(TICK);
        engine.increment_epoch();
        let calls = shared.calls.load(Ordering::SeqCst);
        let quiet = calls == seen && shared.running.load(Ordering::SeqCst) == 0;
        idle = if quiet { idle + 1 } else { 0 };
        seen = calls;
        if idle > IDLE_TICKS {
            shared.asleep.store(true, Ordering::SeqCst);
            // A call that began between the load above and this store has not been seen: look again.
            while shared.asleep.load(Ordering::SeqCst)
                && shared.calls.load(Ordering::SeqCst) == seen
                && !shared.ended.load(Ordering::SeqCst)
            {
                std::thread::park();
            }
            shared.asleep.store(false, Ordering::SeqCst);
            idle = 0;
        }
    }
}
