//! An address that the user typed: of a local server, or of a gateway elsewhere.

use url::{Host, Url};

use super::path;
use crate::upstream::address::is_metadata;

/// Scheme, host, port and path prefix, checked. http and private addresses are fine, since the user typed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserBase {
    url: Url,
}

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseError {
    /// It is no URL.
    NotAUrl(String),
    /// Neither http nor https.
    Scheme(String),
    /// It holds a user name or password, a query or a fragment.
    Extra(&'static str),
    /// Its path is not in its plainest form.
    Path(&'static str),
    /// The address at which clouds tell a machine its secrets.
    Metadata,
}

impl std::fmt::Display for BaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAUrl(why) => write!(f, "the address is no URL ({why}); write it as http://127.0.0.1:8080/v1"),
            Self::Scheme(scheme) => write!(f, "the address begins with {scheme}:; it must be http: or https:"),
            Self::Extra(what) => write!(f, "the address holds {what}; leave it out (a key goes into --key)"),
            Self::Path(why) => write!(f, "the address's path {why}"),
            Self::Metadata => f.write_str("this is the address at which clouds tell a machine its secrets; it is never called"),
        }
    }
}

impl std::error::Error for BaseError {}

impl UserBase {
    /// Reads an address.
    ///
    /// # Errors
    /// See [`BaseError`].
    pub fn parse(text: &str) -> Result<Self, BaseError> {
        let mut url =
            Url::parse(text.trim()).map_err(|error| BaseError::NotAUrl(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BaseError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseError::Extra("a user name or password"));
        }
        if url.query().is_some() {
            return Err(BaseError::Extra("a query"));
        }
        if url.fragment().is_some() {
            return Err(BaseError::Extra("a fragment"));
        }
        let metadata = match url.host() {
            Some(Host::Ipv4(address)) => is_metadata(address.into()),
            Some(Host::Ipv6(address)) => is_metadata(address.into()),
            Some(Host::Domain(_)) | None => false,
        };
        if metadata {
            return Err(BaseError::Metadata);
        }
        let prefix = url.path().trim_end_matches('/').to_owned();
        if !prefix.is_empty() {
            path::plain(&prefix).map_err(BaseError::Path)?;
        }
        url.set_path(&prefix);
        Ok(Self { url })
    }

    /// The address with `path`, which is in its plainest form, below its own.
    pub(super) fn join(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let joined = format!("{}{path}", self.url.path().trim_end_matches('/'));
        url.set_path(&joined);
        url
    }
}

impl std::fmt::Display for UserBase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}
