//! The loop over candidates: who can serve a request, and who is tried next.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Gateway;
use super::attempt::Findings;
use super::failure::{Error, ErrorKind, Failure};
use super::outcome::Admission;
use super::tally::Tally;
use super::trail::Route;
use crate::chat::Outline;
use crate::limits::{Actual, Reservation};
use crate::routing::choice::{Among, Ask, Choice};
use crate::routing::names::Selection;
use crate::routing::needs::{self, Lacks};
use crate::routing::tally::Pace;
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

/// What is asked, as far as the choice needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'a> {
    /// In the contract's words.
    pub(super) operation: &'a str,
    /// What the client calls the model.
    pub(super) model: &'a str,
    /// What the request uses.
    pub(super) outline: &'a Outline,
    /// Who answered the conversation last.
    pub(super) pin: Option<u64>,
    /// Answers of models of different families must not be mixed, nor the family change from request to request.
    pub(super) one_family: bool,
}

/// Those that have not been tried, and what is known of the others.
pub(super) struct Search<'a> {
    gateway: &'a Gateway,
    table: Arc<Table>,
    need: Need,
    plan: Plan,
    choice: Choice,
    /// They rest for a guess, and are tried when nobody else is left.
    guesses: VecDeque<usize>,
    /// When the last one was asked.
    asked_ms: i64,
    /// Spent on waiting for a reset.
    waited: Duration,
    /// What is known of those that did not answer.
    pub(super) tally: Tally,
}

/// What the choice is asked, as often as it is made.
struct Plan {
    selection: Selection,
    must: u32,
    wish: u32,
    input: u64,
    output: u64,
    pin: Option<u64>,
}

impl Plan {
    fn new(selection: Selection, query: &Query<'_>, need: Need) -> Self {
        let uses = |word: &str| query.outline.has(word);
        let mut must = needs::must(query.operation, uses);
        for (wanted, bit) in [
            (selection.private, needs::PRIVATE),
            (selection.free, needs::FREE),
        ] {
            must |= if wanted { bit } else { 0 };
        }
        Self {
            selection,
            must,
            wish: needs::wish(uses),
            input: need.input_tokens,
            output: need.max_output.unwrap_or(0),
            pin: query.pin,
        }
    }

    fn ask(&self) -> Ask<'_> {
        Ask {
            must: self.must,
            wish: self.wish,
            input: self.input,
            output: self.output,
            among: match &self.selection.places {
                None => Among::All,
                Some(places) => Among::These(places),
            },
            weights: self.selection.weights,
            tiers: self.selection.tiers,
            pin: self.pin,
            explore: self.selection.explore,
        }
    }
}

fn unable(model: &str, lacks: &Lacks) -> Error {
    let reasons: Vec<&str> = lacks.iter().map(|(lack, _)| lack.message()).collect();
    let main = lacks.main();
    let kind = match main {
        Some(lack) if lack.is_length() => ErrorKind::TooLong,
        _ => ErrorKind::Unable,
    };
    Error {
        param: Some("model".to_owned()),
        code: main.map(needs::Lack::code),
        ..Error::new(
            kind,
            format!(
                "`{model}` stands for models that cannot serve this request: {}.",
                reasons.join("; ")
            ),
        )
    }
}

/// The places of the first family that can serve. A model without one is its own family, whoever serves it.
fn one_family(table: &Table, places: Option<&[u32]>, ask: &Ask<'_>) -> Vec<u32> {
    let all: Vec<u32> = match places {
        Some(places) => places.to_vec(),
        None => (0..).zip(table.all()).map(|(at, _)| at).collect(),
    };
    let family = |at: u32| {
        let model = &table.all().get(at as usize)?.model;
        Some(match model.family.as_str() {
            "" => model.id.to_lowercase(),
            family => family.to_lowercase(),
        })
    };
    let able = |at: &&u32| {
        let row = table.field().rows().get(**at as usize);
        row.is_some_and(|row| needs::lack(row, ask.must, ask.input, ask.output).is_none())
    };
    let Some(first) = all.iter().find(able).and_then(|at| family(*at)) else {
        return all;
    };
    let same = |at: &u32| family(*at).as_ref() == Some(&first);
    all.into_iter().filter(same).collect()
}

