//! Who was tried for a request, for the client's headers and the log; written when the request ends, however it does.

use crate::chat::Usage;
use crate::clock::Clock;
use crate::routing::Candidate;
use crate::store::{RequestLog, RequestRecord};

use super::failure::{Error, ErrorKind, Failure};

/// The most failures that are named in a header.
const NAMED: usize = 10;

/// Who answered, and who did not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// `provider/model` of the answer; empty if there is none.
    pub via: String,
    /// `provider/model=kind` of each failed attempt, in order.
    pub failed: Vec<String>,
    /// How many could not serve the request at all, and why; empty if all could.
    pub left_out: String,
}

/// A request's record while it runs. Dropped before [`Record::done`], it says that the client left.
pub(super) struct Record {
    log: RequestLog,
    clock: Clock,
    begun_ms: i64,
    row: RequestRecord,
    pub(super) route: Route,
}

impl Route {
    /// Failures as one line: `a/b=timeout; c/d=rate-limited`.
    #[must_use]
    pub fn trail(&self) -> String {
        let mut line = self
            .failed
            .iter()
            .take(NAMED)
            .cloned()
            .collect::<Vec<_>>()
            .join("; ");
        if self.failed.len() > NAMED {
            line.push_str("; …");
        }
        line
    }
}

impl Record {
    pub(super) fn new(log: &RequestLog, clock: &Clock, id: &str, client_key: &str) -> Self {
        let begun_ms = clock.now_ms();
        Self {
            log: log.clone(),
            clock: clock.clone(),
            begun_ms,
            row: RequestRecord {
                id: id.to_owned(),
                at_ms: begun_ms,
                client_key: client_key.to_owned(),
                // The client left: nobody saw a status.
                status: 499,
                error_kind: Some("client-left".to_owned()),
                ..RequestRecord::default()
            },
            route: Route::default(),
        }
    }

    pub(super) fn asked(&mut self, model: &str, streamed: bool) {
        self.row.requested_model = model.chars().take(200).collect();
        self.row.streamed = streamed;
    }

    pub(super) fn failed(&mut self, candidate: &Candidate, failure: &Failure, guest_us: u64) {
        self.row.guest_us += i64::try_from(guest_us).unwrap_or(0);
        self.row.attempts += 1;
        self.route
            .failed
            .push(format!("{}={}", candidate.name(), failure.kind));
    }

    pub(super) fn content(&mut self, candidate: &Candidate) {
        self.route.via = candidate.name();
        self.row.attempts += 1;
        self.row.provider.clone_from(&candidate.provider);
        self.row.model.clone_from(&candidate.model.id);
        self.row.key_id.clone_from(&candidate.key.id);
        self.row.first_content_ms = Some(self.clock.now_ms() - self.begun_ms);
    }

    /// This one is asked too, since another is late.
    pub(super) fn hedged(&mut self, candidate: &Candidate) {
        self.row.attempts += 1;
        tracing::debug!(candidate = %candidate.name(), "asked too, since the first is late");
    }

    /// This one was late, and another one answered meanwhile.
    pub(super) fn late(&mut self, candidate: &Candidate) {
        self.route.failed.push(format!("{}=late", candidate.name()));
    }

    /// The one that answers broke off after content.
    pub(super) fn broke(&mut self, candidate: &Candidate, failure: &Failure) {
        self.route.failed.push(format!(
            "{}={} after content",
            candidate.name(),
            failure.kind
        ));
    }

    /// This one goes on with an answer that broke off.
    pub(super) fn rescued(&mut self, candidate: &Candidate) {
        self.row.attempts += 1;
        self.route.via = candidate.name();
        self.row.provider.clone_from(&candidate.provider);
        self.row.model.clone_from(&candidate.model.id);
        self.row.key_id.clone_from(&candidate.key.id);
    }

    pub(super) fn guest(&mut self, guest_us: u64) {
        self.row.guest_us += i64::try_from(guest_us).unwrap_or(0);
    }

    pub(super) fn used(&mut self, usage: Usage) {
        let count = |tokens: Option<u64>| tokens.and_then(|count| i64::try_from(count).ok());
        self.row.input_tokens = count(usage.input);
        self.row.output_tokens = count(usage.output);
    }

    /// The request is over, and the client was told so.
    pub(super) fn done(&mut self, error: Option<&Error>) {
        self.row.error_kind = error.map(|error| format!("{:?}", error.kind));
        self.row.status = error.map_or(200, |error| i64::from(error.kind.status()));
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.row.total_ms = Some(self.clock.now_ms() - self.begun_ms);
        self.row.trail = self.route.trail();
        if !self.route.left_out.is_empty() {
            let before = if self.row.trail.is_empty() { "" } else { "; " };
            self.row.trail.push_str(before);
            self.row.trail.push_str("left out: ");
            self.row.trail.push_str(&self.route.left_out);
        }
        self.log.record(std::mem::take(&mut self.row));
    }
}

impl ErrorKind {
    /// The HTTP status that goes with it.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid | Self::ContentFiltered => 400,
            Self::TooLong => 413,
            Self::Unable => 422,
            Self::UnknownModel => 404,
            Self::Limited => 429,
            Self::NoProviders | Self::Exhausted => 503,
            Self::UpstreamFailed | Self::Interrupted => 502,
            Self::UpstreamTimeout => 504,
        }
    }
}
