//! The wall clock, injected, so that tests set it and never sleep.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time, milliseconds since 1970 UTC.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Set by hand; `None` is the system's clock.
    manual: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until [`Clock::set`].
    #[must_use]
    pub fn manual(now_ms: i64) -> Self {
        Self {
            manual: Some(Arc::new(AtomicI64::new(now_ms))),
        }
    }

    /// Sets a manual clock; the system's stays as it is.
    pub fn set(&self, now_ms: i64) {
        if let Some(manual) = &self.manual {
            manual.store(now_ms, Ordering::Relaxed);
        }
    }

    /// Now.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.manual {
            Some(manual) => manual.load(Ordering::Relaxed),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| {
                    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
                }),
        }
    }
}
