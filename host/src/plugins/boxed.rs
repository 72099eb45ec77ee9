//! The box: what a component is given that a toolchain burdened with WASI 0.2. It holds nothing. There is no argument,
//! variable, file or socket in it; input is at its end, output goes nowhere and has an end too; the clock stands at the
//! call's time; random numbers are the same every time; and nobody ever waits. So a boxed plugin is a function of what
//! it is handed, as a pure one is, and a call of it ends at the same deadline.
//!
//! Nothing of this is made for a pure plugin.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::cli::WasiCli;
use wasmtime_wasi::clocks::WasiClocks;
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::sync::io::{poll, streams};
use wasmtime_wasi::p2::bindings::{cli, clocks, random};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::random::{WasiRandom, WasiRandomCtx};
use wasmtime_wasi::{
    HostMonotonicClock, HostWallClock, ResourceTable, WasiCtx, WasiCtxBuilder, WasiCtxView,
    WasiView,
};

use super::instance::Sandbox;

/// The interfaces that a boxed plugin may import, without their versions.
const ALLOWED: [&str; 18] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// What one instance may write, bytes.
const OUTPUT: usize = 64 << 10;

/// What one instance may hold of streams and the like.
const RESOURCES: usize = 256;

/// Random bytes that are given at once.
const RANDOM: u64 = 64 << 10;

/// One instance's box. Made when the guest first asks for something.
pub struct Boxed {
    context: WasiCtx,
    table: ResourceTable,
    now_ms: Arc<AtomicU64>,
}

/// The call's time, milliseconds since 1970 UTC.
struct CallTime(Arc<AtomicU64>);

/// Streams and errors.
struct Io;

/// What could be waited for, always ready.
struct Ready<'a>(&'a mut ResourceTable);

/// Whether an import, with or without a version, is in the box.
#[must_use]
pub fn allows(import: &str) -> bool {
    let (name, version) = import.split_once('@').unwrap_or((import, ""));
    ALLOWED.contains(&name) && version.starts_with("0.2.")
}

/// The linker of boxed plugins.
///
/// # Errors
/// None that depends on a plugin.
pub fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Sandbox>> {
    let mut linker = Linker::new(engine);
    let to = &mut linker;
    wasmtime_wasi_io::bindings::wasi::io::error::add_to_linker::<Sandbox, Io>(to, table)?;
    poll::add_to_linker::<Sandbox, Ready<'static>>(to, ready)?;
    streams::add_to_linker::<Sandbox, Io>(to, table)?;
    clocks::wall_clock::add_to_linker::<Sandbox, WasiClocks>(to, wasi_clocks)?;
    clocks::monotonic_clock::add_to_linker::<Sandbox, WasiClocks>(to, wasi_clocks)?;
    random::random::add_to_linker::<Sandbox, WasiRandom>(to, wasi_random)?;
    random::insecure::add_to_linker::<Sandbox, WasiRandom>(to, wasi_random)?;
    random::insecure_seed::add_to_linker::<Sandbox, WasiRandom>(to, wasi_random)?;
    cli::environment::add_to_linker::<Sandbox, WasiCli>(to, wasi_cli)?;
    cli::exit::add_to_linker::<Sandbox, WasiCli>(to, wasi_cli)?;
    cli::stdin::add_to_linker::<Sandbox, WasiCli>(to, wasi_cli)?;
    cli::stdout::add_to_linker::<Sandbox, WasiCli>(to, wasi_cli)?;
    cli::stderr::add_to_linker::<Sandbox, WasiCli>(to, wasi_cli)?;
    cli::terminal_input::add_to_linker::<Sandbox, WasiCli>(to, wasi_cli)?;
    cli::terminal_output::add_to_linker::<Sandbox, WasiCli>(to, wasi_cli)?;
    cli::terminal_stdin::add_to_linker::<Sandbox, WasiCli>(to, wasi_cli)?;
    cli::terminal_stdout::add_to_linker::<Sandbox, WasiCli>(to, wasi_cli)?;
    cli::terminal_stderr::add_to_linker::<Sandbox, WasiCli>(to, wasi_cli)?;
    Ok(linker)
}

fn table(sandbox: &mut Sandbox) -> &mut ResourceTable {
    sandbox.ctx().table
}

fn ready(sandbox: &mut Sandbox) -> Ready<'_> {
    Ready(table(sandbox))
}

fn wasi_random(sandbox: &mut Sandbox) -> &mut WasiRandomCtx {
    sandbox.ctx().ctx.random()
}

fn wasi_clocks(sandbox: &mut Sandbox) -> wasmtime_wasi::clocks::WasiClocksCtxView<'_> {
    wasmtime_wasi::clocks::WasiClocksView::clocks(sandbox)
}

fn wasi_cli(sandbox: &mut Sandbox) -> wasmtime_wasi::cli::WasiCliCtxView<'_> {
    wasmtime_wasi::cli::WasiCliView::cli(sandbox)
}

impl Boxed {
    /// An empty one, whose clock shows this.
    #[must_use]
    pub fn at(now_ms: u64) -> Self {
        let now_ms = Arc::new(AtomicU64::new(now_ms));
        let time = || CallTime(Arc::clone(&now_ms));
        let context = WasiCtxBuilder::new()
            .stdout(MemoryOutputPipe::new(OUTPUT))
            .stderr(MemoryOutputPipe::new(OUTPUT))
            .secure_random(StdRng::seed_from_u64(1))
            .insecure_random(StdRng::seed_from_u64(2))
            .insecure_random_seed(3)
            .max_random_size(RANDOM)
            .wall_clock(time())
            .monotonic_clock(time())
            .build();
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES);
        Self {
            context,
            table,
            now_ms,
        }
    }

    /// Sets its clock.
    pub fn set(&self, now_ms: u64) {
        self.now_ms.store(now_ms, Ordering::Relaxed);
    }

    pub(super) fn view(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.context,
            table: &mut self.table,
        }
    }
}

impl HostWallClock for CallTime {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

impl HostMonotonicClock for CallTime {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed).saturating_mul(1_000_000)
    }
}

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

impl HasData for Ready<'static> {
    type Data<'a> = Ready<'a>;
}

impl poll::Host for Ready<'_> {
    fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> wasmtime::Result<Vec<u32>> {
        (0..pollables.len())
            .map(|at| u32::try_from(at).map_err(wasmtime::Error::from))
            .collect()
    }
}

impl poll::HostPollable for Ready<'_> {
    fn ready(&mut self, _: Resource<DynPollable>) -> wasmtime::Result<bool> {
        Ok(true)
    }

    fn block(&mut self, _: Resource<DynPollable>) -> wasmtime::Result<()> {
        Ok(())
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        poll::HostPollable::drop(self.0, pollable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_reach_anything_is_in_the_box() {
        for good in ["wasi:io/streams@0.2.6", "wasi:cli/exit@0.2.0"] {
            assert!(allows(good), "{good}");
        }
        for bad in [
            "wasi:io/streams",
            "wasi:io/streams@0.3.0",
            "wasi:sockets/tcp@0.2.6",
            "wasi:http/outgoing-handler@0.2.6",
            "wasi:filesystem/types@0.2.6",
            "wasi:filesystem/preopens@0.2.6",
            "wasi:io/streams-of-my-own@0.2.6",
            "freellmapi:host/vault@0.1.0",
            "",
        ] {
            assert!(!allows(bad), "{bad}");
        }
    }
}