impl<'a> Search<'a> {
    /// Finds who can serve a request.
    ///
    /// # Errors
    /// Nobody: there is no such model, or none that can do what is asked.
    pub(super) fn new(gateway: &'a Gateway, query: &Query<'_>, need: Need) -> Result<Self, Error> {
        let table = gateway.table.load_full();
        if table.is_bare() {
            return Err(Error::new(
                ErrorKind::NoProviders,
                "No provider is set up. Add a key with `freellmapi key add`, or an endpoint with `freellmapi endpoint add`.",
            ));
        }
        let selection = table.select(query.model)?;
        if table.all().is_empty() {
            return Err(Error::new(
                ErrorKind::NoProviders,
                "No model can be called yet: no endpoint has told of one, and no key's plugin serves. See `freellmapi \
                 key list` and `freellmapi plugin list`.",
            ));
        }
        if selection.places.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::new(
                ErrorKind::NoProviders,
                format!(
                    "None of the models in the profile behind `{}` can be called: their providers have no key, or they \
                     are switched off. See `freellmapi route show`.",
                    query.model
                ),
            ));
        }
        let mut plan = Plan::new(selection, query, need);
        if query.one_family {
            let family = one_family(&table, plan.selection.places.as_deref(), &plan.ask());
            plan.selection.places = Some(family);
        }
        let now_ms = gateway.clock.now_ms();
        let choice = Choice::new(table.field(), &plan.ask(), &mut gateway.dice(), now_ms);
        if choice.is_empty() {
            return Err(unable(query.model, choice.lacks()));
        }
        Ok(Self {
            gateway,
            table,
            need,
            plan,
            choice,
            guesses: VecDeque::new(),
            asked_ms: now_ms,
            waited: Duration::ZERO,
            tally: Tally::default(),
        })
    }

    /// How many cannot serve the request, and why.
    pub(super) fn left_out(&self) -> String {
        self.choice.lacks().to_string()
    }

    /// When the last one was asked, milliseconds since 1970 UTC.
    pub(super) fn asked_ms(&self) -> i64 {
        self.asked_ms
    }

    /// The one that all is reckoned from was asked then.
    pub(super) fn asked(&mut self, at_ms: i64) {
        self.asked_ms = at_ms;
    }

    /// Since the last one was asked, milliseconds.
    pub(super) fn elapsed_ms(&self) -> u64 {
        let now_ms = self.gateway.clock.now_ms();
        u64::try_from(now_ms.saturating_sub(self.asked_ms)).unwrap_or(0)
    }

    /// How quick the last one was that was asked, whose answer is whole now. `first_ms` is when its first content
    /// came.
    pub(super) fn pace(&self, first_ms: Option<u64>, tokens: Option<u64>) -> Pace {
        Pace {
            first_ms,
            tokens: tokens.unwrap_or(0),
            over_ms: self.elapsed_ms().saturating_sub(first_ms.unwrap_or(0)),
        }
    }

    /// The next one to be tried: first those that do not rest, then those that rest only for a guess.
    pub(super) async fn next(&mut self, route: &Route) -> Option<(Arc<Candidate>, Reservation)> {
        if route.failed.len() >= self.gateway.max_attempts || Instant::now() >= self.need.until {
            if !self.choice.is_empty() || !self.guesses.is_empty() {
                self.tally.skipped();
            }
            return None;
        }
        loop {
            let (at, guesses_too) = match self.choose() {
                Some(at) => (at, false),
                None => match self.guesses.pop_front() {
                    Some(at) => (at, true),
                    None if self.waits().await => continue,
                    None => return None,
                },
            };
            let Some(candidate) = self.table.all().get(at).cloned() else {
                continue;
            };
            let now_ms = self.gateway.clock.now_ms();
            let rest = self
                .gateway
                .cooldowns
                .resting(&candidate.subjects.all(), now_ms);
            if let Some(rest) = rest.filter(|rest| rest.hard || !guesses_too) {
                if rest.hard {
                    self.tally.rests(&candidate.key.id, &rest, now_ms);
                } else {
                    self.guesses.push_back(at);
                }
                continue;
            }
            if candidate.plugin.resting() {
                self.tally.skipped();
                continue;
            }
            let cooldowns = &self.gateway.cooldowns;
            if !guesses_too && !cooldowns.may_probe(&candidate.subjects.all(), now_ms) {
                // Another request is finding out whether it is well again.
                self.guesses.push_back(at);
                continue;
            }
            let admission =
                self.gateway
                    .admit(&candidate, self.need.input_tokens, self.need.max_output);
            match admission.await {
                Admission::Go(reservation) => {
                    self.asked_ms = self.gateway.clock.now_ms();
                    return Some((candidate, reservation));
                }
                Admission::Wait(wait_ms) => self.tally.full(wait_ms),
            }
        }
    }

    /// The search begins anew for the rest of an answer, among those that have not been tried.
    pub(super) fn go_on(&mut self, until: Instant) {
        self.need.until = until;
    }

    /// Another request to the one that was asked last; `None` where its limits allow none.
    pub(super) async fn once_more(&mut self, candidate: &Candidate) -> Option<Reservation> {
        let need = self.need;
        let admission = self
            .gateway
            .admit(candidate, need.input_tokens, need.max_output);
        match admission.await {
            Admission::Go(reservation) => {
                self.asked_ms = self.gateway.clock.now_ms();
                Some(reservation)
            }
            Admission::Wait(_) => None,
        }
    }

    /// Nobody is left: what the client is told.
    pub(super) fn error(&self) -> Error {
        let error = self.tally.error();
        match error.kind {
            ErrorKind::Exhausted if self.gateway.policy.exhausted_is_429 => Error {
                kind: ErrorKind::Limited,
                ..error
            },
            _ => error,
        }
    }

    /// Nobody is left: waits for the soonest reset, if the operator wants that and it is near enough. Then all are
    /// looked at anew.
    async fn waits(&mut self) -> bool {
        let Some(wait_ms) = self.tally.worth_waiting() else {
            return false;
        };
        // The end of a rest is not yet within it.
        let wait = Duration::from_millis(wait_ms.saturating_add(1));
        let most = self.gateway.timeouts.reset;
        if self.waited + wait > most || Instant::now() + wait >= self.need.until {
            return false;
        }
        tokio::time::sleep(wait).await;
        self.waited += wait;
        self.tally = Tally::default();
        let now_ms = self.gateway.clock.now_ms();
        self.choice = Choice::new(
            self.table.field(),
            &self.plan.ask(),
            &mut self.gateway.dice(),
            now_ms,
        );
        true
    }

    fn choose(&mut self) -> Option<usize> {
        let (gateway, table) = (self.gateway, &self.table);
        self.choice.next(|at| {
            let Some(candidate) = table.all().get(at) else {
                return 0.0;
            };
            let left = gateway
                .ledger
                .headroom(&candidate.meters, gateway.clock.now_ms());
            #[expect(clippy::cast_possible_truncation, reason = "a share")]
            let left = left as f32;
            left
        })
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
        let after_ms = self.elapsed_ms();
        self.gateway.failed(candidate, failure, after_ms).await;
    }
}
