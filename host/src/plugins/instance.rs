//! One sandbox: a fresh instance of a plugin, and the calls into it.
//!
//! Every call gets its own deadline (a point in time, so it is set before each call) and its own bound on
//! what the guest may hand back. After a fault the instance is dead; its owner drops it and nothing else.

mod fault;

use std::time::{Duration, Instant};

pub use fault::Fault;

use wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, InstancePre, Lift, Lower, ResourceAny, TypedFunc,
};
use wasmtime::{ResourceLimiter, Store};
use wasmtime_wasi::{I32Exit, WasiCtxView, WasiView};

use super::boxed::Boxed;
use super::contract::{
    Call, Delta, Event, Failure, Head, Input, Listing, Manifest, Outcome, Quota, Request, Verdict,
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

/// Input, bytes, that buys a call one more millisecond: about four times what a foreign dialect takes to rewrite it
/// on a small server.
const BYTES_PER_MS: usize = 16 << 10;

/// How often its deadline a call may take at most, however large its input.
const MOST_DEADLINES: u32 = 4;

impl Bounds {
    /// Wall time of a call that is handed `read` bytes. A deadline that fits small calls would fail every large one
    /// of a healthy guest.
    #[must_use]
    pub fn deadline_for(&self, read: usize) -> Duration {
        let more = Duration::from_millis((read / BYTES_PER_MS) as u64);
        let most = self.deadline.saturating_mul(MOST_DEADLINES);
        self.deadline.saturating_add(more).min(most)
    }
}

/// State of a store: the memory bound, and what a boxed guest is given.
pub struct Sandbox {
    memory: usize,
    refused: bool,
    /// Of the call, milliseconds since 1970 UTC.
    now_ms: u64,
    boxed: Option<Box<Boxed>>,
}

/// Time that the calls of an instance took so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// Calls into the guest.
    pub calls: u64,
    /// CPU time of the calling thread within them, microseconds.
    pub cpu_us: u64,
}

/// Where the adapter's functions are in a component. Looked up once: a fresh instance then finds the one function that
/// it is made for without looking at the others.
#[derive(Clone, Copy)]
pub struct Exports {
    pub(super) describe: ComponentExportIndex,
    pub(super) encode: ComponentExportIndex,
    pub(super) decode: ComponentExportIndex,
    pub(super) classify: ComponentExportIndex,
    pub(super) quotas: ComponentExportIndex,
    pub(super) decode_models: ComponentExportIndex,
    pub(super) open_decoder: ComponentExportIndex,
    pub(super) push: ComponentExportIndex,
    pub(super) finish: ComponentExportIndex,
}

/// `decoder.push`, found.
type Push = TypedFunc<(ResourceAny, Vec<Event>), (Delta,)>;

/// A fresh instance. One store, one instance: dropping it takes all of the guest with it.
pub struct Instance {
    store: Store<Sandbox>,
    instance: wasmtime::component::Instance,
    exports: Exports,
    /// Found at the first event of a stream, which has many.
    push: Option<Push>,
    ticker: Ticker,
    bounds: Bounds,
    /// All that it was handed so far, bytes.
    read: usize,
    spent: Spent,
}

impl Sandbox {
    /// A store with an instance in it whose start function has run.
    ///
    /// # Errors
    /// [`Fault::NoInstance`] when the pool is empty; any other when the guest's start function fails.
    pub(super) fn start(
        engine: &Engine,
        pre: &InstancePre<Self>,
        bounds: Bounds,
    ) -> Result<(Store<Self>, wasmtime::component::Instance), Fault> {
        let mut store = Self::store(engine, bounds);
        let before = thread_cpu();
        let running = engine.ticker().call_begins();
        let started = pre.instantiate(&mut store);
        drop(running);
        match started {
            Ok(instance) => Ok((store, instance)),
            Err(_) if store.data().refused => Err(Fault::Memory),
            // It was there, and ended itself or asked for more than the box holds.
            Err(error)
                if error.downcast_ref::<wasmtime::Trap>().is_none()
                    && store.data().boxed.is_some() =>
            {
                Err(Fault::Trap)
            }
            Err(error) => Err(match error.downcast_ref() {
                Some(trap) => Fault::of_trap(trap, thread_cpu().saturating_sub(before)),
                None => {
                    tracing::debug!(%error, "no instance could be made");
                    Fault::NoInstance
                }
            }),
        }
    }

    /// A store for one instance, with its bounds.
    fn store(engine: &Engine, bounds: Bounds) -> Store<Self> {
        let sandbox = Self {
            memory: bounds.memory,
            refused: false,
            now_ms: 0,
            boxed: None,
        };
        let mut store = Store::new(engine.wasm(), sandbox);
        store.limiter(|sandbox| sandbox);
        store.set_epoch_deadline(ticks(bounds.deadline));
        store
    }
}

