//! A chat request from its bytes to the last chunk: the loop over candidates.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_stream::stream;
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::Instant;

use super::Gateway;
use super::attempt::{Answered, Attempt, Wish};
use super::bill::Bill;
use super::exchange::fresh_id_at;
use super::failure::{Error, ErrorKind, Failure};
use super::outcome::{Admission, Allowance};
use super::tally::Tally;
use super::trail::{Record, Route};
use crate::chat::chunk::usage_frame;
use crate::chat::{ChatRequest, Seed};
use crate::limits::{Actual, Reservation};
use crate::routing::needs::{Lack, Needs};
use crate::routing::{Candidate, Table};

/// What a client's request turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// A stream is wanted.
    pub streaming: bool,
}

/// What happens to a request, in this order: `Accepted`, `Begun`, then `Whole`, or `Chunks` and `Done`. `Failed`
/// may come in the place of any, and is the last.
#[derive(Debug)]
pub enum Step {
    /// The request can be read.
    Accepted(Accepted),
    /// A candidate answers.
    Begun(Route),
    /// The whole answer, canonical.
    Whole(Bytes),
    /// Chunks of the stream, canonical, without framing.
    Chunks(Vec<Bytes>),
    /// The stream is whole.
    Done,
    /// It ends without an answer, or in the middle of one.
    Failed(Error, Route),
}

/// Those that have not been tried, and what is known of the others.
struct Search<'a> {
    gateway: &'a Gateway,
    candidates: Vec<Arc<Candidate>>,
    tried: Vec<bool>,
    tally: Tally,
}

/// Answers a chat request. `body` is the client's, decompressed; `client_key` the id of its key. Dropping the stream
/// cancels what is under way.
pub fn chat(
    gateway: Arc<Gateway>,
    body: Bytes,
    client_key: String,
) -> impl Stream<Item = Step> + Send {
    stream! {
        let id = fresh_id_at(gateway.clock.now_ms());
        let mut record = Record::new(&gateway.log, &gateway.clock, &id, &client_key);
        let request = match ChatRequest::parse(&body) {
            Ok(request) => request,
            Err(invalid) => {
                let error = Error { param: invalid.param, ..Error::new(ErrorKind::Invalid, invalid.message) };
                record.done(Some(&error));
                yield Step::Failed(error, Route::default());
                return;
            }
        };
        record.asked(request.model(), request.stream());
        yield Step::Accepted(Accepted { streaming: request.stream() });

        let outline = request.outline();
        let seed = Seed {
            id: format!("chatcmpl-{id}"),
            created: u64::try_from(gateway.clock.now_ms() / 1000).unwrap_or(0),
            model: request.model().to_owned(),
        };
        let wish = Wish {
            request: &request,
            outline: &outline,
            seed: &seed,
            until: Instant::now() + gateway.timeouts.budget,
        };
        let table = gateway.table.load_full();
        let able = match candidates(&table, request.model(), &Needs { operation: "chat", outline: &outline }) {
            Ok(able) => able,
            Err(error) => {
                record.done(Some(&error));
                yield Step::Failed(error, Route::default());
                return;
            }
        };
        let mut search = Search::new(&gateway, able);
        let error = loop {
            let Some((candidate, reservation)) = search.next(&wish, &record.route).await else {
                break search.tally.error();
            };
            let mut attempt = Attempt::new(gateway.means(), &candidate, wish);
            let notes = gateway.notes_for(&client_key, &candidate, &request);
            let allowance = Allowance { gateway: &gateway, candidate: &candidate };
            let answered = match attempt.run(notes, &allowance).await {
                Ok(answered) => answered,
                Err(failure) => {
                    record.failed(&candidate, &failure, attempt.guest_us());
                    search.failed(&candidate, reservation, &mut attempt, &failure).await;
                    if failure.is_final() {
                        break final_error(&failure);
                    }
                    search.tally.failed(&candidate.key.id, failure);
                    continue;
                }
            };
            record.content(&candidate);
            let usage = match &answered {
                Answered::Whole { usage, .. } => *usage,
                Answered::Stream(live) => live.usage(&wish),
            };
            // From here on the client may leave at any time: what came until then is booked and in the log.
            let mut bill = Bill::new(&gateway, reservation, usage);
            record.used(usage);
            gateway.learn(&candidate, &mut attempt.findings).await;
            gateway.keep_notes(&client_key, &candidate, attempt.take_notes());
            yield Step::Begun(record.route.clone());
            let mut live = match answered {
                Answered::Whole { body, .. } => {
                    bill.settle().await;
                    record.guest(attempt.guest_us());
                    gateway.answered(&candidate).await;
                    record.done(None);
                    yield Step::Whole(body);
                    return;
                }
                Answered::Stream(live) => live,
            };
            let first = std::mem::take(&mut live.first);
            let usage_seed = request.include_usage().then(|| seed.of_stream(first.first()));
            yield Step::Chunks(first);
            let broken = loop {
                let next = attempt.next(&mut live).await;
                let usage = live.usage(&wish);
                bill.used(usage);
                record.used(usage);
                // Before the chunks are out: many a client leaves at the finish reason.
                gateway.keep_notes(&client_key, &candidate, attempt.take_notes());
                match next {
                    Ok(Some(chunks)) if chunks.is_empty() => {}
                    Ok(Some(chunks)) => yield Step::Chunks(chunks),
                    Ok(None) => break None,
                    Err(failure) => break Some(failure),
                }
            };
            bill.settle().await;
            record.guest(attempt.guest_us());
            if let Some(failure) = broken {
                gateway.failed(&candidate, &failure).await;
                break Error::new(ErrorKind::Interrupted, interrupted(&candidate, &failure));
            }
            gateway.answered(&candidate).await;
            record.done(None);
            if let Some(seed) = usage_seed {
                yield Step::Chunks(vec![usage_frame(&seed, live.usage(&wish)).into()]);
            }
            yield Step::Done;
            return;
        };
        record.done(Some(&error));
        let route = record.route.clone();
        drop(record);
        yield Step::Failed(error, route);
    }
}

