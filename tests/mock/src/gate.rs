//! A door in a scripted answer that the test opens.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

/// Holds answers until the test lets them through; clones are the same door.
///
/// It replaces "sleep long enough" in both directions: [`Gate::arrived`] tells the test that an answer
/// stands at the door, and [`Gate::open`] or [`Gate::pass`] tells the answer to go on.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Door>);

#[derive(Debug)]
struct Door {
    /// A permit lets one answer through; closing the semaphore lets all through for good.
    permits: Semaphore,
    /// How many answers have come to the door so far.
    arrivals: watch::Sender<usize>,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl Gate {
    /// A closed door.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Door {
            permits: Semaphore::new(0),
            arrivals: watch::Sender::new(0),
        }))
    }

    /// Lets everyone through, now and later.
    pub fn open(&self) {
        self.0.permits.close();
    }

    /// Lets `n` answers through, whether they wait already or come later.
    pub fn pass(&self, n: usize) {
        self.0.permits.add_permits(n);
    }

    /// How many answers have come to the door so far, those let through included.
    #[must_use]
    pub fn arrivals(&self) -> usize {
        *self.0.arrivals.borrow()
    }

    /// Returns once at least `n` answers have come to the door. Has no time limit of its own.
    pub async fn arrived(&self, n: usize) {
        // The sender lives in `self`, so the channel cannot close while we wait.
        let _ = self
            .0
            .arrivals
            .subscribe()
            .wait_for(|count| *count >= n)
            .await;
    }

    pub(crate) async fn wait(&self) {
        self.0.arrivals.send_modify(|count| *count += 1);
        if let Ok(permit) = self.0.permits.acquire().await {
            permit.forget();
        }
    }
}
