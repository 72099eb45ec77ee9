//! Settings: flags before environment before file before default; checked once at start, every error named.

mod claude_models;
mod file;
mod policy;
mod provider_times;
mod timeouts;

use std::net::IpAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use url::Url;

pub use claude_models::{ClaudeModels, FAMILIES};
pub use file::{FileError, apply as apply_file};
pub use policy::{Policy, Rescue};
pub use provider_times::ProviderTimes;
pub use timeouts::Timeouts;

/// Where things lie, for every command.
#[derive(Debug, Clone)]
pub struct Places {
    /// The database, the `.env` with the encryption key, the compiled plugins.
    pub data: PathBuf,
    /// The plugins folder that is watched.
    pub plugins: PathBuf,
    /// Compiled plugins.
    pub cache: PathBuf,
}

impl Places {
    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("freellmapi.db")
    }
}

/// `api.groq.com=http://127.0.0.1:4001,…`: what is meant for a host is sent to a base of the operator's choosing.
///
/// # Errors
/// Says which entry is wrong.
pub fn upstream_map(text: &str) -> Result<Vec<(String, Url)>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let (host, base) = entry
                .split_once('=')
                .ok_or_else(|| format!("upstream map: {entry:?} is not HOST=URL"))?;
            let base = Url::parse(base)
                .map_err(|error| format!("upstream map: {base:?} is no URL: {error}"))?;
            if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
                return Err(format!(
                    "upstream map: {base} must begin with http:// or https://"
                ));
            }
            Ok((host.trim().to_owned(), base))
        })
        .collect()
}

/// `10.0.0.0/8,127.0.0.1`: addresses and networks.
///
/// # Errors
/// Says which entry is wrong.
pub fn trusted_proxies(text: &str) -> Result<Vec<IpNet>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let one = || Some(IpNet::from(entry.parse::<IpAddr>().ok()?));
            entry.parse().ok().or_else(one).ok_or_else(|| {
                format!("trusted proxies: {entry:?} is neither an IP address nor a network as 10.0.0.0/8")
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_addresses_and_networks() {
        let nets = trusted_proxies("10.0.0.0/8, 127.0.0.1,::1,").unwrap();
        let nets: Vec<String> = nets.iter().map(ToString::to_string).collect();
        assert_eq!(nets, ["10.0.0.0/8", "127.0.0.1/32", "::1/128"]);
        assert!(
            trusted_proxies("localhost")
                .unwrap_err()
                .contains("localhost")
        );
    }

    #[test]
    fn upstream_maps() {
        let map =
            upstream_map("a.example=http://127.0.0.1:1, b.example:8443=https://c/base ,").unwrap();
        assert_eq!(map.len(), 2);
        assert_eq!(map[0].0, "a.example");
        assert_eq!(map[1].1.as_str(), "https://c/base");
        assert!(upstream_map("").unwrap().is_empty());
        for bad in ["a.example", "a=ftp://b", "a=b"] {
            assert!(upstream_map(bad).is_err(), "{bad}");
        }
    }
}
