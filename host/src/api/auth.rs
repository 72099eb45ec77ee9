//! Who may use the API: whoever holds the unified key.

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::Api;
use super::openai::error::OpenAiError;
use crate::store::ClientKey;
use crate::vault::Vault;

/// The client keys, by their hashes.
pub struct Tokens {
    vault: Vault,
    keys: ArcSwap<Vec<ClientKey>>,
}

/// The client key that a request came with.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: String,
}

impl Tokens {
    /// With these keys.
    #[must_use]
    pub fn new(vault: Vault, keys: Vec<ClientKey>) -> Self {
        Self {
            vault,
            keys: ArcSwap::from_pointee(keys),
        }
    }

    /// Takes the place of all keys so far.
    pub fn replace(&self, keys: Vec<ClientKey>) {
        self.keys.store(Arc::new(keys));
    }

    /// Whose token this is. Takes the same time for every wrong one.
    #[must_use]
    pub fn find(&self, token: &str) -> Option<Client> {
        let hash = self.vault.token_hash(token);
        let mut found = None;
        for key in self.keys.load().iter() {
            if bool::from(key.hash.ct_eq(&hash)) {
                found = Some(Client { id: key.id.clone() });
            }
        }
        found
    }
}

/// Lets only requests with a good token through.
pub(super) async fn require(
    State(api): State<Arc<Api>>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(token) = bearer(request.headers()) else {
        return OpenAiError::unauthorized(
            "No API key was sent. Send `Authorization: Bearer freellmapi-…`; `freellmapi token show` prints the key.",
        )
        .into_response();
    };
    match api.tokens.find(token) {
        Some(client) => {
            request.extensions_mut().insert(client);
            next.run(request).await
        }
        None => OpenAiError::unauthorized(
            "The API key is not one of this server's. `freellmapi token show` prints the right one.",
        )
        .into_response(),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_read_as_http_says() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("BEARER abc", Some("abc")),
            ("Basic abc", None),
            ("Bearer ", None),
            ("Bearer", None),
            ("abc", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(bearer(&headers), token, "{value:?}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
