//! A registry's index: which versions of which plugins there are, where their bytes lie and what those weigh. It is TOML
//! of schema 1; [`Signer`] puts signatures below it and [`Pin`] says whose are believed. Nothing of an index is a grant:
//! what a plugin asks for is read from the plugin, and `hosts` here is for people.

mod sign;

use std::collections::BTreeSet;
use std::fmt;

use semver::Version;
use serde::Deserialize;
use url::{Host, Url};

use super::component::MAX_COMPONENT_BYTES;
use super::manifest::{is_host, is_name};

pub use sign::{Pin, PublicKey, Signer, accept, signers};

/// The largest index that is read, bytes.
pub const MAX_INDEX_BYTES: usize = 4 << 20;
/// The most versions in one.
const MAX_ENTRIES: usize = 10_000;
/// The longest title, licence or address, bytes.
const MAX_TEXT: usize = 2048;

/// An index that was read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Rises with every signed edition. 0: this one never was meant to be signed.
    pub serial: u64,
    /// The key that later editions may be signed with instead.
    pub next_key: Option<PublicKey>,
    /// All versions, in the index's order.
    pub plugins: Vec<Entry>,
}

/// One version of one plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The manifest's id.
    pub id: String,
    /// For people.
    pub title: String,
    /// The plugin's own version.
    pub version: Version,
    /// Of the contract that it was built for.
    pub contract: Version,
    /// Hosts it asks for; `*` is one that the user types.
    pub hosts: Vec<String>,
    /// Names of the credentials it takes.
    pub credentials: Vec<String>,
    /// An SPDX expression.
    pub licence: String,
    /// Who signs this plugin, if the index says so.
    pub signer: Option<PublicKey>,
    /// Its bytes. `None` in an unsigned index only: it comes with the server.
    pub file: Option<File>,
}

/// Where a component is, and how to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// An https address, or a file's name beside the index.
    pub url: String,
    /// Of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its length, bytes.
    pub size: u64,
}

/// Why an index is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexError {
    /// More than [`MAX_INDEX_BYTES`], or not UTF-8.
    Unreadable(String),
    /// It is not what an index is; names the entry and the field.
    Malformed(String),
    /// Nobody who is believed signed these bytes.
    Untrusted(String),
    /// It is older than one that was seen, or another of the same serial.
    RolledBack {
        /// Of the newest that was seen.
        seen: u64,
        /// Of this one.
        serial: u64,
    },
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "the index cannot be read: {why}"),
            Self::Malformed(why) => write!(f, "this is no index of plugins: {why}"),
            Self::Untrusted(why) => write!(f, "the index is not to be trusted: {why}"),
            Self::RolledBack { seen, serial } if seen == serial => write!(
                f,
                "the index has the serial {serial} of one that was seen before, and other contents; ask whoever runs \
                 the registry"
            ),
            Self::RolledBack { seen, serial } => write!(
                f,
                "the index has the serial {serial}, and one with {seen} was seen before; an old index may hide a repair"
            ),
        }
    }
}

impl std::error::Error for IndexError {}

#[derive(Deserialize)]
struct Written {
    schema: u64,
    #[serde(default)]
    serial: u64,
    next_key: Option<String>,
    #[serde(default)]
    plugin: Vec<WrittenEntry>,
}

#[derive(Deserialize)]
struct WrittenEntry {
    id: String,
    title: String,
    version: String,
    contract: String,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    credentials: Vec<String>,
    licence: String,
    signer: Option<String>,
    url: Option<String>,
    sha256: Option<String>,
    size: Option<u64>,
}

impl Index {
    /// Reads an index without asking who signed it; [`accept`] does.
    ///
    /// # Errors
    /// [`IndexError::Unreadable`] and [`IndexError::Malformed`].
    pub fn read(bytes: &[u8]) -> Result<Self, IndexError> {
        if bytes.len() > MAX_INDEX_BYTES {
            return Err(IndexError::Unreadable(format!(
                "it has {} bytes, and at most {MAX_INDEX_BYTES} are read",
                bytes.len()
            )));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|_| IndexError::Unreadable("it is not UTF-8".to_owned()))?;
        let written: Written = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            IndexError::Malformed(format!("line {line}: {:?}", error.message()))
        })?;
        check(written).map_err(IndexError::Malformed)
    }

    /// The newest version of each plugin of which id or title holds all of these words, in any case; by id.
    #[must_use]
    pub fn search(&self, words: &[String]) -> Vec<&Entry> {
        let ids: BTreeSet<&str> = self.plugins.iter().map(|entry| entry.id.as_str()).collect();
        let newest = ids.into_iter().filter_map(|id| self.newest(id));
        newest
            .filter(|entry| {
                let about = format!("{} {}", entry.id, entry.title).to_lowercase();
                words
                    .iter()
                    .all(|word| about.contains(&word.to_lowercase()))
            })
            .collect()
    }

    /// The newest version of this plugin; one before its release only if there is no other.
    #[must_use]
    pub fn newest(&self, id: &str) -> Option<&Entry> {
        let of_id = self.plugins.iter().filter(|entry| entry.id == id);
        of_id.max_by_key(|entry| (entry.version.pre.is_empty(), &entry.version))
    }
}

