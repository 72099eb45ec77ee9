//! The sandbox engine: wasmtime, with every limit that bounds all guests together.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};
use wasmtime::component::Linker;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::boxed;
use super::instance::Sandbox;
use super::ticker::Ticker;

/// Live instances at once. Each is one attempt's call or one running stream. At the cap further calls
/// queue (see `guests`). 1,000 streams and their requests fit with room to spare; an idle slot costs
/// address space, not memory. Override: `max_instances` of [`Limits`].
pub const MAX_INSTANCES: u32 = 2_000;

/// Memory that a manifest may ask for without the operator's leave, MiB. A guest that wants more is
/// refused at load. A foreign dialect needs about ten times the body it rewrites.
pub const MAX_MEMORY_MIB: u32 = 256;

/// What a slot keeps mapped between two guests, bytes. Page faults are most of the cost of a fresh
/// instance; with the kernel's page-map scan only what was written is cleared. Without the scan all of
/// it would be cleared each time, hence the smaller figure.
/// Guests have their stack first, a megabyte of which little is used, so data and heap lie beyond that.
const KEEP_RESIDENT_SCAN: usize = 4 << 20;
const KEEP_RESIDENT: usize = 128 << 10;

/// Likewise of a table, bytes: function pointers of an ordinary guest. Giving them back to the system interrupts
/// every other thread.
const KEEP_TABLE: usize = 16 << 10;

/// Slots that stay warm when nobody uses them: what a laptop at rest holds on to.
const WARM_SLOTS: u32 = 16;

/// Core instances, memories and tables in one component: 1 is what our toolchain makes, JavaScript and
/// Python components need dozens.
const CORE_INSTANCES_PER_COMPONENT: u32 = 64;

/// Tables in the pool per place of a guest. One is what our toolchain makes; a guest that needs more takes more
/// places (see [`places`]).
const TABLES_PER_PLACE: u32 = 2;

/// Places that no instance needs more than.
pub const MAX_PLACES: u32 = CORE_INSTANCES_PER_COMPONENT.div_ceil(TABLES_PER_PLACE);

/// Instances beyond [`MAX_INSTANCES`], for versions that are being loaded: these take no place, since a full house
/// must not keep a plugin from being mended.
const LOADERS: u32 = 64;

/// How far compiling steps back behind serving: a quarter of the scale.
#[cfg(target_os = "linux")]
const COMPILER_NICENESS: i32 = 5;

/// Bounds of the engine as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// See [`MAX_INSTANCES`].
    pub max_instances: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_instances: MAX_INSTANCES,
        }
    }
}

/// How many places an instance takes that needs so many tables. Chosen so that calls with a place always find a
/// free slot in the pool: nothing else in it is scarcer than places are.
#[must_use]
pub fn places(tables: u32) -> u32 {
    tables.div_ceil(TABLES_PER_PLACE).max(1)
}

/// The engine that all guests share.
pub struct Engine {
    wasm: wasmtime::Engine,
    linker: Linker<Sandbox>,
    /// Of boxed plugins, made when there is the first one.
    boxed: OnceLock<Option<Linker<Sandbox>>>,
    ticker: Ticker,
    pooled: bool,
    /// Threads that compile, made when the first one is needed.
    compilers: OnceLock<Option<ThreadPool>>,
}

/// Why there is no engine.
#[derive(Debug)]
pub struct EngineError(String);

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the plugin sandbox cannot start: {}", self.0)
    }
}

impl std::error::Error for EngineError {}

impl Engine {
    /// Makes the engine. Where the system refuses the address space that pooled slots reserve
    /// (a container with a limit on it), instances are allocated on demand and a warning says so.
    ///
    /// # Errors
    /// When neither way works.
    pub fn new(limits: Limits) -> Result<Self, EngineError> {
        let (wasm, pooled) = match wasmtime::Engine::new(&config(Some(limits))) {
            Ok(engine) => (engine, true),
            Err(refusal) => {
                tracing::warn!(
                    %refusal,
                    "no address space for pooled plugin instances; allocating on demand (slower)"
                );
                let engine = wasmtime::Engine::new(&config(None))
                    .map_err(|error| EngineError(error.to_string()))?;
                (engine, false)
            }
        };
        let ticker = Ticker::start(wasm.clone()).map_err(|error| EngineError(error.to_string()))?;
        Ok(Self {
            // Nothing is ever added: a pure plugin imports nothing.
            linker: Linker::new(&wasm),
            wasm,
            ticker,
            pooled,
            compilers: OnceLock::new(),
            boxed: OnceLock::new(),
        })
    }

    /// The wasmtime engine.
    #[must_use]
    pub fn wasm(&self) -> &wasmtime::Engine {
        &self.wasm
    }

    /// The empty linker.
    #[must_use]
    pub fn linker(&self) -> &Linker<Sandbox> {
        &self.linker
    }

    /// Does this on threads that give way to all others, so that no plugin which takes long to compile slows requests
    /// down. Waits for it.
    pub fn in_background<T: Send>(&self, job: impl FnOnce() -> T + Send) -> T {
        let pool = self.compilers.get_or_init(|| {
            ThreadPoolBuilder::new()
                .thread_name(|at| format!("compiler-{at}"))
                .start_handler(|_| give_way())
                .build()
                .ok()
        });
        match pool {
            Some(pool) => pool.install(job),
            None => job(),
        }
    }

