//! Plugins: what is there, what it may do, and what it has cost.

use serde::{Deserialize, Serialize};

/// One version of a plugin that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginView {
    /// Its id; empty for a file that could not be asked.
    pub id: String,
    /// For people; empty likewise.
    pub title: String,
    /// Its own version; empty likewise.
    pub version: String,
    /// Hash of the file, 64 lower-case hexadecimal digits; empty for a file that cannot be read.
    pub sha256: String,
    /// Where it is.
    pub source: PluginSource,
    /// The name of its file; empty if it is in none.
    pub file: String,
    /// Shipped inside the server, by its hash.
    pub official: bool,
    /// What became of it.
    pub state: PluginState,
    /// Why it does not serve, where it is broken.
    pub error: Option<String>,
    /// Where it wants to send what.
    pub reach: Vec<ReachView>,
    /// The secrets that are put into what it sends.
    pub credentials: Vec<CredentialUse>,
    /// `pure` if it imports nothing, `boxed` if it was built for WASI and runs in an empty box; empty where it does
    /// not load.
    #[serde(default)]
    pub class: String,
    /// Its allowances beyond that, as `tools`.
    pub powers: Vec<String>,
    /// For the consent sheet: what it asks for and is not granted yet, one sentence each. Empty once it serves.
    pub asks: Vec<String>,
    /// The most memory of one call, bytes; 0 where it could not be asked.
    pub memory: u64,
    /// The longest one call may take, milliseconds.
    pub deadline_ms: u64,
    /// What the provider's terms say of use through a gateway; may be empty.
    pub terms: String,
    /// Models in its catalogue.
    pub models: usize,
    /// When the user granted this version; `None` for official ones, and those that were not.
    pub granted_ms: Option<i64>,
    /// Faults of its own since it was loaded. Three in ten minutes put it aside for ten.
    pub strikes: u64,
    /// It is put aside now for its faults.
    pub resting: bool,
    /// Its last fault since it was loaded, for people.
    pub last_fault: Option<String>,
    /// Calls into it since it was loaded.
    pub calls: u64,
    /// CPU time within it since it was loaded, microseconds; divide by `calls`.
    pub cpu_us: u64,
}

/// Where a version came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PluginSource {
    /// A file of the plugins folder.
    Inbox,
    /// Kept in the store.
    Installed,
    /// Inside the server's binary.
    Bundled,
}

/// What became of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PluginState {
    /// It serves.
    Active,
    /// It waits until the user grants what it asks for.
    NeedsConsent,
    /// It does not load, and why stands in `error`.
    Broken,
    /// The user switched it off.
    Disabled,
    /// Another version of the same plugin comes first.
    Shadowed,
}

/// A place that a plugin may send to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachView {
    /// A host name; `user-base` is the address that the user gives a custom endpoint.
    pub host: String,
    /// `GET`, `POST`, …
    pub methods: Vec<String>,
    /// The path's beginning.
    pub path: String,
}

/// A secret, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialUse {
    /// Its name.
    pub name: String,
    /// For people.
    pub label: String,
    /// The only hosts it is sent to.
    pub hosts: Vec<String>,
    /// `header:NAME` and `query:NAME`.
    pub placements: Vec<String>,
}

/// Consent to what a version asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantRequest {
    /// [`PluginView::sha256`] of the version whose wishes were shown. If another waits by now, nothing is granted (409).
    pub sha256: String,
}
