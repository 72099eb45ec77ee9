//! A loaded plugin: its manifest, what it was granted, its record, and the calls into fresh instances of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::component::ResourceAny;

use super::cache::CompileCache;
use super::component::{Compiled, LoadError, compile};
use super::contract::{
    Call, Delta, Event, Failure, Head, Input, Listing, Outcome, Quota, Request, Verdict,
};
use super::engine::Engine;
use super::guests::{Guests, INLINE_BYTES};
use super::instance::{Fault, Instance, Spent};
use super::manifest::Manifest;
use super::strikes::Strikes;
use crate::clock::Clock;
use crate::upstream::guard::Grant;

/// Where a version came from, the strongest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Inside the server's binary.
    Bundled,
    /// Kept in the store.
    Installed,
    /// A file of the plugins folder.
    Inbox,
}

impl Source {
    /// As in the store and in lists.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bundled => "bundled",
            Self::Installed => "installed",
            Self::Inbox => "inbox",
        }
    }
}

/// A component that was compiled and has said who it is; granted nothing yet.
pub struct Loaded {
    compiled: Compiled,
    /// What it says of itself.
    pub manifest: Manifest,
}

/// What all plugins of a server share.
#[derive(Clone)]
pub struct House {
    /// The sandbox.
    pub engine: Arc<Engine>,
    /// Who may run when.
    pub guests: Arc<Guests>,
    /// For strikes.
    pub clock: Clock,
}

/// A plugin that serves.
pub struct Plugin {
    loaded: Arc<Loaded>,
    /// Where this version came from.
    pub source: Source,
    /// What the user lets it do.
    pub grant: Grant,
    /// Part of the official set: it may run on the threads that serve.
    official: bool,
    house: House,
    share: Arc<Semaphore>,
    strikes: Strikes,
}

/// No answer of the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// It did wrong.
    Fault(Fault),
    /// It did wrong too often of late and rests.
    Quarantined,
    /// Too many wait for a sandbox.
    Busy,
}

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Quarantined => f.write_str(
                "the plugin failed too often in a short time and is set aside for a while",
            ),
            Self::Busy => f.write_str("the server has no free sandbox"),
        }
    }
}

impl std::error::Error for NoAnswer {}

/// A streamed reply's decoder, in an instance of its own.
pub struct Stream {
    plugin: Arc<Plugin>,
    /// Away while a call runs on the pool; gone for good if that call was abandoned.
    guest: Option<(Instance, ResourceAny)>,
    /// Held as long as the instance may live.
    _place: OwnedSemaphorePermit,
}

impl Loaded {
    /// Compiles and asks the guest who it is. Blocks, up to seconds for a large guest.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn new(engine: &Engine, cache: &CompileCache, bytes: &[u8]) -> Result<Self, LoadError> {
        let compiled = compile(engine, cache, bytes)?;
        let bounds = super::manifest::first_bounds();
        let manifest = Instance::new(engine, &compiled.pre, compiled.exports, bounds)
            .and_then(|mut instance| instance.describe())
            .map_err(|fault| LoadError::of_fault(fault, bounds))?;
        let manifest = Manifest::try_from(manifest)?;
        Ok(Self { compiled, manifest })
    }

    /// Hash of the file, lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.compiled.sha256
    }
}

impl Plugin {
    /// A version that is to serve with this grant.
    #[must_use]
    pub fn new(
        loaded: Arc<Loaded>,
        source: Source,
        grant: Grant,
        official: bool,
        house: &House,
    ) -> Self {
        Self {
            loaded,
            source,
            grant,
            official,
            share: house.guests.share(),
            house: house.clone(),
            strikes: Strikes::default(),
        }
    }

