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

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::clock::Clock;
    use crate::gateway::notes::Notes;
    use crate::limits::{Anchor, Cooldowns, Ledger, Meter, Need, Reserve, Unit};
    use crate::store::{RequestLog, Store};
    use crate::upstream::client::{Client, ClientSettings};

    const NOW: i64 = 1_785_067_200_000;

    async fn gateway() -> (Arc<Gateway>, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("data.db")).await.unwrap();
        let gateway = Gateway {
            clock: Clock::manual(NOW),
            timeouts: crate::config::Timeouts::default(),
            provider_times: crate::config::ProviderTimes::default(),
            policy: crate::config::Policy::default(),
            handoffs: crate::gateway::Handoffs::default(),
            suspects: crate::gateway::Suspects::default(),
            max_attempts: 1,
            client: Client::new(&ClientSettings::default()).unwrap(),
            leaks: crate::upstream::leak::Leaks::default(),
            table: arc_swap::ArcSwap::default(),
            ledger: Arc::new(Ledger::new()),
            cooldowns: Arc::new(Cooldowns::new()),
            arms: Arc::default(),
            sticky: crate::routing::sticky::Sticky::default(),
            chance: std::sync::atomic::AtomicU64::new(1),
            notes: Notes::default(),
            log: RequestLog::start(store.clone(), 1).0,
            store,
        };
        (Arc::new(gateway), folder)
    }

    fn reserve(gateway: &Gateway, meter: &Arc<Meter>) -> Reservation {
        let need = Need {
            input_tokens: 10,
            output_tokens: 20,
        };
        let meters = [Arc::clone(meter)];
        loop {
            match gateway.ledger.try_reserve(&meters, &need, NOW) {
                Reserve::Granted(reservation) => return reservation,
                Reserve::Behind(blocks) => gateway.ledger.confirm(&blocks),
                Reserve::Full { .. } => panic!("it is full"),
            }
        }
    }

    fn usage(input: u64, output: u64) -> Usage {
        Usage {
            input: Some(input),
            output: Some(output),
            ..Usage::default()
        }
    }

    #[tokio::test]
    async fn what_a_client_leaves_is_booked_as_far_as_it_came() {
        let (gateway, _folder) = gateway().await;
        let meter = Arc::new(Meter {
            name: "m".into(),
            scope: "model".into(),
            unit: Unit::Tokens,
            window_ms: 60_000,
            anchor: Anchor::Rolling,
            limit: 1_000,
        });
        let used = || gateway.ledger.usage(&meter, NOW);
        let mut bill = Bill::new(&gateway, reserve(&gateway, &meter), usage(10, 1));
        assert_eq!(used(), 30);
        bill.used(usage(10, 5));
        drop(bill);
        assert_eq!(used(), 15);
        // More than was reserved, and more than any block so far holds: it must reach the disk without the request.
        let mut bill = Bill::new(&gateway, reserve(&gateway, &meter), usage(10, 500));
        bill.book().unwrap().await.unwrap();
        drop(bill);
        assert_eq!(used(), 525);
        let blocks = gateway.store.blocks().await.unwrap();
        assert!(blocks.iter().map(|block| block.spent).sum::<i64>() >= 475);
    }
}