    /// The linker of boxed plugins. `None` where it cannot be made, which depends on no plugin.
    #[must_use]
    pub fn boxed_linker(&self) -> Option<&Linker<Sandbox>> {
        let made = self.boxed.get_or_init(|| match boxed::linker(&self.wasm) {
            Ok(linker) => Some(linker),
            Err(error) => {
                tracing::error!(%error, "boxed plugins cannot run");
                None
            }
        });
        made.as_ref()
    }

    /// The thread that ends guests which run too long.
    #[must_use]
    pub fn ticker(&self) -> &Ticker {
        &self.ticker
    }

    /// Whether instances come from a pool.
    #[must_use]
    pub fn pooled(&self) -> bool {
        self.pooled
    }
}

/// Lowers the calling thread's priority, where the system has one for each thread.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, COMPILER_NICENESS) {
        tracing::debug!(%error, "compiling goes on at the usual priority");
    }
}

fn config(pool: Option<Limits>) -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.epoch_interruption(true);
    // A guest's stack is its own affair, but the host's threads carry it: 512 KiB of their 2 MiB.
    config.max_wasm_stack(512 << 10);
    // 4 GiB of reserved addresses a memory lets the compiler leave out bounds checks.
    config.memory_reservation(4 << 30);
    config.memory_guard_size(32 << 20);
    if let Some(limits) = pool {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool_config(limits)));
    }
    config
}

fn pool_config(limits: Limits) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    let count = limits.max_instances.saturating_add(LOADERS);
    pool.total_component_instances(count);
    // A mere count, which costs nothing: it must never be what runs out.
    pool.total_core_instances(count.saturating_mul(CORE_INSTANCES_PER_COMPONENT));
    pool.total_memories(count);
    // Addresses only, 160 kB a table.
    let loaders = LOADERS.saturating_mul(CORE_INSTANCES_PER_COMPONENT);
    let guests = limits.max_instances.saturating_mul(TABLES_PER_PLACE);
    pool.total_tables(guests.saturating_add(loaders));
    // Fibers, which no call of ours runs on: every call is synchronous.
    pool.total_stacks(1);
    pool.max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT);
    pool.max_memories_per_component(1);
    pool.max_tables_per_component(CORE_INSTANCES_PER_COMPONENT);
    pool.max_memory_size((MAX_MEMORY_MIB as usize) << 20);
    pool.table_elements(20_000);
    pool.max_unused_warm_slots(WARM_SLOTS);
    pool.table_keep_resident(KEEP_TABLE);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Yes);
        pool.linear_memory_keep_resident(KEEP_RESIDENT_SCAN);
    } else {
        pool.linear_memory_keep_resident(KEEP_RESIDENT);
    }
    pool
}

#[cfg(test)]
mod tests {
    use wasmtime::component::Component;

    use super::*;
    use crate::plugins::manifest::first_bounds;

    /// A component of so many core instances, at most 42 for the sizes to fit into bytes, each with so many tables.
    fn component(instances: u8, tables: u8) -> Vec<u8> {
        let section = |id: u8, entry: &[u8], count: u8| {
            let body = entry.repeat(count.into());
            let mut section = vec![id, u8::try_from(body.len() + 1).unwrap(), count];
            section.extend(body);
            section
        };
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        // Of function references, at least one.
        module.extend(section(4, &[0x70, 0, 1], tables));
        let mut component = b"\0asm\x0d\0\x01\0".to_vec();
        component.extend([1, u8::try_from(module.len()).unwrap()]);
        component.extend(module);
        // Each instantiates module 0 with no arguments.
        component.extend(section(2, &[0, 0, 0], instances));
        component
    }

    #[test]
    fn whoever_has_places_finds_room_in_the_pool() {
        let limits = Limits { max_instances: 8 };
        let engine = Engine::new(limits).unwrap();
        assert!(engine.pooled());
        for (instances, tables) in [(1, 1), (42, 0), (40, 1), (3, 1)] {
            let bytes = component(instances, tables);
            let component = Component::from_binary(engine.wasm(), &bytes).unwrap();
            let needs = component.resources_required().unwrap();
            assert_eq!(needs.num_tables, u32::from(instances) * u32::from(tables));
            let pre = engine.linker().instantiate_pre(&component).unwrap();
            // Places all taken, and then a full round of versions that are being loaded.
            let guests = limits.max_instances / places(needs.num_tables) + LOADERS;
            let live: Vec<_> = (0..guests)
                .map(|_| Sandbox::start(&engine, &pre, first_bounds()))
                .collect::<Result<_, _>>()
                .unwrap_or_else(|fault| panic!("{instances} × {tables}: {fault:?}"));
            drop(live);
        }
    }

    #[test]
    fn a_place_covers_the_tables_it_stands_for() {
        for tables in 0..=CORE_INSTANCES_PER_COMPONENT {
            let places = places(tables);
            assert!(places >= 1, "every instance takes a place");
            assert!(places * TABLES_PER_PLACE >= tables, "{tables} tables");
        }
        assert_eq!(places(1), 1, "an ordinary guest takes one");
    }
}
