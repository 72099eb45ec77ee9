//! Why an attempt failed, and why a whole request did.

use std::fmt;

use crate::plugins::contract;
use crate::plugins::plugin::NoAnswer;
use crate::routing::Unknown;

/// How long a text of an upstream may be, characters.
const MESSAGE_CHARS: usize = 1_000;

/// Why one attempt failed: the plugin's verdict, or what the host saw itself.
#[derive(Debug, Clone)]
pub struct Failure {
    /// One of the contract's words, or one of the host's own, [`TIMEOUT`] and [`UNREACHABLE`].
    pub kind: String,
    /// For people. Credentials are blanked before it leaves the attempt.
    pub message: String,
    /// How long the upstream said to wait.
    pub retry_after_ms: Option<u64>,
    /// Who must rest; empty is the default of the kind.
    pub scope: String,
    /// Meters that it tells of.
    pub quotas: Vec<contract::Quota>,
    /// The upstream's status, if there was one.
    pub status: Option<u16>,
    /// Whether the upstream may have begun to work on it.
    pub sent: bool,
}

/// The upstream said nothing in time.
pub const TIMEOUT: &str = "timeout";

/// The time of the whole request is over: nobody's fault, and the last word.
pub const OUT_OF_TIME: &str = "out-of-time";

/// The server itself is short of sandboxes, or has put the plugin aside: nobody rests for it.
pub const NO_SANDBOX: &str = "no-sandbox";

/// The code of an error where the provider that was tried last has too much to do.
pub const OVERLOADED: &str = "upstream_overloaded";

/// No connection, or it was lost before a status came.
pub const UNREACHABLE: &str = "unreachable";

/// Why a request ends without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What the client is told to do about it.
    pub kind: ErrorKind,
    /// For people; without credentials.
    pub message: String,
    /// The member of the request at fault.
    pub param: Option<String>,
    /// A narrower word for programs than the kind's, as `no_vision_model`.
    pub code: Option<&'static str>,
    /// When to come again.
    pub retry_after_ms: Option<u64>,
}

/// See [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request itself is wrong.
    Invalid,
    /// No model has that name.
    UnknownModel,
    /// No key and no endpoint is set up.
    NoProviders,
    /// Models of that name are there, and none can do what is asked.
    Unable,
    /// It is longer than the model's window.
    TooLong,
    /// The provider's filter stopped it.
    ContentFiltered,
    /// All rest or are at a limit.
    Exhausted,
    /// The same, where the operator has it told as 429.
    Limited,
    /// All that were tried failed.
    UpstreamFailed,
    /// All that were tried failed, the last one by silence.
    UpstreamTimeout,
    /// The answer broke off after part of it had gone out.
    Interrupted,
}

impl Failure {
    /// A failure that the host saw.
    #[must_use]
    pub fn new(kind: &str, message: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.into(),
            retry_after_ms: None,
            scope: String::new(),
            quotas: Vec::new(),
            status: None,
            sent: true,
        }
    }

    /// Nothing has left the host.
    #[must_use]
    pub fn unsent(mut self) -> Self {
        self.sent = false;
        self
    }

    /// The plugin gave no verdict at all. `kind` is what the contract says of the function.
    #[must_use]
    pub fn of_guest(kind: &str, no_answer: NoAnswer) -> Self {
        let kind = match no_answer {
            // Another plugin may do with less of it, or have more room.
            NoAnswer::TooLarge => "too-long",
            _ if no_answer.is_ours() => NO_SANDBOX,
            _ => kind,
        };
        Self::new(kind, no_answer.to_string())
    }

    /// The client is told, and nobody else is tried.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.kind.as_str(), "invalid-request" | "content-filtered")
    }

    /// It says that something is used up, and not that something is broken.
    #[must_use]
    pub fn is_exhaustion(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "rate-limited" | "quota-exhausted" | "payment-required"
        )
    }
}

impl From<contract::Failure> for Failure {
    fn from(said: contract::Failure) -> Self {
        const KNOWN: [&str; 14] = [
            "invalid-request",
            "content-filtered",
            "unsupported",
            "too-long",
            "model-missing",
            "key-invalid",
            "key-forbidden",
            "payment-required",
            "rate-limited",
            "quota-exhausted",
            "overloaded",
            "upstream-broken",
            "truncated",
            "malformed-reply",
        ];
        let known = KNOWN.contains(&said.kind.as_str());
        let message: String = said.message.chars().take(MESSAGE_CHARS).collect();
        Self {
            kind: if known {
                said.kind
            } else {
                "upstream-broken".to_owned()
            },
            message: if message.trim().is_empty() {
                "the provider gave no reason".to_owned()
            } else {
                message
            },
            retry_after_ms: said.retry_after_ms,
            scope: said.scope,
            quotas: said.quotas,
            status: None,
            sent: true,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for Failure {}

impl Error {
    /// One with nothing but words.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            param: None,
            code: None,
            retry_after_ms: None,
        }
    }
}

impl From<Unknown> for Error {
    fn from(unknown: Unknown) -> Self {
        Self {
            param: Some("model".to_owned()),
            ..Self::new(ErrorKind::UnknownModel, unknown.to_string())
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