    /// What it says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.loaded.manifest
    }

    /// Hash of the file, lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        self.loaded.sha256()
    }

    /// Whether it is put aside for its faults.
    #[must_use]
    pub fn resting(&self) -> bool {
        self.strikes.resting(self.house.clock.now_ms())
    }

    /// Strikes since it was loaded.
    #[must_use]
    pub fn strikes(&self) -> u64 {
        self.strikes.total()
    }

    /// `encode`, in an instance of its own. `spent` grows by the guest's CPU time, microseconds; so below.
    ///
    /// # Errors
    /// [`NoAnswer`]; the inner error is the plugin's own.
    pub async fn encode(
        &self,
        call: &Call,
        input: Input,
        spent: &AtomicU64,
    ) -> Result<Result<Request, Failure>, NoAnswer> {
        let call = call.clone();
        self.run(input.body.len(), spent, move |guest| {
            guest.encode(&call, &input)
        })
        .await
    }

    /// `decode`, in an instance of its own.
    ///
    /// # Errors
    /// [`NoAnswer`]; the inner error is the plugin's own.
    pub async fn decode(
        &self,
        call: &Call,
        head: &Head,
        body: bytes::Bytes,
        spent: &AtomicU64,
    ) -> Result<Result<Outcome, Failure>, NoAnswer> {
        let (call, head) = (call.clone(), head.clone());
        self.run(body.len(), spent, move |guest| {
            guest.decode(&call, &head, &body)
        })
        .await
    }

    /// `classify`, in an instance of its own. Cuts `body` to what the contract hands over.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn classify(
        &self,
        call: &Call,
        head: &Head,
        mut body: bytes::Bytes,
        spent: &AtomicU64,
    ) -> Result<Verdict, NoAnswer> {
        body.truncate(64 << 10);
        let (call, head) = (call.clone(), head.clone());
        self.run(body.len(), spent, move |guest| {
            guest.classify(&call, &head, &body)
        })
        .await
    }

    /// `quotas`, in an instance of its own.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn quotas(
        &self,
        call: &Call,
        head: &Head,
        spent: &AtomicU64,
    ) -> Result<Vec<Quota>, NoAnswer> {
        let (call, head) = (call.clone(), head.clone());
        self.run(0, spent, move |guest| guest.quotas(&call, &head))
            .await
    }

    /// `decode-models`, in an instance of its own.
    ///
    /// # Errors
    /// [`NoAnswer`]; the inner error is the plugin's own.
    pub async fn decode_models(
        &self,
        call: &Call,
        head: &Head,
        body: bytes::Bytes,
        spent: &AtomicU64,
    ) -> Result<Result<Listing, Failure>, NoAnswer> {
        let (call, head) = (call.clone(), head.clone());
        self.run(body.len(), spent, move |guest| {
            guest.decode_models(&call, &head, &body)
        })
        .await
    }

    /// A decoder for a streamed reply, in an instance that lives as long as it does.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn open_stream(
        self: &Arc<Self>,
        call: &Call,
        head: &Head,
        spent: &AtomicU64,
    ) -> Result<Stream, NoAnswer> {
        let place = self.admit().await?;
        let (call, head) = (call.clone(), head.clone());
        let (house, loaded) = (self.house.clone(), Arc::clone(&self.loaded));
        let guest = self
            .hop(0, move || {
                let mut guest = new_instance(&house, &loaded)?;
                let decoder = guest.open_decoder(&call, &head);
                let spent = guest.spent();
                Ok((decoder.map(|decoder| (guest, decoder)), spent))
            })
            .await?;
        Ok(Stream {
            guest: Some(self.judge(guest, spent)?),
            plugin: Arc::clone(self),
            _place: place,
        })
    }

    /// A place for an instance, unless the plugin rests.
    async fn admit(&self) -> Result<OwnedSemaphorePermit, NoAnswer> {
        if self.resting() {
            return Err(NoAnswer::Quarantined);
        }
        self.house
            .guests
            .instance()
            .await
            .map_err(|_| NoAnswer::Busy)
    }

    /// One call in a fresh instance, which is gone afterwards.
    async fn run<T: Send + 'static>(
        &self,
        weight: usize,
        spent: &AtomicU64,
        call: impl FnOnce(&mut Instance) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let place = self.admit().await?;
        let (house, loaded) = (self.house.clone(), Arc::clone(&self.loaded));
        let answer = self
            .hop(weight, move || {
                let mut guest = new_instance(&house, &loaded)?;
                let answer = call(&mut guest);
                let spent = guest.spent();
                drop((guest, place));
                Ok((answer, spent))
            })
            .await?;
        self.judge(answer, spent)
    }

    /// Runs guest code where this plugin may: here, or on the pool.
    async fn hop<T: Send + 'static>(
        &self,
        weight: usize,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NoAnswer> {
        if self.official && weight <= INLINE_BYTES {
            return Ok(job());
        }
        self.house
            .guests
            .on_pool(&self.share, job)
            .await
            .map_err(|_| NoAnswer::Busy)
    }

    /// Books time and strikes.
    fn judge<T>(&self, answer: Ran<T>, spent: &AtomicU64) -> Result<T, NoAnswer> {
        let answer = match answer {
            Ok((answer, took)) => {
                self.house.guests.count(took.calls, took.cpu_us);
                spent.fetch_add(took.cpu_us, Ordering::Relaxed);
                answer
            }
            Err(fault) => Err(fault),
        };
        answer.map_err(|fault| {
            let deadline = self.manifest().bounds.deadline.as_millis();
            let deadline = u64::try_from(deadline).unwrap_or(u64::MAX);
            let id = &self.manifest().id;
            tracing::warn!(plugin = %id, %fault, "a plugin failed");
            if self
                .strikes
                .count(fault, deadline, self.house.clock.now_ms())
            {
                tracing::warn!(plugin = %id, "put aside for its faults");
            }
            NoAnswer::Fault(fault)
        })
    }
}

/// An instance's answer with what it cost; or there was no instance.
type Ran<T> = Result<(Result<T, Fault>, Spent), Fault>;

fn new_instance(house: &House, loaded: &Loaded) -> Result<Instance, Fault> {
    let compiled = &loaded.compiled;
    Instance::new(
        &house.engine,
        &compiled.pre,
        compiled.exports,
        loaded.manifest.bounds,
    )
}

impl Stream {
    /// `decoder.push`.
    ///
    /// # Errors
    /// [`NoAnswer`]; nothing can be pushed after it.
    pub async fn push(&mut self, events: Vec<Event>, spent: &AtomicU64) -> Result<Delta, NoAnswer> {
        let weight = events.iter().map(|event| event.data.len()).sum();
        self.call(weight, spent, move |guest, decoder| {
            guest.push(decoder, events)
        })
        .await
    }

    /// `decoder.finish`.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn finish(&mut self, spent: &AtomicU64) -> Result<Delta, NoAnswer> {
        self.call(0, spent, Instance::finish).await
    }

    async fn call<T: Send + 'static>(
        &mut self,
        weight: usize,
        spent: &AtomicU64,
        call: impl FnOnce(&mut Instance, ResourceAny) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let Some((mut guest, decoder)) = self.guest.take() else {
            return Err(NoAnswer::Fault(Fault::Trap));
        };
        let before = guest.spent();
        let (answer, guest) = self
            .plugin
            .hop(weight, move || {
                let answer = call(&mut guest, decoder);
                (answer, guest)
            })
            .await?;
        let after = guest.spent();
        let took = Spent {
            calls: after.calls - before.calls,
            cpu_us: after.cpu_us - before.cpu_us,
        };
        let answer = self.plugin.judge(Ok((answer, took)), spent)?;
        // Only a guest that did right is called again.
        self.guest = Some((guest, decoder));
        Ok(answer)
    }
}
