//! The admin API under `/api/`: what the dashboard is made of. The crate `freellmapi-types` lists its routes and holds
//! their types; `routes` is the one table from which the router is built.
//!
//! Everything is closed by default: `guard` lets only the owner's session through, and a change only with the proof
//! that it came from the dashboard's own page. Only JSON goes out, so that whatever text stands in it stays text.

mod account;
mod analytics;
mod body;
mod events;
pub(crate) mod from;
mod guard;
mod keys;
mod limiter;
mod models;
mod overview;
mod plugins;
mod providers;
mod refusal;
mod requests;
mod routes;
mod routing;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::Arc;

use ipnet::IpNet;
use tokio::sync::watch;

use crate::api::Api;
use crate::clock::Clock;
use crate::store::Store;
use crate::vault::Vault;
use limiter::Limiter;

pub use routes::router;

/// What the routes share.
pub struct Admin {
    /// The server's own parts.
    api: Arc<Api>,
    /// Opens secrets.
    vault: Vault,
    /// Proxies whose word on the client's address and on https counts.
    proxies: Vec<IpNet>,
    /// Attempts at passwords and codes.
    attempts: Limiter,
    /// True once the server stops: streams that would never end must not hold it up.
    closing: watch::Sender<bool>,
}

impl Admin {
    /// Beside a server. `proxies`: see [`Admin`].
    #[must_use]
    pub fn new(api: Arc<Api>, vault: Vault, proxies: Vec<IpNet>) -> Self {
        Self {
            api,
            vault,
            proxies,
            attempts: Limiter::default(),
            closing: watch::Sender::new(false),
        }
    }

    /// Ends what listens for changes.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    fn store(&self) -> &Store {
        &self.api.gateway.store
    }

    fn clock(&self) -> &Clock {
        &self.api.gateway.clock
    }
}
