//! The running binary.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::cli::{self, Ran};
use crate::client::{Client, Reply, Request, Streamed};
use crate::events::Events;
use crate::paths;
use crate::setup::Setup;

/// How long a start may take: it compiles plugins, while other tests do the same.
const START: Duration = Duration::from_secs(180);
/// How long an orderly stop may take.
const STOP: Duration = Duration::from_secs(30);

/// A server and the folder it lives in. Dropping it kills the one and deletes the other.
#[derive(Debug)]
pub struct Server {
    /// Talks to it, with its key. Clones may outlive a restart, which changes the port.
    pub client: Client,
    setup: Setup,
    home: TempDir,
    child: Option<Child>,
    /// What all starts so far printed on standard output.
    printed: Arc<Mutex<Vec<String>>>,
}

// Life.

impl Server {
    pub(crate) async fn start(setup: Setup) -> Self {
        let home = TempDir::new().expect("a temporary folder");
        std::fs::create_dir(home.path().join("plugins")).expect("a folder");
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self {
            client: Client {
                address: nowhere,
                key: String::new(),
            },
            setup,
            home,
            child: None,
            printed: Arc::default(),
        };
        for (name, text) in &server.setup.files {
            std::fs::write(server.home.path().join(name), text).expect("the folder can be written");
        }
        for path in server.setup.plugins.clone() {
            server.drop_in(&path);
        }
        for command in server.setup.commands.clone() {
            server.run(&command).await.printed();
        }
        server.restart().await;
        server
    }

    /// Starts it again in the same folder, after [`Server::stop`] or [`Server::kill9`].
    ///
    /// # Panics
    /// If it does not start.
    pub async fn restart(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_file())
            .expect("a log file");
        let mut child = self
            .command()
            .args(["serve", "--port", "0"])
            .args(&self.setup.flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("the server's binary runs");
        let stdout = child.stdout.take().expect("a pipe");
        self.child = Some(child);
        let mut lines = BufReader::new(stdout).lines();
        let listening = timeout(START, self.listening(&mut lines)).await;
        let address = listening.ok().flatten();
        self.client.address = address.expect("`listening on` an address, in time");
        let printed = Arc::clone(&self.printed);
        tokio::spawn(async move { while keep(&mut lines, &printed).await.is_some() {} });
        if self.client.key.is_empty() {
            self.client.key = match self.printed_key() {
                Some(key) => key,
                None => self.run(["token", "show"]).await.printed(),
            };
        }
    }

    /// Reads standard output until it tells the address.
    async fn listening(&self, lines: &mut Lines<BufReader<ChildStdout>>) -> Option<SocketAddr> {
        loop {
            let line = keep(lines, &self.printed).await?;
            if let Some((_, address)) = line.split_once("listening on http://") {
                return address.trim().trim_end_matches('/').parse().ok();
            }
        }
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Panics
    /// If it ends with a failure or not in time.
    pub async fn stop(&mut self) {
        let mut child = self.signal(Signal::TERM);
        let ended = timeout(STOP, child.wait()).await.expect("an end in time");
        let status = ended.expect("its status");
        assert!(status.success(), "{status}");
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    ///
    /// # Panics
    /// If it does not run.
    pub async fn kill9(&mut self) {
        let mut child = self.signal(Signal::KILL);
        child.wait().await.expect("its status");
    }

    fn signal(&mut self, signal: Signal) -> Child {
        let child = self.child.take().expect("it runs");
        let pid = child.id().and_then(|id| i32::try_from(id).ok());
        let pid = pid.and_then(Pid::from_raw).expect("it has not ended");
        kill_process(pid, signal).expect("the signal is sent");
        child
    }

    /// Whether the process is still the one that was started.
    ///
    /// # Panics
    /// If the system does not tell.
    pub fn is_alive(&mut self) -> bool {
        let child = self.child.as_mut();
        child.is_some_and(|child| child.try_wait().expect("its status").is_none())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let from = log.char_indices().rev().nth(6000).map_or(0, |(at, _)| at);
            eprintln!("---- the server's log, its end\n{}", &log[from..]);
        }
    }
}

// Talking.

impl Server {
    /// `POST /v1/chat/completions`, and its whole answer.
    pub async fn chat(&self, body: &Value) -> Reply {
        self.client.chat(body).await
    }

    /// The same, streamed, until its end.
    pub async fn chat_stream(&self, body: &Value) -> Events {
        self.client.chat_stream(body).await
    }

