//! Who may use the API: whoever holds the unified key.

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use subtle::ConstantTimeEq;

use super::Api;
use super::dialect::Dialect;
use super::problem::{Problem, ProblemKind};
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
    /// What the client calls the conversation, if it says.
    pub session: Option<String>,
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
                found = Some(Client {
                    id: key.id.clone(),
                    session: None,
                });
            }
        }
        found
    }
}

/// Lets only requests with a good token through; refuses others in the dialect of their path.
pub(super) async fn require(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let now_ms = api.gateway.clock.now_ms();
    let (head, body) = request.into_parts();
    let wait_ms = api.strangers.wait_ms(&head, now_ms);
    let mut request = Request::from_parts(head, body);
    if wait_ms.is_some() {
        return Dialect::of_request(&request).refuse(&Problem {
            retry_after_ms: wait_ms,
            ..Problem::new(
                ProblemKind::ShutOut,
                "Too many wrong API keys came from this address; come back later.",
            )
        });
    }
    let mut sent = None;
    let in_query = match Dialect::of_request(&request) {
        Dialect::Gemini => request.uri().query().and_then(query_key),
        _ => None,
    };
    let found = tokens(request.headers())
        .chain(in_query.as_deref())
        .find_map(|token| {
            sent.get_or_insert(token);
            api.tokens.find(token)
        });
    if let Some(mut client) = found {
        client.session = session(request.headers());
        request.extensions_mut().insert(client);
        return next.run(request).await;
    }
    let message = if let Some(token) = sent.map(str::to_owned) {
        let (head, body) = request.into_parts();
        api.strangers.wrong(&head, &token, now_ms);
        request = Request::from_parts(head, body);
        "The API key is not one of this server's. `freellmapi token show` prints the right one."
    } else {
        "No API key was sent. Send `Authorization: Bearer freellmapi-…`; `freellmapi token show` prints the key."
    };
    Dialect::of_request(&request).refuse(&Problem::new(ProblemKind::Unauthorized, message))
}

/// Whether a request came with any token, good or not.
pub(super) fn has_token(headers: &HeaderMap) -> bool {
    tokens(headers).next().is_some()
}

/// Where clients name the conversation: whoever wants to, and agents of their own accord.
const SESSIONS: [&str; 4] = [
    "x-session-id",
    "x-claude-code-session-id",
    "x-codex-session-id",
    "session-id",
];

pub(super) fn session(headers: &HeaderMap) -> Option<String> {
    SESSIONS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::trim)
        .find(|id| !id.is_empty())
        .map(str::to_owned)
}

/// The tokens that a request came with, wherever its client puts them: some put a dummy into one place and the
/// right one into another.
fn tokens(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let bare = |name: &'static str| headers.get(name)?.to_str().ok().map(str::trim);
    [bearer(headers), bare("x-api-key"), bare("x-goog-api-key")]
        .into_iter()
        .flatten()
        .filter(|token| !token.is_empty())
}

/// Google's clients may put the key into the address. Nothing here logs an address.
fn query_key(query: &str) -> Option<String> {
    let (_, key) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "key")?;
    (!key.is_empty()).then(|| key.into_owned())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
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
            assert_eq!(tokens(&headers).next(), token, "{value:?}");
        }
        assert_eq!(tokens(&HeaderMap::new()).next(), None);
    }
}
