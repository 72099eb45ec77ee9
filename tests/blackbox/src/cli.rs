//! The commands of the binary.

use std::ffi::OsStr;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// How long a command may take. The first one in a folder that shares no cache compiles all plugins, and the binary under
/// test is not optimised.
const DONE: Duration = Duration::from_secs(180);

/// What a command did.
#[derive(Clone, Debug)]
pub struct Ran {
    /// It ended with 0.
    pub ok: bool,
    /// What it printed, without blanks around it.
    pub stdout: String,
    /// What it told besides.
    pub stderr: String,
}

impl Ran {
    /// What it printed.
    ///
    /// # Panics
    /// If it failed.
    pub fn printed(self) -> String {
        assert!(self.ok, "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// All that it wrote.
    #[must_use]
    pub fn told(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}

/// Runs `command` to its end with this on its standard input.
pub(crate) async fn run<I>(mut command: Command, args: I, input: &str) -> Ran
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let told = format!("{:?}", command.as_std());
    let ran = async {
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that does not read may have ended already.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        child.wait_with_output().await
    };
    let ran = timeout(DONE, ran).await;
    let ran = ran.unwrap_or_else(|_| panic!("not done within {DONE:?}: {told}"));
    let output = ran.unwrap_or_else(|error| panic!("{told}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    Ran {
        ok: output.status.success(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}
