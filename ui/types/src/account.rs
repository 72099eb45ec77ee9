//! The account and its sessions.

use serde::{Deserialize, Serialize};

/// The header that carries [`Session::csrf`].
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Who is asking, and whether there is an account at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionState {
    /// Whether the account is yet to be made.
    pub setup: SetupState,
    /// `None`: not logged in.
    pub session: Option<Session>,
}

/// How far the first-run set-up is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupState {
    /// There is no account: `POST /api/setup` makes it with the code that the terminal shows.
    pub needed: bool,
    /// The fewest characters of a password.
    pub password_min: usize,
}

/// A session that is good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The account's e-mail address.
    pub email: String,
    /// For [`CSRF_HEADER`]; the same as long as the session lives.
    pub csrf: String,
    /// When it ends if it is not used. It is prolonged by use.
    pub expires_ms: i64,
    /// The server's version.
    pub version: String,
}

/// Makes the account.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// The one-time code from the terminal. Case, blanks and hyphens do not matter.
    pub code: String,
    /// What the owner logs in with.
    pub email: String,
    /// At least [`SetupState::password_min`] characters.
    pub password: String,
}

/// Logs in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Case does not matter.
    pub email: String,
    /// The account's password.
    pub password: String,
}

/// Changes the password.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password so far.
    pub current: String,
    /// The password from now on.
    pub new: String,
}
