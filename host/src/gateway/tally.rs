//! What is known of the candidates that did not answer, and what the client is told if nobody does.

use super::failure::{Error, ErrorKind, Failure, OUT_OF_TIME, OVERLOADED, TIMEOUT};
use crate::limits::Rest;

/// The longest wait that a client is told, milliseconds: much may change in a day.
const LONGEST_WAIT: u64 = 24 * 3_600 * 1000;

/// See the module.
#[derive(Default)]
pub(super) struct Tally {
    /// The shortest wait of those that cannot be tried now, milliseconds.
    wait_ms: Option<u64>,
    /// The last failure that says nothing against the request itself.
    last: Option<Failure>,
    /// The last one that does.
    unable: Option<Failure>,
    /// A failure was neither: something is broken, and not used up.
    broken: bool,
    /// A key that its provider refuses.
    refused: Option<String>,
    /// Somebody did not answer for another reason than that.
    otherwise: bool,
}

impl Tally {
    /// One rests and is not tried.
    pub(super) fn rests(&mut self, key_id: &str, rest: &Rest, now_ms: i64) {
        self.reason(key_id, &rest.kind);
        self.wait(u64::try_from(rest.until_ms - now_ms).unwrap_or(0));
    }

    /// One is at a limit.
    pub(super) fn full(&mut self, wait_ms: u64) {
        self.otherwise = true;
        self.wait(wait_ms);
    }

    /// One was left out: its plugin rests, or there was no time for it.
    pub(super) fn skipped(&mut self) {
        self.otherwise = true;
    }

    /// One was tried and failed.
    pub(super) fn failed(&mut self, key_id: &str, failure: Failure) {
        self.reason(key_id, &failure.kind);
        if matches!(failure.kind.as_str(), "unsupported" | "too-long") {
            self.unable = Some(failure);
            return;
        }
        if failure.is_exhaustion() {
            if let Some(wait_ms) = failure.retry_after_ms {
                self.wait(wait_ms);
            }
        } else {
            self.broken = true;
        }
        self.last = Some(failure);
    }

    /// How long it would take until somebody can be tried again, if nothing else is the matter, milliseconds.
    pub(super) fn worth_waiting(&self) -> Option<u64> {
        self.wait_ms
            .filter(|_| self.error().kind == ErrorKind::Exhausted)
    }

    /// Nobody is left.
    pub(super) fn error(&self) -> Error {
        let refused = self.refused.as_ref().filter(|_| !self.otherwise);
        let refused = refused.map(|id| {
            format!("Every key for this model was refused by its provider; test it with `freellmapi key test {id}`")
        });
        match (&self.last, &self.unable) {
            (None, None) => self.exhausted(
                refused
                    .as_deref()
                    .unwrap_or("Every key for this model rests or is at a limit."),
            ),
            (None, Some(unable)) => {
                let kind = match unable.kind.as_str() {
                    "too-long" => ErrorKind::TooLong,
                    _ => ErrorKind::Unable,
                };
                Error::new(kind, nobody(unable))
            }
            (Some(last), _) if !self.broken => self.exhausted(&format!(
                "Every key for this model is used up; the last one said: {}",
                last.message
            )),
            (Some(last), _) => {
                let kind = match last.kind.as_str() {
                    TIMEOUT | OUT_OF_TIME => ErrorKind::UpstreamTimeout,
                    _ => ErrorKind::UpstreamFailed,
                };
                let message = match refused {
                    Some(refused) => format!("{refused}; the last one said: {}", last.message),
                    None => nobody(last),
                };
                Error {
                    // Some clients wait longer, and try again, when they read of that.
                    code: (last.kind == "overloaded").then_some(OVERLOADED),
                    retry_after_ms: last.retry_after_ms.map(|wait| wait.min(LONGEST_WAIT)),
                    ..Error::new(kind, message)
                }
            }
        }
    }

    fn reason(&mut self, key_id: &str, kind: &str) {
        if matches!(kind, "key-invalid" | "key-forbidden") {
            self.refused.get_or_insert_with(|| key_id.to_owned());
        } else {
            self.otherwise = true;
        }
    }

    fn wait(&mut self, wait_ms: u64) {
        self.wait_ms = Some(self.wait_ms.map_or(wait_ms, |before| before.min(wait_ms)));
    }

    fn exhausted(&self, message: &str) -> Error {
        let wait_ms = self.wait_ms.unwrap_or(60_000);
        Error {
            retry_after_ms: Some(wait_ms.clamp(1_000, LONGEST_WAIT)),
            ..Error::new(ErrorKind::Exhausted, message)
        }
    }
}

fn nobody(last: &Failure) -> String {
    format!("No provider could answer; the last one failed as {last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3_600 * 1000;

    fn rest(kind: &str, until_ms: i64) -> Rest {
        Rest {
            until_ms,
            hard: true,
            kind: kind.into(),
        }
    }

    #[test]
    fn the_request_is_at_fault_only_if_everybody_says_so() {
        let table: [(&[&str], ErrorKind); 8] = [
            (&["unsupported"], ErrorKind::Unable),
            (&["unsupported", "too-long"], ErrorKind::TooLong),
            (
                &["upstream-broken", "unsupported"],
                ErrorKind::UpstreamFailed,
            ),
            (
                &["too-long", TIMEOUT, "too-long"],
                ErrorKind::UpstreamTimeout,
            ),
            (&[TIMEOUT, "key-invalid"], ErrorKind::UpstreamFailed),
            (&["rate-limited", "unsupported"], ErrorKind::Exhausted),
            (&["rate-limited", TIMEOUT], ErrorKind::UpstreamTimeout),
            (&["rate-limited", "quota-exhausted"], ErrorKind::Exhausted),
        ];
        for (kinds, error) in table {
            let mut tally = Tally::default();
            for kind in kinds {
                tally.failed("key-1", Failure::new(kind, "no"));
            }
            assert_eq!(tally.error().kind, error, "{kinds:?}");
        }
    }

    #[test]
    fn refused_keys_are_named_if_nothing_else_is_the_matter() {
        let says = |tally: &Tally| tally.error().message.contains("key test key-1");
        let mut tally = Tally::default();
        tally.rests("key-1", &rest("key-invalid", 9_000), 0);
        tally.rests("key-2", &rest("key-forbidden", 5_000), 0);
        assert!(says(&tally));
        assert_eq!(tally.error().kind, ErrorKind::Exhausted);
        assert_eq!(tally.error().retry_after_ms, Some(5_000));
        tally.failed("key-3", Failure::new("key-invalid", "no"));
        assert!(says(&tally));
        tally.full(7_000);
        assert!(!says(&tally));
        let mut tally = Tally::default();
        tally.rests("key-1", &rest("key-invalid", 9_000), 0);
        tally.rests("key-2", &rest("rate-limited", 9_000), 0);
        assert!(!says(&tally));
    }

    #[test]
    fn a_client_is_sent_away_for_a_day_at_most() {
        let mut tally = Tally::default();
        assert_eq!(tally.error().retry_after_ms, Some(60_000));
        tally.rests("key-1", &rest("payment-required", 30 * DAY), 0);
        assert_eq!(tally.error().retry_after_ms, Some(LONGEST_WAIT));
        tally.full(3);
        assert_eq!(tally.error().retry_after_ms, Some(1_000));
    }
}
