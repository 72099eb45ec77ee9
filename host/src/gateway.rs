//! One request's life: candidates, attempts until one answers, and the answer on its way to the client.
//!
//! - [`chat`]: from the client's request to the last chunk.
//! - [`task`]: the same for what is answered in one piece.
//! - `search`: who can serve, and who is tried next.
//! - [`attempt`]: one candidate, up to its first content; `pump` reads its stream.
//! - [`exchange`]: the plan, the guard, the send and the verdict, for attempts and [`errand`]s alike.
//! - [`notes`]: what plugins have the host remember between requests.
//! - `handoff`: what a model is told that takes a conversation over.
//! - `hedge`: two attempts at once, where the first is late.
//! - `rescue`: a stream that broke off, gone on with by another candidate.
//! - `bill`: what an answer costs, booked however it ends.
//! - `tally`: what is known of those that did not answer.
//! - `outcome`: what a success or a failure means for limits, rests and the log.
//!
//! Nothing here knows a client's dialect or a provider.

pub mod attempt;
mod bill;
pub mod chat;
pub mod errand;
pub mod exchange;
pub mod failure;
mod handoff;
mod hedge;
mod held;
pub mod notes;
mod outcome;
mod pump;
mod request;
mod rescue;
mod search;
mod session;
mod suspects;
mod tally;
pub mod task;
mod trail;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::config::{Policy, ProviderTimes, Timeouts};
use crate::limits::{Cooldowns, Ledger};
use crate::routing::Table;
use crate::routing::arms::Arms;
use crate::routing::dice::Dice;
use crate::routing::sticky::Sticky;
use crate::store::{RequestLog, Store};
use crate::upstream::client::Client;
use crate::upstream::leak::Leaks;

pub use chat::{Accepted, Step};
pub use failure::{Error, ErrorKind, OVERLOADED};
pub use handoff::Handoffs;
pub use outcome::Allowance;
pub use suspects::Suspects;
pub use trail::Route;

/// What all requests share.
pub struct Gateway {
    /// The time.
    pub clock: Clock,
    /// How long each part of a request may take.
    pub timeouts: Timeouts,
    /// The same for single providers.
    pub provider_times: ProviderTimes,
    /// What the operator has chosen.
    pub policy: Policy,
    /// The most candidates that are tried for one request.
    pub max_attempts: usize,
    /// Sends.
    pub client: Client,
    /// What no plan may hold.
    pub leaks: Leaks,
    /// What can be called.
    pub table: ArcSwap<Table>,
    /// What is left of every limit.
    pub ledger: Arc<Ledger>,
    /// Who rests.
    pub cooldowns: Arc<Cooldowns>,
    /// What came of everybody's attempts.
    pub arms: Arc<Arms>,
    /// Who answered which conversation last.
    pub sticky: Sticky,
    /// Seeds the dice of each request.
    pub chance: AtomicU64,
    /// What conversations were about, for models that take them over.
    pub handoffs: Handoffs,
    /// Keys to be checked.
    pub suspects: Suspects,
    /// What plugins had the host remember.
    pub notes: notes::Notes,
    /// Keeps limits and rests over a restart.
    pub store: Store,
    /// Takes a record of each request.
    pub log: RequestLog,
}

impl Gateway {
    /// Chance for one request.
    pub(crate) fn dice(&self) -> Dice {
        // Steps of any odd size meet no seed twice; the dice mix them.
        Dice::new(
            self.chance
                .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed),
        )
    }

    /// For exchanges with this provider.
    #[must_use]
    pub fn means_for(&self, provider: &str) -> exchange::Means<'_> {
        exchange::Means {
            timeouts: self.provider_times.of(provider, &self.timeouts),
            ..self.means()
        }
    }

    /// For exchanges.
    #[must_use]
    pub fn means(&self) -> exchange::Means<'_> {
        exchange::Means {
            client: &self.client,
            leaks: &self.leaks,
            timeouts: &self.timeouts,
            clock: &self.clock,
        }
    }
}
