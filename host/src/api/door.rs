//! What stands before the keys: pages of other sites that may call the API, and strangers who try one key after the other.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method};
use ipnet::IpNet;
use parking_lot::Mutex;
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::admin::from::From;

/// Wrong keys, each counted once, that one address may send in a window. A client with a key that was taken back sends
/// the same one again and again, and is no such stranger.
const MOST_KEYS: usize = 30;

/// How long a wrong key counts, milliseconds.
const WINDOW_MS: i64 = 15 * 60 * 1000;

/// Addresses that are remembered: some 500 bytes each at most.
const MOST_ADDRESSES: usize = 10_000;

/// How long a browser may keep the answer to its question.
const PREFLIGHT: Duration = Duration::from_secs(3_600);

/// Headers of answers that a page may read.
const SHOWN: [&str; 6] = [
    "retry-after",
    "request-id",
    "x-routed-via",
    "x-fallback-attempts",
    "x-fallback-trail",
    "www-authenticate",
];

/// Sites whose pages may call the API from a browser. They still need a key; no cookie of this server's counts here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Origins {
    /// None: browsers keep pages of other sites out.
    #[default]
    Own,
    /// These.
    These(Vec<HeaderValue>),
    /// Any.
    Any,
}

impl Origins {
    /// `https://chat.example.org,vscode-webview://abc`, or `*`.
    ///
    /// # Errors
    /// Says which entry is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut all = Vec::new();
        for entry in text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
        {
            if entry == "*" {
                return Ok(Self::Any);
            }
            let host = entry.split_once("://").map(|(_, host)| host);
            let good = host.is_some_and(|host| !host.is_empty() && !host.contains('/'));
            match HeaderValue::from_str(entry) {
                Ok(origin) if good => all.push(origin),
                _ => {
                    return Err(format!(
                        "CORS origins: {entry:?} is no origin as https://chat.example.org, without a path, and not *"
                    ));
                }
            }
        }
        Ok(if all.is_empty() {
            Self::Own
        } else {
            Self::These(all)
        })
    }

    /// What tells browsers so; `None` says nothing.
    pub(super) fn layer(&self) -> Option<CorsLayer> {
        let allowed = match self {
            Self::Own => return None,
            Self::These(all) => AllowOrigin::list(all.iter().cloned()),
            Self::Any => AllowOrigin::any(),
        };
        let methods = [Method::GET, Method::POST, Method::DELETE];
        Some(
            CorsLayer::new()
                .allow_origin(allowed)
                .allow_methods(methods)
                // SDKs send a dozen headers of their own.
                .allow_headers(Any)
                .expose_headers(SHOWN.map(HeaderName::from_static))
                .max_age(PREFLIGHT),
        )
    }
}

/// Who sent wrong keys of late. A request with a right key costs one load as long as nobody is shut out.
#[derive(Debug, Default)]
pub struct Strangers {
    /// Proxies whose word on the client's address counts.
    proxies: Vec<IpNet>,
    known: Mutex<HashMap<String, Tried>>,
    /// How many of them are shut out, or were; so that it need not be looked up while it is 0.
    shut_out: AtomicUsize,
}

#[derive(Debug)]
struct Tried {
    /// Hashes of wrong keys; not of use to find one.
    keys: HashSet<u64>,
    /// When the first of them came, milliseconds since 1970 UTC.
    since_ms: i64,
}

impl Strangers {
    /// `proxies`: whose word on the client's address counts.
    #[must_use]
    pub fn new(proxies: Vec<IpNet>) -> Self {
        Self {
            proxies,
            ..Self::default()
        }
    }

    /// How long this client is shut out yet, milliseconds.
    pub(super) fn wait_ms(&self, request: &Parts, now_ms: i64) -> Option<u64> {
        if self.shut_out.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let name = self.name(request)?;
        let known = self.known.lock();
        let tried = known.get(&name)?;
        (tried.keys.len() >= MOST_KEYS && tried.counts(now_ms))
            .then(|| u64::try_from(tried.since_ms + WINDOW_MS - now_ms).unwrap_or(0))
    }

