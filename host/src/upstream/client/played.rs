//! A stand-in for the network: what would be sent goes to it, and what it gives counts as what came.

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::Url;

use super::SendError;

/// A request as it would go out, credentials filled in. Its `Debug` shows none.
pub struct Played {
    /// `GET`, `POST`, …
    pub method: Method,
    /// With the query, in which a credential may be.
    pub url: Url,
    /// Those that carry a credential are marked as sensitive.
    pub headers: HeaderMap,
    /// Empty where there is none.
    pub body: Bytes,
}

/// Answers in the place of providers.
pub trait Play: std::fmt::Debug + Send + Sync {
    /// What comes back.
    ///
    /// # Errors
    /// Nothing comes.
    fn play(&self, request: Played) -> Result<reqwest::Response, SendError>;
}

impl std::fmt::Debug for Played {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Played")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}
