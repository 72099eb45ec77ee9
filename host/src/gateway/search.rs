//! The loop over candidates: who can serve a request, and who is tried next.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::Gateway;
use super::attempt::Findings;
use super::failure::{Error, ErrorKind, Failure};
use super::outcome::Admission;
use super::tally::Tally;
use super::trail::Route;
use crate::limits::{Actual, Reservation};
use crate::routing::needs::{Lack, Needs};
use crate::routing::{Candidate, Table};

/// What an attempt takes of limits and time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// Tokens of the input, estimated.
    pub(super) input_tokens: u64,
    /// The most tokens that may come back, if the client says.
    pub(super) max_output: Option<u64>,
    /// When the whole request must have been answered.
    pub(super) until: Instant,
}

/// Those that have not been tried, and what is known of the others.
pub(super) struct Search<'a> {
    gateway: &'a Gateway,
    need: Need,
    candidates: Vec<Arc<Candidate>>,
    tried: Vec<bool>,
    /// What is known of those that did not answer.
    pub(super) tally: Tally,
}

/// Those that can serve the request, in the order in which they are tried.
pub(super) fn candidates(
    table: &Table,
    model: &str,
    needs: &Needs<'_>,
) -> Result<Vec<Arc<Candidate>>, Error> {
    if table.is_bare() {
        return Err(Error::new(
            ErrorKind::NoProviders,
            "No provider is set up. Add a key with `freellmapi key add`, or an endpoint with `freellmapi endpoint add`.",
        ));
    }
    let named = table.resolve(model)?;
    if named.is_empty() {
        return Err(Error::new(
            ErrorKind::NoProviders,
            "No model can be called yet: no endpoint has told of one, and no key's plugin serves. See `freellmapi key \
             list` and `freellmapi plugin list`.",
        ));
    }
    let (able, lacks) = needs.split(named);
    if able.is_empty() {
        return Err(unable(model, &lacks));
    }
    Ok(able)
}

fn unable(model: &str, lacks: &BTreeMap<Lack, usize>) -> Error {
    let reasons: Vec<&str> = lacks.keys().map(|lack| lack.message()).collect();
    let too_long = lacks.keys().all(|lack| *lack == Lack::Context);
    let kind = if too_long {
        ErrorKind::TooLong
    } else {
        ErrorKind::Unable
    };
    Error {
        param: Some("model".to_owned()),
        ..Error::new(
            kind,
            format!(
                "`{model}` stands for models that cannot serve this request: {}.",
                reasons.join("; ")
            ),
        )
    }
}

impl<'a> Search<'a> {
    pub(super) fn new(gateway: &'a Gateway, need: Need, candidates: Vec<Arc<Candidate>>) -> Self {
        Self {
            gateway,
            need,
            tried: vec![false; candidates.len()],
            candidates,
            tally: Tally::default(),
        }
    }

    /// The next one to be tried: first those that do not rest, then those that rest only for a guess.
    pub(super) async fn next(&mut self, route: &Route) -> Option<(Arc<Candidate>, Reservation)> {
        if route.failed.len() >= self.gateway.max_attempts || Instant::now() >= self.need.until {
            if self.tried.contains(&false) {
                self.tally.skipped();
            }
            return None;
        }
        for guesses_too in [false, true] {
            for at in 0..self.candidates.len() {
                if self.tried[at] {
                    continue;
                }
                let candidate = Arc::clone(&self.candidates[at]);
                let now_ms = self.gateway.clock.now_ms();
                let rest = self
                    .gateway
                    .cooldowns
                    .resting(&candidate.subjects.all(), now_ms);
                if let Some(rest) = rest.filter(|rest| rest.hard || !guesses_too) {
                    if rest.hard {
                        self.tried[at] = true;
                        self.tally.rests(&candidate.key.id, &rest, now_ms);
                    }
                    continue;
                }
                self.tried[at] = true;
                if candidate.plugin.resting() {
                    self.tally.skipped();
                    continue;
                }
                let admission =
                    self.gateway
                        .admit(&candidate, self.need.input_tokens, self.need.max_output);
                match admission.await {
                    Admission::Go(reservation) => return Some((candidate, reservation)),
                    Admission::Wait(wait_ms) => self.tally.full(wait_ms),
                }
            }
        }
        None
    }

    /// Books what a failed attempt cost, and what it teaches.
    pub(super) async fn failed(
        &mut self,
        candidate: &Candidate,
        reservation: Reservation,
        findings: &mut Findings,
        failure: &Failure,
    ) {
        if failure.sent {
            // An error costs a request and no tokens; a request without a status may have cost all of them.
            if failure.status.is_some() {
                let nothing = Actual {
                    input: Some(0),
                    output: Some(0),
                };
                self.gateway.settle(reservation, nothing).await;
            }
        } else {
            reservation.release(self.gateway.clock.now_ms());
        }
        self.gateway.learn(candidate, findings).await;
        self.gateway.failed(candidate, failure).await;
    }
}
