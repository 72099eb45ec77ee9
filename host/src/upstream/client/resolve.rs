//! Looks up a host and keeps only the addresses that may be reached. As this is the client's only way to an address,
//! the one that was checked is the one that is connected to.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

#[derive(Debug, Clone)]
pub(super) struct Resolver {
    allowed: fn(IpAddr) -> bool,
}

/// All of a host's addresses are forbidden.
#[derive(Debug)]
pub(super) struct Blocked(String);

impl std::fmt::Display for Blocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} leads to an address that may not be reached", self.0)
    }
}

impl std::error::Error for Blocked {}

impl Resolver {
    pub(super) fn new(allowed: fn(IpAddr) -> bool) -> Arc<Self> {
        Arc::new(Self { allowed })
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let kept: Vec<SocketAddr> = found.filter(|address| allowed(address.ip())).collect();
            if kept.is_empty() {
                return Err(Blocked(name.as_str().to_owned()).into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;
    use crate::upstream::address::{is_metadata, is_public};

    #[tokio::test]
    async fn a_name_that_leads_home_is_blocked_where_only_the_public_is_allowed() {
        let name = || Name::from_str("localhost").unwrap();
        let blocked = Resolver::new(is_public).resolve(name()).await;
        assert!(blocked.err().is_some_and(|error| error.is::<Blocked>()));
        let typed = Resolver::new(|address| !is_metadata(address));
        assert!(typed.resolve(name()).await.unwrap().next().is_some());
    }
}
