//! The egress guard: a plugin's plan is held against what the user granted, before any credential is near.

mod base;
mod check;
mod grant;
mod path;

#[cfg(test)]
mod tests;

use http::Method;
use url::Url;

pub use base::{BaseError, UserBase};
pub use check::check;
pub use grant::{CredentialRule, Grant, Reach, USER_BASE};

/// Where a request is to go and with which headers, in a plugin's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Scheme, host and port.
    pub origin: Origin,
    /// Percent-encoded, from `/`.
    pub path: String,
    /// Raw names and values.
    pub query: Vec<Field>,
    /// Lower-case names.
    pub headers: Vec<Field>,
}

/// See [`Plan`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `https://` and this host.
    Host(String),
    /// The address the user typed.
    UserBase,
}

/// A header or a query parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its text, or a hole for it.
    pub value: FieldValue,
}

/// See [`Field`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// Known to the plugin.
    Text(String),
    /// Filled in by the host.
    Secret {
        /// Of a credential of the manifest.
        name: String,
        /// Put before it.
        prefix: String,
        /// Put after it.
        suffix: String,
    },
}

/// A plan that keeps to the grant. Only [`check`] makes one.
#[derive(Debug, Clone)]
pub struct Checked {
    pub(super) method: Method,
    /// Without the query.
    pub(super) url: Url,
    pub(super) query: Vec<Field>,
    pub(super) headers: Vec<Field>,
    /// The user typed the address, so it may be private and without TLS.
    pub(super) private_ok: bool,
}

/// Why a plan is refused. Holds names and hosts, never a value that could be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Not one of the contract's methods.
    Method(String),
    /// No granted reach has this host.
    Host(String),
    /// The host is granted, but not with this method and path.
    Reach {
        /// The method.
        method: String,
        /// The host and the path.
        target: String,
    },
    /// The path is not in its plainest form.
    Path(&'static str),
    /// A setting that host or path need is empty or not fit for its place.
    Setting(String),
    /// The user has set no address.
    NoBase,
    /// A header that is the host's own, or not well formed.
    Header(String),
    /// A value with a control character in it, or a header's with a letter beyond ASCII.
    Value(String),
    /// The plugin writes a credential itself.
    OwnCredential(String),
    /// A credential that the grant does not place here: its name, and the place.
    Placement(String, String),
    /// A credential that is not bound to this host: its name, and the host.
    Bound(String, String),
    /// A stored credential stands there in the plugin's own words: the place.
    Leak(String),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Method(method) => write!(f, "{method:?} is no method that is sent"),
            Self::Host(host) => write!(f, "the host {host:?} is not granted"),
            Self::Reach { method, target } => write!(f, "{method} {target} is not granted"),
            Self::Path(why) => write!(f, "the path {why}"),
            Self::Setting(name) => {
                write!(f, "the setting `{name}` is empty or does not fit its place")
            }
            Self::NoBase => f.write_str("the user has set no address for this provider"),
            Self::Header(name) => write!(f, "the header {name:?} is not the plugin's to set"),
            Self::Value(name) => write!(
                f,
                "the value of {name:?} holds a letter that cannot be sent"
            ),
            Self::OwnCredential(name) => {
                write!(
                    f,
                    "{name:?} is a place of credentials, which only the host fills"
                )
            }
            Self::Placement(name, place) => {
                write!(f, "the credential `{name}` may not be put into {place}")
            }
            Self::Bound(name, host) => {
                write!(f, "the credential `{name}` may not be sent to {host}")
            }
            Self::Leak(place) => write!(f, "a stored credential stands in its {place}"),
        }
    }
}

impl std::error::Error for Refused {}
