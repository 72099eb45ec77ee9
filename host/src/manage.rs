//! What a person does with keys, endpoints and plugins: behind the command line and the admin API alike.
//!
//! - [`fields`]: whether what was entered for a key is what its provider wants.
//! - [`keys`]: adding and testing keys; [`status`]: how they fare.
//! - [`endpoints`]: the user's own servers.
//! - [`import`]: many keys out of one text.
//! - [`plugins`]: consent, switches, uploads.
//! - [`routing`]: the strategy, profiles and aliases.

pub mod endpoints;
pub mod fields;
pub mod import;
pub mod keys;
pub mod plugins;
pub mod routing;
pub mod status;

use std::fmt;

use crate::store::StoreError;

/// Why something was not done.
#[derive(Debug)]
pub enum Refused {
    /// What was entered is wrong.
    Field {
        /// Which, as `secrets.api-key`.
        field: String,
        /// For people.
        message: String,
    },
    /// There is no such thing, as `key "key-1"`.
    Missing(String),
    /// There is one already.
    Taken {
        /// The field that says so.
        field: String,
        /// For people.
        message: String,
    },
    /// What was looked at is another by now, or is in no state for this.
    Changed(String),
    /// The server cannot do this as it is set up.
    Unable(String),
    /// The store failed.
    Store(StoreError),
    /// Something else of the server's own failed.
    Failed(String),
}

impl Refused {
    /// What was entered is wrong.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Field {
            field: field.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { message, .. }
            | Self::Taken { message, .. }
            | Self::Changed(message)
            | Self::Unable(message)
            | Self::Failed(message) => f.write_str(message),
            Self::Missing(what) => write!(f, "there is no {what}"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { what } => Self::Missing(what),
            StoreError::NameTaken { .. } => Self::Taken {
                field: "name".to_owned(),
                message: error.to_string(),
            },
            other => Self::Store(other),
        }
    }
}
