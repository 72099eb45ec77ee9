//! Connections to providers: reused, without redirects, and only to addresses that may be reached.

mod played;
mod resolve;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use rustls_platform_verifier::BuilderVerifierExt as _;
use url::{Host, Url};

use super::address::{is_metadata, is_public};
use super::place::Outgoing;
use crate::lanes;
pub use played::{Play, Played};
use resolve::{Blocked, Resolver};

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(90);

/// Settings of a client.
#[derive(Debug, Clone, Default)]
pub struct ClientSettings {
    /// To connect, TLS included.
    pub connect_timeout: Duration,
    /// What is meant for a host (as the guard saw it, with a port that is not the usual one) is sent to this base.
    pub map: Vec<(String, Url)>,
    /// What the server calls itself.
    pub user_agent: String,
}

/// Sends what has been checked and filled.
#[derive(Debug, Clone)]
pub struct Client(Way);

#[derive(Debug, Clone)]
enum Way {
    Network(Network),
    /// Nothing is sent.
    Played(Arc<dyn Play>),
}

#[derive(Debug, Clone)]
struct Network {
    /// By lane, so that what drives a connection is on the thread of the requests that use it.
    pools: Arc<[Pools]>,
    map: Arc<Vec<(String, Url)>>,
}

/// Connections, by where they may lead.
#[derive(Debug)]
struct Pools {
    /// For hosts of manifests: public addresses, TLS.
    public: reqwest::Client,
    /// For addresses that a user typed.
    typed: reqwest::Client,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendError {
    /// What went wrong.
    pub kind: SendErrorKind,
    /// For people: no query and no credential in it.
    pub message: String,
    /// The provider may have got the request.
    pub sent_maybe: bool,
}

/// See [`SendError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendErrorKind {
    /// No connection could be made.
    Connect,
    /// The host has an address that may not be reached.
    Refused,
    /// The connection was lost.
    Lost,
    /// It took too long.
    Timeout,
}

impl std::fmt::Display for SendError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SendError {}

/// No client could be made.
#[derive(Debug)]
pub struct ClientError(String);

impl std::fmt::Display for ClientError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no connections can be made: {}", self.0)
    }
}

impl std::error::Error for ClientError {}

impl Client {
    /// Makes one.
    ///
    /// # Errors
    /// A system without root certificates.
    pub fn new(settings: &ClientSettings) -> Result<Self, ClientError> {
        // Refused only if another part of the process has chosen one: then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The certificates are the same for all.
        let tls = tls()?;
        let build = |allowed: fn(std::net::IpAddr) -> bool| {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .user_agent(&settings.user_agent)
                .connect_timeout(settings.connect_timeout)
                .pool_idle_timeout(IDLE)
                .tcp_nodelay(true)
                .redirect(Policy::none())
                .referer(false)
                // The environment's proxy would see every prompt without the user having said so here.
                .no_proxy()
                .dns_resolver(Resolver::new(allowed))
                .build()
                .map_err(|error| ClientError(error.to_string()))
        };
        let pools = (0..=lanes::count()).map(|_| {
            Ok(Pools {
                public: build(is_public)?,
                typed: build(|address| !is_metadata(address))?,
            })
        });
        Ok(Self(Way::Network(Network {
            pools: pools.collect::<Result<_, ClientError>>()?,
            map: Arc::new(settings.map.clone()),
        })))
    }

    /// One that sends nothing: `player` gives the answers. All that comes before and after is as with the network.
    #[must_use]
    pub fn played(player: Arc<dyn Play>) -> Self {
        Self(Way::Played(player))
    }

    /// Whether nothing is sent, so that nobody need be waited for.
    #[must_use]
    pub fn is_played(&self) -> bool {
        matches!(self.0, Way::Played(_))
    }

    /// Sends, and waits for the status line. Dropping the future closes the connection.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn send(
        &self,
        outgoing: Outgoing,
        body: Bytes,
        media_type: Option<HeaderValue>,
    ) -> Result<reqwest::Response, SendError> {
        let mut headers = outgoing.headers;
        if let Some(media_type) = media_type {
            headers.entry(CONTENT_TYPE).or_insert(media_type);
        }
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("*/*"));
        let network = match &self.0 {
            Way::Network(network) => network,
            Way::Played(player) => {
                return player.play(Played {
                    method: outgoing.method,
                    url: outgoing.url,
                    headers,
                    body,
                });
            }
        };
        let (client, url) = network.route(outgoing.url, outgoing.private_ok)?;
        let mut request = client.request(outgoing.method, url).headers(headers);
        if !body.is_empty() {
            request = request.body(body);
        }
        request.send().await.map_err(|error| SendError::of(&error))
    }
}

/// The system's certificates and the protocols to be agreed on: one for all connections, which so resume one
/// another's sessions too.
fn tls() -> Result<rustls::ClientConfig, ClientError> {
    let mut tls = rustls::ClientConfig::builder()
        .with_platform_verifier()
        .map_err(|error| ClientError(error.to_string()))?
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

impl Network {
    /// Which client sends it, and where to.
    fn route(&self, url: Url, private_ok: bool) -> Result<(&reqwest::Client, Url), SendError> {
        let host = url.host_str().unwrap_or_default();
        let name = url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        if let Some((_, base)) = self.map.iter().find(|(mapped, _)| *mapped == name) {
            let mut moved = base.clone();
            moved.set_path(&format!(
                "{}{}",
                base.path().trim_end_matches('/'),
                url.path()
            ));
            moved.set_query(url.query());
            return Ok((&self.pools().typed, moved));
        }
        // A literal address is not resolved, so the resolver does not see it.
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            _ => None,
        };
        let allowed = literal.is_none_or(|address| private_ok && !is_metadata(address));
        if !allowed {
            return Err(SendError {
                kind: SendErrorKind::Refused,
                message: format!("{name} may not be reached"),
                sent_maybe: false,
            });
        }
        let pools = self.pools();
        Ok((
            if private_ok {
                &pools.typed
            } else {
                &pools.public
            },
            url,
        ))
    }

    /// Those of the caller's lane.
    fn pools(&self) -> &Pools {
        let lane = lanes::current();
        self.pools.get(lane).unwrap_or(&self.pools[0])
    }
}

impl SendError {
    fn of(error: &reqwest::Error) -> Self {
        let mut causes = Vec::new();
        let mut blocked = false;
        let mut cause = error.source();
        while let Some(inner) = cause {
            blocked |= inner.is::<Blocked>();
            causes.push(inner.to_string());
            cause = inner.source();
        }
        let why = causes.last().cloned().unwrap_or_default();
        let connect = error.is_connect();
        let (kind, message) = if blocked {
            (SendErrorKind::Refused, why)
        } else if error.is_timeout() {
            (
                SendErrorKind::Timeout,
                "the provider did not answer in time".to_owned(),
            )
        } else if connect {
            (
                SendErrorKind::Connect,
                format!("no connection to the provider: {why}"),
            )
        } else {
            (
                SendErrorKind::Lost,
                format!("the connection to the provider was lost: {why}"),
            )
        };
        Self {
            kind,
            message,
            sent_maybe: !connect && !blocked,
        }
    }
}