    /// It sent a key that is none.
    pub(super) fn wrong(&self, request: &Parts, key: &str, now_ms: i64) {
        let Some(name) = self.name(request) else {
            return;
        };
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let mut known = self.known.lock();
        if known.len() >= MOST_ADDRESSES && !known.contains_key(&name) {
            known.retain(|_, tried| tried.counts(now_ms));
            if known.len() >= MOST_ADDRESSES {
                return;
            }
        }
        let fresh = || Tried {
            keys: HashSet::new(),
            since_ms: now_ms,
        };
        let tried = known.entry(name).or_insert_with(fresh);
        if !tried.counts(now_ms) {
            *tried = fresh();
        }
        if tried.keys.len() < MOST_KEYS {
            tried.keys.insert(hasher.finish());
            if tried.keys.len() == MOST_KEYS {
                self.shut_out.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// What an address counts as. Programs on this machine are none: behind a proxy that was not named, all users would be
    /// one of them.
    fn name(&self, request: &Parts) -> Option<String> {
        let from = From::of(request, &self.proxies);
        let near = |address: IpAddr| address.to_canonical().is_loopback();
        (!near(from.address)).then(|| from.neighbourhood())
    }
}

impl Tried {
    fn counts(&self, now_ms: i64) -> bool {
        // A clock that was set back must not lock anybody out.
        (self.since_ms..self.since_ms + WINDOW_MS).contains(&now_ms)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::extract::ConnectInfo;
    use axum::http::Request;

    use super::*;

    fn from(address: &str) -> Parts {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts
            .extensions
            .insert(ConnectInfo(SocketAddr::new(address.parse().unwrap(), 1)));
        parts
    }

    #[test]
    fn who_tries_many_keys_is_shut_out_for_a_while_and_alone() {
        let strangers = Strangers::default();
        for n in 0..MOST_KEYS {
            assert_eq!(strangers.wait_ms(&from("9.9.9.9"), 1_000), None, "{n}");
            strangers.wrong(&from("9.9.9.9"), &n.to_string(), 1_000);
        }
        assert_eq!(
            strangers.wait_ms(&from("9.9.9.9"), 2_000),
            Some(WINDOW_MS as u64 - 1_000)
        );
        assert_eq!(strangers.wait_ms(&from("9.9.9.8"), 2_000), None);
        assert_eq!(strangers.wait_ms(&from("9.9.9.9"), 1_000 + WINDOW_MS), None);
        strangers.wrong(&from("9.9.9.9"), "again", 1_000 + WINDOW_MS);
        assert_eq!(strangers.wait_ms(&from("9.9.9.9"), 1_001 + WINDOW_MS), None);
    }

    #[test]
    fn the_same_key_and_programs_on_this_machine_are_no_attack() {
        let strangers = Strangers::default();
        for n in 0..3 * MOST_KEYS {
            strangers.wrong(&from("9.9.9.9"), "taken back", 0);
            strangers.wrong(&from("127.0.0.1"), &n.to_string(), 0);
            strangers.wrong(&from("::ffff:127.0.0.1"), &n.to_string(), 0);
        }
        for address in ["9.9.9.9", "127.0.0.1", "::ffff:127.0.0.1"] {
            assert_eq!(strangers.wait_ms(&from(address), 1), None, "{address}");
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let strangers = Strangers::default();
        for n in 0..u32::try_from(MOST_ADDRESSES).unwrap() + 100 {
            strangers.wrong(
                &from(&std::net::Ipv4Addr::from(0x0900_0000 + n).to_string()),
                "k",
                0,
            );
        }
        assert!(strangers.known.lock().len() <= MOST_ADDRESSES);
    }

    #[test]
    fn origins_are_sites_without_a_path() {
        assert_eq!(Origins::parse(" ").unwrap(), Origins::Own);
        assert_eq!(
            Origins::parse("https://a.example, *").unwrap(),
            Origins::Any
        );
        let these = Origins::parse("https://a.example:8443,vscode-webview://abc").unwrap();
        assert!(matches!(these, Origins::These(all) if all.len() == 2));
        for wrong in ["a.example", "https://a.example/chat", "https://", "null"] {
            assert!(
                Origins::parse(wrong).unwrap_err().contains(wrong),
                "{wrong}"
            );
        }
    }
}
