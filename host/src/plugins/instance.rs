//! One sandbox: a fresh instance of a plugin, and the calls into it.
//!
//! Every call gets its own deadline (a point in time, so it is set before each call) and its own bound on
//! what the guest may hand back. After a fault the instance is dead; its owner drops it and nothing else.

use std::time::{Duration, Instant};

use wasmtime::component::ResourceAny;
use wasmtime::{ResourceLimiter, Store};

use super::contract::{
    Call, Delta, Event, Failure, Head, Input, Listing, Manifest, Outcome, Provider, ProviderPre,
    Quota, Request, Verdict,
};
use super::engine::Engine;
use super::ticker::{TICK, Ticker};

/// What a plain answer of a guest may weigh, bytes: manifests, quotas, failures.
const SMALL_OUTPUT: usize = 1 << 20;

/// What an answer made from a body may weigh beyond four times that body: a foreign dialect with its
/// images as base64 stays well below.
const BODY_OUTPUT: usize = 4 << 20;

/// The most that any call may hand back, bytes.
const MAX_OUTPUT: usize = 160 << 20;

/// Bounds of one instance.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Linear memory, bytes.
    pub memory: usize,
    /// Wall time of one call. Generous: what counts as a strike is CPU time.
    pub deadline: Duration,
}

/// State of a store: the memory bound.
pub struct Sandbox {
    memory: usize,
    refused: bool,
}

/// Why a call did not come back with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No instance could be made.
    NoInstance,
    /// It ran into a trap: a panic, an `unreachable`, a bad access.
    Trap,
    /// It was still running at its deadline, and had used this share of it as CPU time.
    Deadline {
        /// The thread's CPU time in the call, milliseconds.
        cpu_ms: u64,
    },
    /// It wanted more memory than it may have.
    Memory,
    /// It handed back more than it may.
    Output,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoInstance => f.write_str("no sandbox could be made for the plugin"),
            Self::Trap => f.write_str("the plugin trapped"),
            Self::Deadline { cpu_ms } => {
                write!(
                    f,
                    "the plugin did not finish in time (used {cpu_ms} ms of CPU)"
                )
            }
            Self::Memory => f.write_str("the plugin wanted more memory than it may have"),
            Self::Output => f.write_str("the plugin's answer is larger than it may be"),
        }
    }
}

impl std::error::Error for Fault {}

/// Time that the calls of an instance took so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// Calls into the guest.
    pub calls: u64,
    /// CPU time of the calling thread within them, microseconds.
    pub cpu_us: u64,
}

/// A fresh instance. One store, one instance: dropping it takes all of the guest with it.
pub struct Instance {
    store: Store<Sandbox>,
    provider: Provider,
    ticker: Ticker,
    deadline: Duration,
    spent: Spent,
}

impl ResourceLimiter for Sandbox {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.memory {
            self.refused = true;
            // An error and not `false`: the guest must not go on and mistake it for a small heap.
            return Err(wasmtime::Error::msg("memory bound"));
        }
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= maximum.unwrap_or(20_000).min(20_000))
    }

    fn memories(&self) -> usize {
        1
    }
}

impl Instance {
    /// Makes one. Costs about ten microseconds from the pool.
    ///
    /// # Errors
    /// [`Fault::NoInstance`] when the pool is empty; any other when the guest's start function fails.
    pub fn new(engine: &Engine, pre: &ProviderPre<Sandbox>, bounds: Bounds) -> Result<Self, Fault> {
        let mut store = Store::new(
            engine.wasm(),
            Sandbox {
                memory: bounds.memory,
                refused: false,
            },
        );
        store.limiter(|sandbox| sandbox);
        store.set_epoch_deadline(ticks(bounds.deadline));
        let running = engine.ticker().call_begins();
        let provider = match pre.instantiate(&mut store) {
            Ok(provider) => provider,
            Err(_) if store.data().refused => return Err(Fault::Memory),
            Err(error) => {
                return Err(match error.downcast_ref::<wasmtime::Trap>() {
                    Some(_) => Fault::Trap,
                    None => Fault::NoInstance,
                });
            }
        };
        drop(running);
        Ok(Self {
            store,
            provider,
            ticker: engine.ticker().clone(),
            deadline: bounds.deadline,
            spent: Spent::default(),
        })
    }

    /// What the calls cost so far.
    #[must_use]
    pub fn spent(&self) -> Spent {
        self.spent
    }

