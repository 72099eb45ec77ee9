//! What a server is given before it starts.

use std::path::{Path, PathBuf};

use mock_upstream::Mock;

use crate::paths;
use crate::server::Server;

/// A server to be: its settings, plugins, endpoints and keys.
#[derive(Clone, Debug)]
pub struct Setup {
    pub(crate) env: Vec<(String, String)>,
    pub(crate) plugins: Vec<PathBuf>,
    /// Commands run before the first start.
    pub(crate) commands: Vec<Vec<String>>,
    /// Flags of `serve`.
    pub(crate) flags: Vec<String>,
    /// Names and texts of files in the folder where it runs.
    pub(crate) files: Vec<(String, String)>,
    map: Vec<String>,
}

/// A custom endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    name: String,
    url: String,
    rest: Vec<String>,
}

/// A key of a provider.
#[derive(Clone, Debug)]
pub struct Key {
    provider: String,
    rest: Vec<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

impl Setup {
    /// Custom endpoints only: the one plugin they need, granted.
    #[must_use]
    pub fn new() -> Self {
        Self::bare().official("openai-compatible")
    }

    /// No plugin at all; what is dropped in is granted at once.
    #[must_use]
    pub fn bare() -> Self {
        let setup = Self {
            env: Vec::new(),
            plugins: Vec::new(),
            commands: Vec::new(),
            flags: Vec::new(),
            files: Vec::new(),
            map: Vec::new(),
        };
        // One master secret, so that all servers share what was compiled.
        setup
            .env("PLUGIN_TRUST", "auto")
            .env("ENCRYPTION_KEY", "c0ffee00".repeat(8))
            .env("FREELLMAPI_CACHE_DIR", paths::cache().display())
    }

    /// Lets the server make its own master secret and compile for itself, as on a user's first start.
    #[must_use]
    pub fn own_secret(mut self) -> Self {
        let shared = ["ENCRYPTION_KEY", "FREELLMAPI_CACHE_DIR"];
        self.env
            .retain(|(name, _)| !shared.contains(&name.as_str()));
        self
    }

    /// Sets an environment variable; the last value counts.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl ToString) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_string()));
        self
    }

    /// Gives `serve` a flag.
    #[must_use]
    pub fn flag(mut self, name: &str, value: impl ToString) -> Self {
        self.flags.extend([name.to_owned(), value.to_string()]);
        self
    }

    /// Writes a file into the folder where the server runs.
    #[must_use]
    pub fn text(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.to_owned(), text.to_owned()));
        self
    }

    /// Puts an official plugin into the plugins folder.
    #[must_use]
    pub fn official(self, id: &str) -> Self {
        let path = paths::plugin(id);
        self.file(&path)
    }

    /// Puts this file into the plugins folder, under its own name.
    #[must_use]
    pub fn file(mut self, path: &Path) -> Self {
        self.plugins.push(path.to_owned());
        self
    }

    /// Adds an endpoint before the start.
    #[must_use]
    pub fn endpoint(self, endpoint: Endpoint) -> Self {
        self.command(endpoint.command())
    }

    /// Adds a provider's key before the start.
    #[must_use]
    pub fn key(self, key: Key) -> Self {
        self.command(key.command())
    }

    /// Sends what is meant for `host` to `mock`.
    #[must_use]
    pub fn map(mut self, host: &str, mock: &Mock) -> Self {
        self.map.push(format!("{host}={}", mock.url()));
        let map = self.map.join(",");
        self.env("FREELLMAPI_UPSTREAM_MAP", map)
    }

    /// Makes the folders, runs the commands and starts the server.
    pub async fn start(self) -> Server {
        Server::start(self).await
    }

    fn command(mut self, command: Vec<String>) -> Self {
        self.commands.push(command);
        self
    }
}

impl Endpoint {
    /// An endpoint at `mock`, whose models are discovered.
    #[must_use]
    pub fn new(name: &str, mock: &Mock) -> Self {
        Self::at(name, mock, "/v1")
    }

    /// An endpoint at `mock` under this path.
    #[must_use]
    pub fn at(name: &str, mock: &Mock, path: &str) -> Self {
        Self {
            name: name.to_owned(),
            url: format!("{}{path}", mock.url()),
            rest: Vec::new(),
        }
    }

    /// Names a model, so that none is discovered.
    #[must_use]
    pub fn model(self, id: &str) -> Self {
        self.with("--model", id)
    }

    /// The key that it wants.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.with("--key", key)
    }

    /// The lower, the earlier; 100 if none is told.
    #[must_use]
    pub fn priority(self, priority: u32) -> Self {
        self.with("--priority", &priority.to_string())
    }

    fn with(mut self, option: &str, value: &str) -> Self {
        self.rest.extend([option.to_owned(), value.to_owned()]);
        self
    }

    /// The command that adds it.
    #[must_use]
    pub fn command(self) -> Vec<String> {
        let words = ["endpoint", "add", &self.name, "--url", &self.url];
        let words = words.map(str::to_owned).into_iter();
        words.chain(self.rest).collect()
    }
}

impl Key {
    /// A key of `provider`.
    #[must_use]
    pub fn new(provider: &str, key: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            rest: vec!["--key".to_owned(), key.to_owned()],
        }
    }

    /// Nothing but the wish to use `provider`, which needs no key.
    #[must_use]
    pub fn keyless(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            rest: Vec::new(),
        }
    }

    /// A setting that goes with it.
    #[must_use]
    pub fn set(self, name: &str, value: &str) -> Self {
        self.with("--set", &format!("{name}={value}"))
    }

    /// The lower, the earlier; 100 if none is told.
    #[must_use]
    pub fn priority(self, priority: u32) -> Self {
        self.with("--priority", &priority.to_string())
    }

    fn with(mut self, option: &str, value: &str) -> Self {
        self.rest.extend([option.to_owned(), value.to_owned()]);
        self
    }

    /// The command that adds it.
    #[must_use]
    pub fn command(self) -> Vec<String> {
        let words = ["key", "add", &self.provider];
        let words = words.map(str::to_owned).into_iter();
        words.chain(self.rest).collect()
    }
}
