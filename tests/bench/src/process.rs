//! A process under test: started, watched through /proc, ended.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running one; ended when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its start to the line that says it listens.
    pub(crate) start: Duration,
    /// The key it printed, if it printed one.
    pub(crate) key: Option<String>,
}

impl Process {
    /// Starts it and waits for `listening on http://…`.
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        let began = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {command:?}: {error}"))?;
        let mut key = None;
        let mut address = None;
        if let Some(out) = child.stdout.as_mut() {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if let Some(at) = line.find("freellmapi-") {
                    key = line[at..].split_whitespace().next().map(str::to_owned);
                }
                if let Some(base) = line.strip_prefix("listening on http://") {
                    address = base.trim_end_matches('/').parse().ok();
                    break;
                }
            }
        }
        let start = began.elapsed();
        match address {
            Some(address) => Ok(Process {
                child,
                address,
                start,
                key,
            }),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                Err(format!("{command:?} ended without listening"))
            }
        }
    }

    /// CPU time so far, microseconds: of every thread, from the scheduler's own count.
    pub(crate) fn cpu_us(&self) -> u64 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        tasks
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
            .filter_map(|stat| stat.split_whitespace().next()?.parse::<u64>().ok())
            .sum::<u64>()
            / 1000
    }

    /// Resident memory, kB.
    pub(crate) fn rss_kb(&self) -> u64 {
        std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default()
            .lines()
            .find_map(|line| {
                line.strip_prefix("VmRSS:")?
                    .split_whitespace()
                    .next()?
                    .parse()
                    .ok()
            })
            .unwrap_or(0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
