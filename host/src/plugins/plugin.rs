//! A loaded plugin: its manifest, what it was granted, its record, and the calls into fresh instances of it.

mod answer;
mod stream;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

pub use answer::NoAnswer;
pub use stream::Stream;

use stream::Guest;

use super::cache::CompileCache;
use super::component::{Class, Compiled, LoadError, compile};
use super::contract::{Call, Failure, Head, Input, Listing, Outcome, Quota, Request, Verdict};
use super::engine::Engine;
use super::guests::{Guests, INLINE_BYTES, Place, Seat, Share, Totals};
use super::instance::{Fault, Instance, Spent};
use super::manifest::{BOXED, Manifest};
use super::strikes::{Strikes, Weight};
use crate::clock::Clock;
use crate::upstream::guard::Grant;

/// Memory that a guest may need for each byte it rewrites: the body, what was read from it, the new one and the
/// holes between. With less it would run into its bound, which a client must not be able to make it do.
const MEMORY_PER_BYTE: usize = 8;

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
    share: Share,
    strikes: Strikes,
    /// Calls into it, and CPU time within them, microseconds.
    calls: AtomicU64,
    cpu_us: AtomicU64,
    last_fault: Mutex<Option<Fault>>,
}

impl Loaded {
    /// Compiles a file of this hash and asks the guest who it is. Blocks, up to seconds for a large guest.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn new(
        engine: &Engine,
        cache: Option<&CompileCache>,
        sha256: String,
        bytes: &[u8],
    ) -> Result<Self, LoadError> {
        let compiled = compile(engine, cache, sha256, bytes)?;
        let bounds = super::manifest::first_bounds();
        let manifest = Instance::new(engine, &compiled.pre, compiled.exports, bounds)
            .and_then(|mut instance| instance.describe())
            .map_err(|fault| LoadError::of_fault(fault, bounds))?;
        let mut manifest = Manifest::try_from(manifest)?;
        manifest.asks.powers.retain(|power| power != BOXED);
        if compiled.class == Class::Boxed {
            manifest.asks.powers.push(BOXED.to_owned());
        }
        Ok(Self { compiled, manifest })
    }

    /// Hash of the file, lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.compiled.sha256
    }

    /// What it imports.
    #[must_use]
    pub fn class(&self) -> Class {
        self.compiled.class
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
            calls: AtomicU64::new(0),
            cpu_us: AtomicU64::new(0),
            last_fault: Mutex::new(None),
        }
    }

    /// What it says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.loaded.manifest
    }

    /// Whether it is part of the official set.
    #[must_use]
    pub fn official(&self) -> bool {
        self.official
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

    /// What it has cost since it was loaded.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals {
            calls: self.calls.load(Ordering::Relaxed),
            cpu_us: self.cpu_us.load(Ordering::Relaxed),
        }
    }

    /// What it last did wrong since it was loaded.
    #[must_use]
    pub fn last_fault(&self) -> Option<Fault> {
        *self.last_fault.lock()
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
        self.run(size_of(&input), spent, move |guest| {
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
        let (place, seat) = self.admit(0).await?;
        let (call, head) = (call.clone(), head.clone());
        let (house, loaded) = (self.house.clone(), Arc::clone(&self.loaded));
        let opened = hop(&self.house.guests, seat, move || {
            let mut instance = new_instance(&house, &loaded)?;
            let decoder = instance.open_decoder(&call, &head);
            let spent = instance.spent();
            let guest = match decoder {
                Ok(decoder) => Ok(Guest {
                    instance,
                    decoder,
                    place,
                }),
                Err(fault) => {
                    drop((instance, place));
                    Err(fault)
                }
            };
            Ok((guest, spent))
        })
        .await?;
        let guest = self.judge(opened, Weight::of(0), spent)?;
        Ok(Stream::new(Arc::clone(self), guest))
    }

    /// Refuses what the guest's memory may not suffice for.
    fn check_size(&self, read: usize) -> Result<(), NoAnswer> {
        if read.saturating_mul(MEMORY_PER_BYTE) > self.manifest().bounds.memory {
            return Err(NoAnswer::TooLarge);
        }
        Ok(())
    }

    /// Whether code that is handed `read` bytes may run on the threads that serve.
    fn runs_here(&self, read: usize) -> bool {
        self.official && read <= INLINE_BYTES
    }

    /// A place for a fresh instance, and a thread unless it may run here.
    async fn admit(&self, read: usize) -> Result<(Place, Option<Seat>), NoAnswer> {
        self.check_size(read)?;
        self.check_rest()?;
        let size = self.loaded.compiled.places;
        let guests = &self.house.guests;
        let admitted = if self.runs_here(read) {
            (guests.place(&self.share, size).await?, None)
        } else {
            let (place, seat) = guests.admit(&self.share, size).await?;
            (place, Some(seat))
        };
        // Those before it in the queue may have been what puts the plugin aside.
        self.check_rest()?;
        Ok(admitted)
    }

    fn check_rest(&self) -> Result<(), NoAnswer> {
        if self.resting() {
            return Err(NoAnswer::Quarantined);
        }
        Ok(())
    }

    /// One call, which is handed `read` bytes, in a fresh instance, which is gone afterwards.
    async fn run<T: Send + 'static>(
        &self,
        read: usize,
        spent: &AtomicU64,
        call: impl FnOnce(&mut Instance) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let (place, seat) = self.admit(read).await?;
        let (house, loaded) = (self.house.clone(), Arc::clone(&self.loaded));
        let answer = hop(&self.house.guests, seat, move || {
            let mut guest = new_instance(&house, &loaded)?;
            let answer = call(&mut guest);
            let spent = guest.spent();
            drop((guest, place));
            Ok((answer, spent))
        })
        .await?;
        self.judge(answer, Weight::of(read), spent)
    }

    /// Books time and strikes.
    fn judge<T>(&self, answer: Ran<T>, weight: Weight, spent: &AtomicU64) -> Result<T, NoAnswer> {
        let answer = match answer {
            Ok((answer, took)) => {
                self.house.guests.count(took.calls, took.cpu_us);
                self.calls.fetch_add(took.calls, Ordering::Relaxed);
                self.cpu_us.fetch_add(took.cpu_us, Ordering::Relaxed);
                spent.fetch_add(took.cpu_us, Ordering::Relaxed);
                answer
            }
            Err(fault) => Err(fault),
        };
        answer.map_err(|fault| {
            let Manifest { id, bounds, .. } = self.manifest();
            tracing::warn!(plugin = %id, %fault, read = weight.held, "a plugin failed");
            *self.last_fault.lock() = Some(fault);
            let now_ms = self.house.clock.now_ms();
            if self.strikes.count(fault, weight, *bounds, now_ms) {
                tracing::warn!(plugin = %id, "put aside for its faults");
            }
            NoAnswer::from(fault)
        })
    }
}

/// An instance's answer with what it cost; or there was no instance.
type Ran<T> = Result<(Result<T, Fault>, Spent), Fault>;

/// Runs guest code on the pool if it has a seat there, else here.
async fn hop<T: Send + 'static>(
    guests: &Guests,
    seat: Option<Seat>,
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoAnswer> {
    match seat {
        Some(seat) => Ok(guests.on_pool(seat, job).await?),
        None => Ok(job()),
    }
}

/// What `encode` works through, bytes. A file is handed on as it is, which takes half the memory that JSON does.
fn size_of(input: &Input) -> usize {
    let files: usize = input.files.iter().map(|file| file.data.len()).sum();
    input.body.len().saturating_add(files / 2)
}

fn new_instance(house: &House, loaded: &Loaded) -> Result<Instance, Fault> {
    let compiled = &loaded.compiled;
    Instance::new(
        &house.engine,
        &compiled.pre,
        compiled.exports,
        loaded.manifest.bounds,
    )
}
