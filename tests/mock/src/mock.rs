//! The running mock and what a test asks of it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::record::{Counters, Ledger, Recorded, TimedOut};
use crate::rules::{Laid, Rule, Script, When};
use crate::serve;

/// The safety net of every wait: far above what a loaded machine needs, and below a test's patience.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mock provider on a loopback port. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Mock {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

/// How the mock behaves where no script says otherwise.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Keys that are let in; with none, everybody is.
    pub keys: Vec<String>,
    /// What the model lists name.
    pub models: Vec<String>,
    /// Answer 404 to a model that the list does not name.
    pub only_listed: bool,
    /// The answer's text: joined when whole, one event each when streamed.
    pub words: Vec<String>,
    /// Keep every request for [`Mock::requests`]. The bench turns it off.
    pub record: bool,
    /// Models named `fault-NAME` answer with [`crate::fault`] of that name.
    pub faults: bool,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) ledger: Ledger,
    pub(crate) rules: RwLock<Vec<Arc<Laid>>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            models: vec!["mock-model".to_owned()],
            only_listed: false,
            words: ["Hello", " from", " the", " mock", "."]
                .map(str::to_owned)
                .to_vec(),
            record: true,
            faults: false,
        }
    }
}

impl Settings {
    /// Lets in only this key (and others so added).
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.keys.push(key.to_owned());
        self
    }

    /// Lists these models instead of `mock-model`.
    #[must_use]
    pub fn models<'a>(mut self, models: impl IntoIterator<Item = &'a str>) -> Self {
        self.models = models.into_iter().map(str::to_owned).collect();
        self
    }

    /// Answers with these words.
    #[must_use]
    pub fn words<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        self.words = words.into_iter().map(str::to_owned).collect();
        self
    }
}

// Running.

impl Mock {
    /// A healthy provider that lets everybody in, on a free port.
    ///
    /// # Panics
    /// If loopback has no free port.
    pub async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    /// A provider with these settings, on a free port.
    ///
    /// # Panics
    /// If loopback has no free port.
    pub async fn with(settings: Settings) -> Self {
        match Self::bind("127.0.0.1:0", settings).await {
            Ok(mock) => mock,
            Err(error) => panic!("no free port on loopback: {error}"),
        }
    }

    /// The fault server: models named `fault-NAME` misbehave by name, see [`crate::FAULTS`].
    ///
    /// # Panics
    /// If loopback has no free port.
    pub async fn faulty() -> Self {
        Self::with(Settings {
            faults: true,
            ..Settings::default()
        })
        .await
    }

    /// A provider on a chosen address.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn bind(address: &str, settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            settings,
            ledger: Ledger::default(),
            rules: RwLock::new(Vec::new()),
        });
        let accepting = tokio::spawn(serve::accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers these requests with this script from now on. Of several that match, the newest wins.
    pub fn on(&self, when: impl Into<When>, script: impl Into<Script>) -> Rule {
        let laid = Arc::new(Laid::new(when.into(), script.into()));
        self.shared
            .rules
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&laid));
        Rule(laid)
    }

    /// Takes all scripts off.
    pub fn heal(&self) {
        self.shared
            .rules
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // The accepting task owns its connections' tasks, so they end with it.
        self.accepting.abort();
    }
}

// Looking.

impl Mock {
    /// Every request so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.ledger.log()
    }

    /// Forgets the recorded requests; counters go on.
    pub fn forget(&self) {
        self.shared.ledger.clear();
    }

    /// How many are where now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.ledger.counters()
    }

    /// Waits until the counters satisfy `wanted`, and returns them.
    ///
    /// # Errors
    /// If they do not within 20 s.
    pub async fn wait_for(
        &self,
        mut wanted: impl FnMut(&Counters) -> bool,
    ) -> Result<Counters, TimedOut> {
        let look = |ledger: &Ledger| Some(ledger.counters()).filter(&mut wanted);
        self.shared.ledger.wait(PATIENCE, look).await
    }

    /// Waits until `n` requests have arrived (read whole) since the start.
    ///
    /// # Errors
    /// If they have not within 20 s.
    pub async fn wait_for_requests(&self, n: usize) -> Result<Counters, TimedOut> {
        self.wait_for(|counters| counters.requests >= n).await
    }

    /// Waits until `n` clients have left before their answer ended.
    ///
    /// # Errors
    /// If they have not within 20 s.
    pub async fn wait_for_cancelled(&self, n: usize) -> Result<Counters, TimedOut> {
        self.wait_for(|counters| counters.cancelled >= n).await
    }

    /// Waits until no request is in flight.
    ///
    /// # Errors
    /// If one still is after 20 s.
    pub async fn wait_for_idle(&self) -> Result<Counters, TimedOut> {
        self.wait_for(|counters| counters.in_flight == 0).await
    }

    /// Waits for a request that satisfies `wanted`, among those recorded and those to come.
    ///
    /// # Errors
    /// If none does within 20 s.
    pub async fn wait_for_request(
        &self,
        wanted: impl Fn(&Recorded) -> bool,
    ) -> Result<Recorded, TimedOut> {
        self.shared
            .ledger
            .wait(PATIENCE, |ledger| ledger.find(&wanted))
            .await
    }
}