    /// `describe`.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn describe(&mut self) -> Result<Manifest, Fault> {
        self.run(4 * SMALL_OUTPUT, |provider, store| {
            provider.freellmapi_provider_adapter().call_describe(store)
        })
    }

    /// `encode`.
    ///
    /// # Errors
    /// See [`Fault`]; the inner error is the plugin's own.
    pub fn encode(
        &mut self,
        call: &Call,
        input: &Input,
    ) -> Result<Result<Request, Failure>, Fault> {
        let read = input.body.len()
            + input
                .files
                .iter()
                .map(|file| file.data.len())
                .sum::<usize>();
        self.run(body_output(read), |provider, store| {
            provider
                .freellmapi_provider_adapter()
                .call_encode(store, call, input)
        })
    }

    /// `decode`.
    ///
    /// # Errors
    /// See [`Fault`]; the inner error is the plugin's own.
    pub fn decode(
        &mut self,
        call: &Call,
        head: &Head,
        body: &[u8],
    ) -> Result<Result<Outcome, Failure>, Fault> {
        self.run(body_output(body.len()), |provider, store| {
            provider
                .freellmapi_provider_adapter()
                .call_decode(store, call, head, body)
        })
    }

    /// `classify`. The caller cuts `body` to the contract's 64 KiB.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn classify(&mut self, call: &Call, head: &Head, body: &[u8]) -> Result<Verdict, Fault> {
        self.run(SMALL_OUTPUT, |provider, store| {
            provider
                .freellmapi_provider_adapter()
                .call_classify(store, call, head, body)
        })
    }

    /// `quotas`.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn quotas(&mut self, call: &Call, head: &Head) -> Result<Vec<Quota>, Fault> {
        self.run(SMALL_OUTPUT, |provider, store| {
            provider
                .freellmapi_provider_adapter()
                .call_quotas(store, call, head)
        })
    }

    /// `decode-models`.
    ///
    /// # Errors
    /// See [`Fault`]; the inner error is the plugin's own.
    pub fn decode_models(
        &mut self,
        call: &Call,
        head: &Head,
        body: &[u8],
    ) -> Result<Result<Listing, Failure>, Fault> {
        self.run(body_output(body.len()), |provider, store| {
            provider
                .freellmapi_provider_adapter()
                .call_decode_models(store, call, head, body)
        })
    }

    /// Makes the `decoder` of a stream, which lives in this instance.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn open_decoder(&mut self, call: &Call, head: &Head) -> Result<ResourceAny, Fault> {
        self.run(SMALL_OUTPUT, |provider, store| {
            provider
                .freellmapi_provider_adapter()
                .decoder()
                .call_constructor(store, call, head)
        })
    }

    /// `decoder.push`.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn push(&mut self, decoder: ResourceAny, events: &[Event]) -> Result<Delta, Fault> {
        let read = events.iter().map(|event| event.data.len()).sum();
        self.run(body_output(read), |provider, store| {
            provider
                .freellmapi_provider_adapter()
                .decoder()
                .call_push(store, decoder, events)
        })
    }

    /// `decoder.finish`.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn finish(&mut self, decoder: ResourceAny) -> Result<Delta, Fault> {
        self.run(BODY_OUTPUT, |provider, store| {
            provider
                .freellmapi_provider_adapter()
                .decoder()
                .call_finish(store, decoder)
        })
    }

    fn run<T>(
        &mut self,
        output: usize,
        call: impl FnOnce(&Provider, &mut Store<Sandbox>) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        self.store.set_hostcall_fuel(output);
        self.store.set_epoch_deadline(ticks(self.deadline));
        let running = self.ticker.call_begins();
        let before = thread_cpu();
        let started = Instant::now();
        let answer = call(&self.provider, &mut self.store);
        let cpu = thread_cpu().saturating_sub(before);
        drop(running);
        self.spent.calls += 1;
        self.spent.cpu_us += u64::try_from(cpu.as_micros()).unwrap_or(u64::MAX);
        answer.map_err(|error| self.fault(&error, cpu, started.elapsed()))
    }

    fn fault(&self, error: &wasmtime::Error, cpu: Duration, wall: Duration) -> Fault {
        if self.store.data().refused {
            return Fault::Memory;
        }
        match error.downcast_ref::<wasmtime::Trap>() {
            Some(wasmtime::Trap::Interrupt) => Fault::Deadline {
                cpu_ms: u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX),
            },
            Some(_) => Fault::Trap,
            // What is no trap is a value that could not be taken over: too much of it, or malformed.
            None => {
                tracing::debug!(%error, ?wall, "a guest's answer could not be taken over");
                Fault::Output
            }
        }
    }
}

/// Ticks of a deadline; one more, since the first tick may come at once.
fn ticks(deadline: Duration) -> u64 {
    u64::try_from(deadline.as_millis().div_ceil(TICK.as_millis())).unwrap_or(u64::MAX - 1) + 1
}

fn body_output(read: usize) -> usize {
    read.saturating_mul(4)
        .saturating_add(BODY_OUTPUT)
        .min(MAX_OUTPUT)
}

fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
