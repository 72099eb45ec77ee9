//! How long each part of a request may take.

use std::time::Duration;

/// Separate limits, since a slow model is no dead connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect, TLS included.
    pub connect: Duration,
    /// To the status line, connecting included. A whole answer has none before it is done.
    pub headers: Duration,
    /// From the status line to the first content of a stream, or the end of a whole answer.
    pub first_content: Duration,
    /// Between two events of a stream once content has come.
    pub idle: Duration,
    /// All attempts at one request, up to the first content of a stream or the end of a whole answer.
    pub budget: Duration,
    /// How long a streaming client is kept waiting without a byte before it gets its status and comments. Zero is never.
    pub keepalive: Duration,
    /// How long a request may wait in all for the soonest reset, when all that could answer it rest or are at a limit.
    /// Zero is never.
    pub reset: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(120),
            first_content: Duration::from_secs(120),
            idle: Duration::from_secs(60),
            budget: Duration::from_secs(600),
            keepalive: Duration::from_secs(10),
            reset: Duration::ZERO,
        }
    }
}