    /// `GET`, and its whole answer.
    pub async fn get(&self, target: &str) -> Reply {
        self.client.send(Request::get(target)).await
    }

    /// Runs a command of the binary in the server's folder.
    pub async fn run<I>(&self, args: I) -> Ran
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.run_with(args, "").await
    }

    /// The same, with something on its standard input.
    pub async fn run_with<I>(&self, args: I, input: &str) -> Ran
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        cli::run(self.command(), args, input).await
    }

    /// Runs a command in the server's folder with the environment of another setup.
    pub async fn run_as<I>(&self, setup: &Setup, args: I) -> Ran
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let mut command = self.command();
        command.envs(setup.env.iter().map(|(name, value)| (name, value)));
        cli::run(command, args, "").await
    }

    /// A command's output as JSON.
    ///
    /// # Panics
    /// If it fails or prints none.
    pub async fn json(&self, args: &[&str]) -> Value {
        let printed = self.run(args).await.printed();
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error} in {printed}"))
    }

    /// The binary with the server's environment and nothing of the test's own.
    fn command(&self) -> Command {
        let mut command = Command::new(paths::server());
        command
            .current_dir(self.home.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("NO_COLOR", "1")
            .env("FREELLMAPI_DATA_DIR", self.data())
            .env("PLUGINS_DIR", self.plugins())
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(self.setup.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Client {
    /// `POST /v1/chat/completions`, and its whole answer.
    pub async fn chat(&self, body: &Value) -> Reply {
        self.send(Request::post("/v1/chat/completions", body)).await
    }

    /// The same, streamed: returns once the head has come.
    pub async fn chat_open(&self, body: &Value) -> Streamed {
        let mut body = body.clone();
        body["stream"] = json!(true);
        self.open(Request::post("/v1/chat/completions", &body))
            .await
    }

    /// The same, until its end.
    ///
    /// # Panics
    /// If the answer is no stream.
    pub async fn chat_stream(&self, body: &Value) -> Events {
        let streamed = self.chat_open(body).await;
        if streamed.status != 200 {
            let reply = streamed.whole().await;
            panic!("no stream: {} {}", reply.status, reply.text());
        }
        let kind = streamed.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("text/event-stream"), "{kind}");
        streamed.rest().await
    }
}

// Looking.

impl Server {
    /// The folder of its database.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// The folder that it watches for plugins.
    #[must_use]
    pub fn plugins(&self) -> PathBuf {
        self.home.path().join("plugins")
    }

    /// The folder that holds all it keeps, its log included.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Copies a plugin into its folder, whole at once, as installers do.
    ///
    /// # Panics
    /// If the file cannot be copied.
    pub fn drop_in(&self, path: &Path) {
        let name = path.file_name().and_then(OsStr::to_str).expect("a name");
        self.drop_in_as(name, &std::fs::read(path).expect("the plugin"));
    }

    /// Writes a file into its plugins folder, whole at once.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn drop_in_as(&self, name: &str, bytes: &[u8]) {
        let half = self.home.path().join(format!("{name}.half"));
        std::fs::write(&half, bytes).expect("the folder can be written");
        std::fs::rename(&half, self.plugins().join(name)).expect("the plugins folder too");
    }

    /// What it wrote on standard error so far, over all starts.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.log_file()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How often it put a version of this plugin in place so far.
    #[must_use]
    pub fn placed(&self, id: &str) -> usize {
        let log = self.log();
        let placed = log.lines().filter(|line| line.contains("plugin in place"));
        placed
            .filter(|line| line.contains(&format!("plugin={id} ")))
            .count()
    }

    /// The lines it printed on standard output so far, over all starts.
    #[must_use]
    pub fn printed(&self) -> Vec<String> {
        let printed = self.printed.lock();
        printed.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first unified key that it printed.
    #[must_use]
    pub fn printed_key(&self) -> Option<String> {
        let printed = self.printed();
        printed.iter().find_map(|line| {
            let key = &line[line.find("freellmapi-")?..];
            let end = key.find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c));
            Some(key[..end.unwrap_or(key.len())].to_owned())
        })
    }

    fn log_file(&self) -> PathBuf {
        self.home.path().join("stderr.log")
    }
}

/// Reads a line and keeps it.
async fn keep(
    lines: &mut Lines<BufReader<ChildStdout>>,
    printed: &Mutex<Vec<String>>,
) -> Option<String> {
    let line = lines.next_line().await.ok().flatten()?;
    let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
    printed.push(line.clone());
    Some(line)
}
