//! The processes under test: started, waited for, measured from outside, and killed on drop.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// What a process prints, once, when its port is open; its address follows.
pub(crate) const READY: &str = "listening on http://";

/// A child that listens. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Keeps the pipe open, so that a late line does not fail in the child.
    _printed: Lines<BufReader<ChildStdout>>,
    pub(crate) address: SocketAddr,
    /// From the spawn to the line that names the address.
    pub(crate) started_in: Duration,
}

/// CPU time by thread, in nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct Cpu(HashMap<u32, u64>);

impl Process {
    /// Starts `command` and waits for its [`READY`] line.
    ///
    /// # Errors
    /// If it cannot be started, or ends or closes its output before that line.
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let spawned = Instant::now();
        // Our own children end when this pipe does, also where nobody is left to drop them.
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        let lines = child.stdout.take().map(|out| BufReader::new(out).lines());
        let Some(mut lines) = lines else {
            kill(&mut child);
            return Err(format!("{name}: no output to read"));
        };
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix(READY)?.parse().ok());
        let started_in = spawned.elapsed();
        match address {
            Some(address) => Ok(Self {
                child,
                _printed: lines,
                address,
                started_in,
            }),
            None => {
                kill(&mut child);
                Err(format!("{name} ended without `{READY}…`"))
            }
        }
    }

    /// This program again, with another subcommand, as a process of its own.
    ///
    /// # Errors
    /// As [`Process::start`].
    pub(crate) fn own<S: AsRef<OsStr>>(args: &[S]) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        Self::start(Command::new(program).args(args))
    }

    /// The CPU time of its living threads. A thread that ends takes its time with it; a runtime's
    /// blocking threads end after 10 idle seconds, so over shorter rounds nothing is lost.
    pub(crate) fn cpu(&self) -> Cpu {
        let Ok(tasks) = fs::read_dir(format!("/proc/{}/task", self.child.id())) else {
            return Cpu::default();
        };
        let times = tasks.flatten().filter_map(|task| {
            let id = task.file_name().to_str()?.parse().ok()?;
            Some((id, run_time(&task.path())?))
        });
        Cpu(times.collect())
    }

    /// Resident memory in bytes; `None` where `/proc` does not tell.
    pub(crate) fn resident(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

impl Cpu {
    /// The time spent since `before`.
    pub(crate) fn since(&self, before: &Self) -> Duration {
        let spent = self.0.iter().map(|(id, &now)| {
            let then = before.0.get(id).copied().unwrap_or(0);
            now.saturating_sub(then)
        });
        Duration::from_nanos(spent.sum())
    }
}

/// Kills by id and reaps; a child that has already ended is only reaped.
fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// A thread's time on a CPU in nanoseconds: the first number of its `schedstat`.
fn run_time(task: &Path) -> Option<u64> {
    let text = fs::read_to_string(task.join("schedstat")).ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}