fn check(written: Written) -> Result<Index, String> {
    if written.schema != 1 {
        return Err(format!(
            "it has schema {}, and this server reads schema 1; a newer server may read it",
            written.schema
        ));
    }
    if written.plugin.len() > MAX_ENTRIES {
        return Err(format!("it lists more than {MAX_ENTRIES} versions"));
    }
    let next_key = match &written.next_key {
        Some(text) => Some(text.parse().map_err(|why| format!("next_key: {why}"))?),
        None => None,
    };
    let mut seen = BTreeSet::new();
    let mut plugins = Vec::with_capacity(written.plugin.len());
    for (at, one) in written.plugin.into_iter().enumerate() {
        let entry = check_entry(one).map_err(|why| format!("plugin {}: {why}", at + 1))?;
        // A build's metadata makes no other version.
        let mut version = entry.version.clone();
        version.build = semver::BuildMetadata::EMPTY;
        if !seen.insert((entry.id.clone(), version)) {
            return Err(format!(
                "plugin {}: `{}` {} is there twice",
                at + 1,
                entry.id,
                entry.version
            ));
        }
        plugins.push(entry);
    }
    Ok(Index {
        serial: written.serial,
        next_key,
        plugins,
    })
}

fn check_entry(one: WrittenEntry) -> Result<Entry, String> {
    if !is_name(&one.id, 40) {
        return Err("id: 1 to 40 of a-z, 0-9 and `-`".to_owned());
    }
    for (field, text) in [("title", &one.title), ("licence", &one.licence)] {
        if text.is_empty() || !plain(text) {
            return Err(format!("{field}: a line of text"));
        }
    }
    if let Some(host) = one.hosts.iter().find(|host| *host != "*" && !is_host(host)) {
        return Err(format!(
            "hosts: {host:?} is neither the name of a host nor `*`"
        ));
    }
    if let Some(name) = one.credentials.iter().find(|name| !is_name(name, 40)) {
        return Err(format!(
            "credentials: {name:?}; 1 to 40 of a-z, 0-9 and `-`"
        ));
    }
    let signer = match &one.signer {
        Some(text) => Some(text.parse().map_err(|why| format!("signer: {why}"))?),
        None => None,
    };
    let file = match (one.url, one.sha256, one.size) {
        (None, None, None) => None,
        (Some(url), Some(sha256), Some(size)) => Some(check_file(url, sha256, size)?),
        _ => return Err("url, sha256 and size: all three or none".to_owned()),
    };
    Ok(Entry {
        id: one.id,
        title: one.title,
        version: version("version", &one.version)?,
        contract: version("contract", &one.contract)?,
        hosts: one.hosts,
        credentials: one.credentials,
        licence: one.licence,
        signer,
        file,
    })
}

fn check_file(url: String, sha256: String, size: u64) -> Result<File, String> {
    if !is_address(&url) {
        return Err(
            "url: an https address without user and password, or a file's name beside the index"
                .to_owned(),
        );
    }
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if sha256.len() != 64 || !sha256.bytes().all(is_hex) {
        return Err("sha256: 64 lower-case hexadecimal digits".to_owned());
    }
    if size == 0 || size > MAX_COMPONENT_BYTES {
        return Err(format!("size: 1 to {MAX_COMPONENT_BYTES} bytes"));
    }
    Ok(File { url, sha256, size })
}

fn version(field: &str, text: &str) -> Result<Version, String> {
    Version::parse(text).map_err(|_| format!("{field}: {text:?} is no version such as 1.2.0"))
}

/// Fit for a terminal: no line break, no control sequence, nothing that turns text around.
fn plain(text: &str) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.len() <= MAX_TEXT && !text.chars().any(hidden)
}

fn is_address(text: &str) -> bool {
    if text.is_empty() || text.len() > MAX_TEXT || !text.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return false;
    }
    if !text.contains([':', '/', '\\', '?', '#', '%']) {
        return !text.starts_with('.');
    }
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    // A registry on this very machine needs no certificate.
    let here = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    };
    (url.scheme() == "https" || (url.scheme() == "http" && here))
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

#[cfg(test)]
mod tests;