/// Those that can serve the request, in the order in which they are tried.
fn candidates(table: &Table, model: &str, needs: &Needs<'_>) -> Result<Vec<Arc<Candidate>>, Error> {
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

fn final_error(failure: &Failure) -> Error {
    let kind = match failure.kind.as_str() {
        "content-filtered" => ErrorKind::ContentFiltered,
        _ => ErrorKind::Invalid,
    };
    Error::new(kind, failure.message.clone())
}

fn interrupted(candidate: &Candidate, failure: &Failure) -> String {
    format!(
        "The answer of {} broke off: {}.",
        candidate.name(),
        failure.message
    )
}

impl<'a> Search<'a> {
    fn new(gateway: &'a Gateway, candidates: Vec<Arc<Candidate>>) -> Self {
        Self {
            gateway,
            tried: vec![false; candidates.len()],
            candidates,
            tally: Tally::default(),
        }
    }

    /// The next one to be tried: first those that do not rest, then those that rest only for a guess.
    async fn next(
        &mut self,
        wish: &Wish<'_>,
        route: &Route,
    ) -> Option<(Arc<Candidate>, Reservation)> {
        if route.failed.len() >= self.gateway.max_attempts || Instant::now() >= wish.until {
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
                let admission = self.gateway.admit(
                    &candidate,
                    wish.outline.input_tokens,
                    wish.outline.max_output,
                );
                match admission.await {
                    Admission::Go(reservation) => return Some((candidate, reservation)),
                    Admission::Wait(wait_ms) => self.tally.full(wait_ms),
                }
            }
        }
        None
    }

    async fn failed(
        &mut self,
        candidate: &Candidate,
        reservation: Reservation,
        attempt: &mut Attempt<'_>,
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
        self.gateway.learn(candidate, &mut attempt.findings).await;
        self.gateway.failed(candidate, failure).await;
    }
}
