//! Who is let through: the owner's session, and a change only from the dashboard's own page.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use freellmapi_types::CSRF_HEADER;
use subtle::ConstantTimeEq;

use super::Admin;
use super::account::cookie;
use super::from::From;
use super::refusal::Refusal;
use crate::vault::hex;

/// How long a session lives without use, milliseconds.
pub(super) const LIFE_MS: i64 = 30 * 24 * 3_600 * 1000;

/// A session that was used is prolonged this often at most: each time is a write, and a new cookie.
const PROLONG_MS: i64 = 3_600 * 1000;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Who is logged in.
    Owner,
    /// Everybody: what leads to a session.
    Anybody,
}

/// A session that is good.
#[derive(Clone)]
pub(super) struct Visitor {
    pub(super) account_id: String,
    pub(super) email: String,
    /// What the store knows it by.
    pub(super) hash: [u8; 32],
    /// The proof that a change comes from the dashboard's own page.
    pub(super) csrf: String,
    pub(super) expires_ms: i64,
}

/// A route's guard.
pub(super) async fn guard(
    State((admin, access)): State<(Arc<Admin>, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut head, body) = request.into_parts();
    let from = From::of(&head, &admin.proxies);
    let mut renewed = None;
    let checked = check(&admin, access, &from, &head, &mut renewed).await;
    let mut response = match checked {
        Ok(visitor) => {
            let https = from.https;
            head.extensions.insert(from);
            if let Some(visitor) = visitor {
                head.extensions.insert(visitor);
            }
            let mut response = next.run(Request::from_parts(head, body)).await;
            let headers = response.headers_mut();
            // A log-out's own cookie stays.
            if let Some(token) = renewed
                && !headers.contains_key(header::SET_COOKIE)
            {
                headers.insert(header::SET_COOKIE, cookie::set(&token, https));
            }
            response
        }
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    let no_store = HeaderValue::from_static("no-store");
    headers.insert(header::CACHE_CONTROL, no_store);
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

async fn check(
    admin: &Admin,
    access: Access,
    from: &From,
    head: &Parts,
    renewed: &mut Option<String>,
) -> Result<Option<Visitor>, Refusal> {
    let changes = !matches!(head.method, Method::GET | Method::HEAD);
    let visitor = match cookie::read(&head.headers) {
        Some(token) => visitor(admin, token, renewed).await?,
        None => None,
    };
    if access == Access::Owner && visitor.is_none() {
        return Err(Refusal::not_logged_in());
    }
    if changes && !from.is_own_page(&head.headers) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "bad_origin",
            "This request comes from another site's page. Open the dashboard at this server's own address; behind a \
             proxy, name it in FREELLMAPI_TRUSTED_PROXIES.",
        ));
    }
    if changes
        && access == Access::Owner
        && let Some(visitor) = &visitor
        && !has_proof(&head.headers, visitor)
    {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "bad_csrf",
            format!(
                "A change needs the header `{CSRF_HEADER}` with the value that GET /api/session gives. Load the page \
                 again."
            ),
        ));
    }
    Ok(visitor)
}

/// Whose session a cookie is.
async fn visitor(
    admin: &Admin,
    token: &str,
    renewed: &mut Option<String>,
) -> Result<Option<Visitor>, Refusal> {
    let hash = admin.vault.token_hash(token);
    let now_ms = admin.clock().now_ms();
    let Some(row) = admin.store().session(&hash, now_ms).await? else {
        return Ok(None);
    };
    let mut expires_ms = row.expires_ms;
    if now_ms + LIFE_MS - expires_ms > PROLONG_MS {
        expires_ms = now_ms + LIFE_MS;
        admin.store().prolong_session(&hash, expires_ms).await?;
        *renewed = Some(token.to_owned());
    }
    Ok(Some(Visitor {
        account_id: row.account_id,
        email: row.email,
        hash,
        csrf: csrf(admin, token),
        expires_ms,
    }))
}

/// Follows from the cookie, which a page of another site can send but not read. The word before it keeps it apart from
/// the hash that the store has.
pub(super) fn csrf(admin: &Admin, token: &str) -> String {
    hex(&admin.vault.token_hash(&format!("csrf/{token}")))
}

fn has_proof(headers: &HeaderMap, visitor: &Visitor) -> bool {
    headers
        .get(CSRF_HEADER)
        .is_some_and(|given| bool::from(given.as_bytes().ct_eq(visitor.csrf.as_bytes())))
}
