//! The unified keys, with which clients use this server.

use serde::{Deserialize, Serialize};

/// A unified key, without the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// `client-…`.
    pub id: String,
    /// For people.
    pub label: String,
    /// When it was made.
    pub created_ms: i64,
}

/// The account's password once more, for what a stolen session must not give away.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Password {
    /// The account's password.
    pub password: String,
}

/// A unified key itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenShown {
    /// `client-…`.
    pub id: String,
    /// `freellmapi-…`.
    pub token: String,
}
