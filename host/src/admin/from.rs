//! Where a request came from: the client's address, the host it asked for, and whether it came by https. What a proxy
//! says of that counts only if the operator named the proxy.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use ipnet::IpNet;
use url::Url;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct From {
    /// The client's, as far as it is known.
    pub(crate) address: IpAddr,
    /// It came by https to the proxy; this server itself speaks http.
    pub(super) https: bool,
    /// As the client wrote it, with its port.
    host: Option<String>,
}

impl From {
    /// Of a request. `proxies` are those whose word counts.
    pub(crate) fn of(request: &Parts, proxies: &[IpNet]) -> Self {
        let peer = request
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip())
            .to_canonical();
        let headers = &request.headers;
        let said = text(headers, header::HOST.as_str()).map(str::to_owned);
        let host = said.or_else(|| Some(request.uri.authority()?.to_string()));
        let trusted = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
        if !trusted(&peer) {
            return Self {
                address: peer,
                https: false,
                host,
            };
        }
        Self {
            address: forwarded_for(headers, trusted).unwrap_or(peer),
            https: last(headers, "x-forwarded-proto")
                .is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
            host: last(headers, "x-forwarded-host")
                .map(str::to_owned)
                .or(host),
        }
    }

    /// For limits: of IPv6, what one household has.
    pub(crate) fn neighbourhood(&self) -> String {
        match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let kept = u128::from(address) >> 64 << 64;
                format!("{}/64", Ipv6Addr::from(kept))
            }
        }
    }

    /// Whether a page of this very server sent it, as far as the browser tells. Other programs tell nothing.
    pub(super) fn is_own_page(&self, headers: &HeaderMap) -> bool {
        if let Some(origin) = headers.get(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or("null");
            return self
                .host
                .as_deref()
                .is_some_and(|host| is_same(origin, host));
        }
        match text(headers, "sec-fetch-site") {
            Some(site) => matches!(site, "same-origin" | "none"),
            None => true,
        }
    }
}

/// Whether an origin, as `https://example.org`, is at this host and port.
fn is_same(origin: &str, host: &str) -> bool {
    let Ok(origin) = Url::parse(origin) else {
        return false;
    };
    let Ok(own) = Url::parse(&format!("{}://{host}/", origin.scheme())) else {
        return false;
    };
    matches!(origin.scheme(), "http" | "https")
        && origin.host_str() == own.host_str()
        && origin.port_or_known_default() == own.port_or_known_default()
}

/// The last address in the chain that no trusted proxy has: what stands before it anybody may have written.
fn forwarded_for(headers: &HeaderMap, trusted: impl Fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let all: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for one in all.into_iter().rev() {
        let address = address(one.trim())?;
        if !trusted(&address) {
            return Some(address);
        }
    }
    None
}

fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address: IpAddr = match bare.unwrap_or(text).parse() {
        Ok(address) => address,
        Err(_) => text.parse::<SocketAddr>().ok()?.ip(),
    };
    Some(address.to_canonical())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The last value of a list: the nearest proxy's.
fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn from(peer: &str, headers: &[(&str, &str)]) -> (From, HeaderMap) {
        let mut request = Request::builder().uri("/api/session");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        parts.extensions.insert(ConnectInfo(peer));
        let proxies = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        (From::of(&parts, &proxies), parts.headers)
    }

    #[test]
    fn only_named_proxies_are_believed() {
        let chain = [
            ("host", "inner:3001"),
            ("x-forwarded-for", "1.1.1.1, 2.2.2.2"),
            ("x-forwarded-for", "10.0.0.7"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "llm.example.org"),
        ];
        let (stranger, _) = from("9.9.9.9", &chain);
        assert_eq!(stranger.address.to_string(), "9.9.9.9");
        assert!(!stranger.https);
        assert_eq!(stranger.host.as_deref(), Some("inner:3001"));
        let (known, _) = from("10.0.0.1", &chain);
        assert_eq!(known.address.to_string(), "2.2.2.2");
        assert!(known.https);
        assert_eq!(known.host.as_deref(), Some("llm.example.org"));
    }

    #[test]
    fn addresses_come_in_many_forms() {
        for (said, is) in [
            ("2.2.2.2:80", "2.2.2.2"),
            ("[2001:db8::1]:80", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("::ffff:3.3.3.3", "3.3.3.3"),
            ("unknown", "::1"),
            ("", "::1"),
        ] {
            let (from, _) = from("::1", &[("x-forwarded-for", said)]);
            assert_eq!(from.address.to_string(), is, "{said}");
        }
        let (from, _) = from("2001:db8:0:7::9", &[]);
        assert_eq!(from.neighbourhood(), "2001:db8:0:7::/64");
    }

    #[test]
    fn pages_of_others_are_told_apart() {
        for (headers, own) in [
            (&[("host", "a:3001")][..], true),
            (&[("host", "a:3001"), ("origin", "http://a:3001")], true),
            (&[("host", "A:3001"), ("origin", "http://a:3001")], true),
            (&[("host", "a"), ("origin", "http://a")], true),
            (&[("host", "a"), ("origin", "https://a:443")], true),
            (&[("host", "a:3001"), ("origin", "http://a:3002")], false),
            (&[("host", "a:3001"), ("origin", "http://b:3001")], false),
            (&[("host", "a"), ("origin", "http://a.evil")], false),
            (&[("host", "a"), ("origin", "null")], false),
            (&[("host", "a"), ("origin", "ftp://a")], false),
            (&[("origin", "http://a")], false),
            (&[("host", "a"), ("sec-fetch-site", "same-origin")], true),
            (&[("host", "a"), ("sec-fetch-site", "cross-site")], false),
            (&[("host", "a"), ("sec-fetch-site", "same-site")], false),
        ] {
            let (from, headers) = from("9.9.9.9", headers);
            assert_eq!(from.is_own_page(&headers), own, "{headers:?}");
        }
    }
}