/// Only the linker of boxed plugins asks for it.
impl WasiView for Sandbox {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let now_ms = self.now_ms;
        self.boxed
            .get_or_insert_with(|| Box::new(Boxed::at(now_ms)))
            .view()
    }
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
    pub fn new(
        engine: &Engine,
        pre: &InstancePre<Sandbox>,
        exports: Exports,
        bounds: Bounds,
    ) -> Result<Self, Fault> {
        let (store, instance) = Sandbox::start(engine, pre, bounds)?;
        Ok(Self {
            store,
            instance,
            exports,
            push: None,
            ticker: engine.ticker().clone(),
            bounds,
            read: 0,
            spent: Spent::default(),
        })
    }

    /// What the calls cost so far.
    #[must_use]
    pub fn spent(&self) -> Spent {
        self.spent
    }

    /// All that its calls were handed so far, bytes.
    #[must_use]
    pub fn read(&self) -> usize {
        self.read
    }

    /// `describe`.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn describe(&mut self) -> Result<Manifest, Fault> {
        self.call(0, 4 * SMALL_OUTPUT, self.exports.describe, ())
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
        self.tell_time(call);
        let read = input.body.len()
            + input
                .files
                .iter()
                .map(|file| file.data.len())
                .sum::<usize>();
        self.call(read, body_output(read), self.exports.encode, (call, input))
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
        self.tell_time(call);
        self.call(
            body.len(),
            body_output(body.len()),
            self.exports.decode,
            (call, head, body),
        )
    }

    /// `classify`. The caller cuts `body` to the contract's 64 KiB.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn classify(&mut self, call: &Call, head: &Head, body: &[u8]) -> Result<Verdict, Fault> {
        self.tell_time(call);
        self.call(
            body.len(),
            SMALL_OUTPUT,
            self.exports.classify,
            (call, head, body),
        )
    }

    /// `quotas`.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn quotas(&mut self, call: &Call, head: &Head) -> Result<Vec<Quota>, Fault> {
        self.tell_time(call);
        self.call(0, SMALL_OUTPUT, self.exports.quotas, (call, head))
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
        self.tell_time(call);
        self.call(
            body.len(),
            body_output(body.len()),
            self.exports.decode_models,
            (call, head, body),
        )
    }

    /// Makes the `decoder` of a stream, which lives in this instance.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn open_decoder(&mut self, call: &Call, head: &Head) -> Result<ResourceAny, Fault> {
        self.tell_time(call);
        self.call(0, SMALL_OUTPUT, self.exports.open_decoder, (call, head))
    }

    /// `decoder.push`.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn push(&mut self, decoder: ResourceAny, events: Vec<Event>) -> Result<Delta, Fault> {
        let read = events.iter().map(|event| event.data.len()).sum();
        let push = match self.push {
            Some(push) => push,
            None => self.find(self.exports.push)?,
        };
        self.push = Some(push);
        self.run(read, read, body_output(read), |store| {
            push.call(store, (decoder, events))
        })
    }

    /// `decoder.finish`.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn finish(&mut self, decoder: ResourceAny) -> Result<Delta, Fault> {
        // It may go through all that it was pushed.
        let function = self.find(self.exports.finish)?;
        self.run(0, self.read, BODY_OUTPUT, |store| {
            function.call(store, (decoder,))
        })
    }

    /// The clock that a boxed guest sees.
    fn tell_time(&mut self, call: &Call) {
        let sandbox = self.store.data_mut();
        sandbox.now_ms = call.now_ms;
        if let Some(boxed) = &sandbox.boxed {
            boxed.set(call.now_ms);
        }
    }

    /// Finds a function and calls it. `read` is what it is handed, bytes, and `output` what it may hand back.
    fn call<P, R>(
        &mut self,
        read: usize,
        output: usize,
        at: ComponentExportIndex,
        given: P,
    ) -> Result<R, Fault>
    where
        P: ComponentNamedList + Lower,
        (R,): ComponentNamedList + Lift,
    {
        let function = self.find::<P, (R,)>(at)?;
        self.run(read, read, output, |store| function.call(store, given))
    }

    /// Its type was checked when the plugin was loaded; this does so again for this one function.
    fn find<P, R>(&mut self, at: ComponentExportIndex) -> Result<TypedFunc<P, R>, Fault>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        self.instance
            .get_typed_func(&mut self.store, at)
            .map_err(|_| Fault::NoInstance)
    }

    /// Runs a call that is handed `read` bytes and has `work` bytes to go through.
    fn run<R>(
        &mut self,
        read: usize,
        work: usize,
        output: usize,
        call: impl FnOnce(&mut Store<Sandbox>) -> wasmtime::Result<(R,)>,
    ) -> Result<R, Fault> {
        self.store.set_hostcall_fuel(output);
        let deadline = self.bounds.deadline_for(work);
        self.store.set_epoch_deadline(ticks(deadline));
        self.read = self.read.saturating_add(read);
        let running = self.ticker.call_begins();
        let before = thread_cpu();
        let started = Instant::now();
        let answer = call(&mut self.store);
        let cpu = thread_cpu().saturating_sub(before);
        drop(running);
        self.spent.calls += 1;
        self.spent.cpu_us += u64::try_from(cpu.as_micros()).unwrap_or(u64::MAX);
        answer
            .map(|(answer,)| answer)
            .map_err(|error| self.fault(&error, cpu, started.elapsed()))
    }

    fn fault(&self, error: &wasmtime::Error, cpu: Duration, wall: Duration) -> Fault {
        if self.store.data().refused {
            return Fault::Memory;
        }
        match error.downcast_ref() {
            Some(trap) => Fault::of_trap(trap, cpu),
            // It ended its program, which is the whole instance.
            None if error.is::<I32Exit>() => Fault::Trap,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_grows_with_the_input_to_four_times_its_length() {
        let bounds = Bounds {
            memory: 64 << 20,
            deadline: Duration::from_millis(250),
        };
        for (read, milliseconds) in [
            (0, 250),
            ((16 << 10) - 1, 250),
            (16 << 10, 251),
            (1 << 20, 314),
            (8 << 20, 762),
            (12 << 20, 1_000),
            (64 << 20, 1_000),
            (usize::MAX, 1_000),
        ] {
            let deadline = bounds.deadline_for(read);
            assert_eq!(deadline, Duration::from_millis(milliseconds), "{read}");
        }
    }
}
