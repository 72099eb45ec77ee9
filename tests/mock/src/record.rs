//! What arrived, and how many are where.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::Notify;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// When its head was complete, on the monotonic clock.
    pub at: Instant,
    /// Which accepted connection it came on, counted from 1: shows reuse.
    pub connection: usize,
    /// `POST`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Without the `?`; empty if there is none.
    pub query: String,
    /// In order, names as sent.
    pub headers: Vec<(String, String)>,
    /// Whole and with transfer coding removed.
    pub body: Bytes,
}

/// How many are where, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections accepted since the start.
    pub accepted: usize,
    /// Connections open now.
    pub open: usize,
    /// Requests read whole since the start.
    pub requests: usize,
    /// Requests read and not yet answered to the end.
    pub in_flight: usize,
    /// Requests answered to the end of their script.
    pub answered: usize,
    /// Requests whose client left before the answer ended.
    pub cancelled: usize,
}

/// The safety net of a `wait_for…` was reached.
#[derive(Clone, Debug)]
pub struct TimedOut {
    /// How long was waited.
    pub after: Duration,
    /// What stood there at the end.
    pub counters: Counters,
}

/// The mock's memory. One a mock, shared by its connections.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) accepted: AtomicUsize,
    pub(crate) open: AtomicUsize,
    pub(crate) requests: AtomicUsize,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) answered: AtomicUsize,
    pub(crate) cancelled: AtomicUsize,
    log: Mutex<Vec<Recorded>>,
    changed: Notify,
}

impl Recorded {
    /// The first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `Null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The bearer token.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not seen within {:?}; the mock stood at {:?}",
            self.after, self.counters
        )
    }
}

impl std::error::Error for TimedOut {}

impl Ledger {
    pub(crate) fn counters(&self) -> Counters {
        Counters {
            accepted: self.accepted.load(Ordering::SeqCst),
            open: self.open.load(Ordering::SeqCst),
            requests: self.requests.load(Ordering::SeqCst),
            in_flight: self.in_flight.load(Ordering::SeqCst),
            answered: self.answered.load(Ordering::SeqCst),
            cancelled: self.cancelled.load(Ordering::SeqCst),
        }
    }

    pub(crate) fn push(&self, recorded: Recorded) {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(recorded);
    }

    pub(crate) fn log(&self) -> Vec<Recorded> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn find(&self, wanted: impl Fn(&Recorded) -> bool) -> Option<Recorded> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter().find(|recorded| wanted(recorded)).cloned()
    }

    pub(crate) fn clear(&self) {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Adds to a counter and wakes whoever waits.
    pub(crate) fn add(&self, counter: &AtomicUsize) {
        counter.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Takes from a counter and wakes whoever waits.
    pub(crate) fn take(&self, counter: &AtomicUsize) {
        counter.fetch_sub(1, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Returns what `look` finds, looking again after each change.
    pub(crate) async fn wait<T>(
        &self,
        limit: Duration,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T, TimedOut> {
        let seen = async {
            loop {
                // Enlisted before looking, so that a change in between is not missed.
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if let Some(found) = look(self) {
                    return found;
                }
                changed.await;
            }
        };
        tokio::time::timeout(limit, seen)
            .await
            .map_err(|_| TimedOut {
                after: limit,
                counters: self.counters(),
            })
    }
}
