//! The account: set-up, log-in, log-out, change of password. One file a verb.

pub(super) mod cookie;
mod login;
mod logout;
mod password;
mod session;
mod setup;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use freellmapi_types::Session;
use zeroize::Zeroizing;

use super::Admin;
use super::from::From;
use super::guard::{LIFE_MS, Visitor, csrf};
use super::limiter::{BY_ACCOUNT, BY_ADDRESS};
use super::refusal::Refusal;
use crate::account::passwords;
use crate::vault::hex;

pub(super) use login::login;
pub(super) use logout::{logout, logout_everywhere};
pub(super) use password::change;
pub(super) use session::session;
pub(super) use setup::set_up;

/// What attempts from here, at this account or code, count against.
fn allowances(from: &From, what: &str) -> [(String, u32); 2] {
    [
        (format!("address {}", from.neighbourhood()), BY_ADDRESS),
        // What a client calls an account may be long.
        (
            format!("at {}", what.chars().take(100).collect::<String>()),
            BY_ACCOUNT,
        ),
    ]
}

impl Admin {
    /// Counts an attempt, which [`Admin::was_right`] takes back.
    fn may_try(&self, allowances: &[(String, u32)]) -> Result<(), Refusal> {
        self.attempts
            .attempt(allowances, self.clock().now_ms())
            .map_err(Refusal::slow_down)
    }

    fn was_right(&self, allowances: &[(String, u32)]) {
        self.attempts.forgive(allowances);
    }

    /// The password once more, for what a stolen session must not do. `field` is the member that holds it.
    pub(super) async fn confirm(
        &self,
        visitor: &Visitor,
        from: &From,
        password: &str,
        field: &str,
    ) -> Result<(), Refusal> {
        let allowances = allowances(from, &visitor.email);
        self.may_try(&allowances)?;
        let account = self.store().account().await?;
        let stored = account
            .filter(|account| account.id == visitor.account_id)
            .map(|account| account.password);
        if password.len() > passwords::LONGEST
            || !passwords::matches(stored.as_deref(), password).await
        {
            let refusal = Refusal::new(
                StatusCode::FORBIDDEN,
                "wrong_password",
                "The password is wrong.",
            );
            return Err(refusal.at(field));
        }
        self.was_right(&allowances);
        Ok(())
    }

    /// A new session of this account, and its cookie.
    async fn begin(&self, account_id: &str, email: &str, from: &From) -> Result<Response, Refusal> {
        let mut chance = Zeroizing::new([0_u8; 32]);
        rand::fill(&mut chance[..]);
        let token = Zeroizing::new(hex(&chance[..]));
        let now_ms = self.clock().now_ms();
        let expires_ms = now_ms + LIFE_MS;
        let hash = self.vault.token_hash(&token);
        self.store()
            .add_session(&hash, account_id, now_ms, expires_ms)
            .await?;
        let session = Session {
            email: email.to_owned(),
            csrf: csrf(self, &token),
            expires_ms,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let cookie = [(header::SET_COOKIE, cookie::set(&token, from.https))];
        Ok((cookie, Json(session)).into_response())
    }
}
