//! The server under test: a data folder of its own, one endpoint, and warm starts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

use crate::cells::MODEL;
use crate::processes::Process;

/// Warm starts to take the median of.
const WARM_STARTS: usize = 3;
/// How long the server is left alone before its memory at rest is read.
const REST: Duration = Duration::from_millis(500);

/// The running server. Its folder goes with it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) process: Process,
    /// The key that its clients use.
    pub(crate) key: String,
    pub(crate) figures: Start,
    _home: TempDir,
}

/// How it started and what it is when nobody asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// With an empty data folder.
    pub(crate) cold: Duration,
    /// With the folder of an earlier start: the median of some.
    pub(crate) warm: Duration,
    /// Resident bytes after a warm start.
    pub(crate) at_rest: u64,
}

/// What the server counts of its guests, from `/healthz`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Guests {
    #[serde(rename = "guest_calls_total")]
    pub(crate) calls: u64,
    #[serde(rename = "guest_cpu_us_total")]
    pub(crate) cpu_us: u64,
}

/// How to call the binary: in its home, with nothing inherited.
struct Caller {
    binary: PathBuf,
    home: PathBuf,
}

impl Server {
    /// Starts it cold, tells it of the upstream, and starts it warm.
    ///
    /// # Errors
    /// If any of that fails, with what the program says.
    pub(crate) async fn start(binary: &Path, upstream: &Process) -> Result<Self, String> {
        let home = tempfile::tempdir().map_err(text)?;
        let binary = std::fs::canonicalize(binary)
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let caller = Caller {
            binary,
            home: home.path().to_owned(),
        };
        let cold = caller.serve()?.started_in;
        let url = format!("http://{}/v1", upstream.address);
        caller.run(&["endpoint", "add", "mock", "--url", &url, "--model", MODEL])?;
        let key = caller.run(&["token", "show"])?;

        // The first start has compiled the plugins; another one makes sure of the endpoint too.
        drop(caller.serve()?);
        let mut warm = Vec::with_capacity(WARM_STARTS);
        for _ in 1..WARM_STARTS {
            warm.push(caller.serve()?.started_in);
        }
        let process = caller.serve()?;
        warm.push(process.started_in);
        warm.sort_unstable();

        tokio::time::sleep(REST).await;
        let figures = Start {
            cold,
            warm: warm[WARM_STARTS / 2],
            at_rest: process.resident().ok_or("the server's memory is unknown")?,
        };
        Ok(Self {
            process,
            key: key.trim().to_owned(),
            figures,
            _home: home,
        })
    }
}

impl Caller {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.env_clear().current_dir(&self.home).args([
            "--data-dir",
            "data",
            "--plugins-dir",
            "plugins",
        ]);
        command
    }

    fn serve(&self) -> Result<Process, String> {
        let log = std::fs::File::create(self.home.join("log")).map_err(text)?;
        let mut command = self.command();
        command.args(["serve", "--port", "0"]).stderr(log);
        Process::start(&mut command).map_err(|error| {
            let log = std::fs::read_to_string(self.home.join("log")).unwrap_or_default();
            format!("{error}\n{log}")
        })
    }

    /// What a command prints.
    fn run(&self, args: &[&str]) -> Result<String, String> {
        let output = self
            .command()
            .args(args)
            .stdin(Stdio::null())
            .output()
            .map_err(text)?;
        if output.status.success() {
            String::from_utf8(output.stdout).map_err(text)
        } else {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(format!("{}: {said}", args.join(" ")))
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
