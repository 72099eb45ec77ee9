//! What an answer costs its limits, booked however the answer ends: whole, broken off, or left by its client.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::Gateway;
use crate::chat::Usage;
use crate::limits::{Actual, Reservation};

/// An answer under way. Dropped, it books what it was last told.
pub(super) struct Bill {
    gateway: Arc<Gateway>,
    reservation: Option<Reservation>,
    usage: Usage,
}

impl Bill {
    pub(super) fn new(gateway: &Arc<Gateway>, reservation: Reservation, usage: Usage) -> Self {
        Self {
            gateway: Arc::clone(gateway),
            reservation: Some(reservation),
            usage,
        }
    }

    /// What was used so far, all in all.
    pub(super) fn used(&mut self, usage: Usage) {
        self.usage = usage;
    }

    /// Books it, and waits until what must be on disk is there.
    pub(super) async fn settle(mut self) {
        if let Some(writing) = self.book() {
            // It goes on without us if the client leaves now. A panic in it is no reason for one here.
            let _ = writing.await;
        }
    }

    /// Books it, once. What must be on disk is written by a task of its own: a client that leaves ends the request's.
    fn book(&mut self) -> Option<JoinHandle<()>> {
        let actual = Actual {
            input: self.usage.input,
            output: self.usage.output,
        };
        let settled = self
            .reservation
            .take()?
            .settle(actual, self.gateway.clock.now_ms());
        if settled.blocks.is_empty() {
            return None;
        }
        let gateway = Arc::clone(&self.gateway);
        let writing = async move { gateway.write_down(settled).await };
        // Without a runtime the server is going down; the blocks are written with the meter's next ones, if at all.
        Some(Handle::try_current().ok()?.spawn(writing))
    }
}

impl Drop for Bill {
    fn drop(&mut self) {
        self.book();
    }
}
