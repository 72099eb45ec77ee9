//! A chat request from its bytes to the last chunk: the loop over candidates.

use std::sync::Arc;

use async_stream::stream;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::time::Instant;

use super::Gateway;
use super::attempt::{Answered, Attempt, Wish};
use super::bill::Bill;
use super::exchange::fresh_id_at;
use super::failure::{Error, ErrorKind, Failure};
use super::handoff::{answer_text, is_routed, name};
use super::hedge::{Tried, hedged, late_after};
use super::outcome::Allowance;
use super::rescue::sent::Sent;
use super::rescue::{Rescued, Wreck, rescue};
use super::search::{Need, Query, Search};
use super::session::Conversation;
use super::trail::{Record, Route};
use crate::chat::chunk::usage_frame;
use crate::chat::{ChatRequest, Invalid, Seed};
use crate::config::Rescue;
use crate::routing::Candidate;

/// What a client asks for.
#[derive(Debug)]
pub enum Ask {
    /// A request in the canonical dialect: the body as it came, decompressed.
    Bytes(Bytes),
    /// What another dialect made of one, or why it could not.
    Read(Result<ChatRequest<'static>, Invalid>),
}

/// Who asks.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Id of the client's key.
    pub key: String,
    /// What the client calls the conversation, if it says.
    pub session: Option<String>,
}

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

/// Answers a chat request. Dropping the stream cancels what is under way.
pub fn chat(gateway: Arc<Gateway>, ask: Ask, caller: Caller) -> impl Stream<Item = Step> + Send {
    stream! {
        let client_key = caller.key;
        let id = fresh_id_at(gateway.clock.now_ms());
        let mut record = Record::new(&gateway.log, &gateway.clock, &id, &client_key);
        let body;
        let read: Result<ChatRequest<'_>, Invalid> = match ask {
            Ask::Bytes(bytes) => {
                body = bytes;
                ChatRequest::parse(&body)
            }
            Ask::Read(read) => read,
        };
        let request = match read {
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
        let need = Need {
            input_tokens: outline.input_tokens,
            max_output: outline.max_output,
            until: wish.until,
        };
        let session = Conversation::new(&gateway, &request, &client_key, caller.session.as_deref());
        let query = Query {
            operation: "chat",
            model: request.model(),
            outline: &outline,
            pin: session.pin(&gateway),
            one_family: false,
        };
        let mut search = match Search::new(&gateway, &query, need) {
            Ok(search) => search,
            Err(error) => {
                record.done(Some(&error));
                yield Step::Failed(error, Route::default());
                return;
            }
        };
        record.route.left_out = search.left_out();
        let hands_over = gateway.policy.handoff && is_routed(request.model());
        let handed = hands_over
            .then(|| gateway.handoffs.hand(session.id(), &request, &outline, gateway.clock.now_ms()))
            .flatten();
        let error = loop {
            let Some((candidate, reservation)) = search.next(&record.route).await else {
                break search.error();
            };
            let wish = match &handed {
                Some(handed) if handed.model != name(&candidate) => Wish {
                    request: &handed.request,
                    outline: &handed.outline,
                    ..wish
                },
                _ => wish,
            };
            let means = gateway.means_for(&candidate.provider);
            let mut attempt = Attempt::new(means, &candidate, wish);
            let (candidate, reservation, mut attempt, ended) = match late_after(&gateway, &candidate) {
                None => {
                    let notes = gateway.notes_for(&client_key, &candidate, &request);
                    let allowance = Allowance::Metered(&gateway, &candidate);
                    let ended = attempt.run(notes, &allowance).await;
                    (candidate, reservation, attempt, ended)
                }
                Some(late) => {
                    let first = Tried { candidate, reservation, attempt, asked_ms: search.asked_ms() };
                    let asker = (wish, client_key.as_str());
                    let both = hedged(&gateway, &mut search, &mut record, asker, first, late);
                    let (tried, ended) = Box::pin(both).await;
                    search.asked(tried.asked_ms);
                    (tried.candidate, tried.reservation, tried.attempt, ended)
                }
            };
            let answered = match ended {
                Ok(answered) => answered,
                Err(failure) => {
                    record.failed(&candidate, &failure, attempt.guest_us());
                    search.failed(&candidate, reservation, &mut attempt.findings, &failure).await;
                    if failure.is_final() {
                        break final_error(&failure);
                    }
                    search.tally.failed(&candidate.key.id, failure);
                    continue;
                }
            };
            record.content(&candidate);
            session.pin_to(&gateway, &candidate);
            let begun_ms = search.elapsed_ms();
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
                    gateway.answered(&candidate, search.pace(None, usage.output)).await;
                    record.done(None);
                    if hands_over {
                        let (model, now_ms) = (name(&candidate), gateway.clock.now_ms());
                        gateway.handoffs.keep(session.id(), model, &request, &answer_text(&body), now_ms);
                    }
                    yield Step::Whole(body);
                    return;
                }
                Answered::Stream(live) => live,
            };
            let first = std::mem::take(&mut live.first);
            let usage_seed = request.include_usage().then(|| seed.of_stream(first.first()));
            let mut sent = Sent::new(gateway.policy, &request);
            sent.add(&first);
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
                    Ok(Some(chunks)) => {
                        sent.add(&chunks);
                        yield Step::Chunks(chunks);
                    }
                    Ok(None) => break None,
                    Err(failure) => break Some(failure),
                }
            };
            bill.settle().await;
            record.guest(attempt.guest_us());
            if let Some(failure) = broken {
                gateway.broke(&candidate, &failure).await;
                record.broke(&candidate, &failure);
                let mut usage = live.usage(&wish);
                drop(attempt);
                let whole = match sent.so_far() {
                    None => false,
                    Some(_) if gateway.policy.rescue == Rescue::Off => false,
                    // All was said before it broke.
                    Some(so_far) if so_far.finished => true,
                    Some(so_far) => {
                        let mut rest = Box::pin(rescue(Wreck {
                            gateway: &gateway,
                            search: &mut search,
                            record: &mut record,
                            wish,
                            client_key: &client_key,
                            so_far,
                            usage,
                        }));
                        loop {
                            match rest.next().await {
                                Some(Rescued::Chunks(chunks)) => yield Step::Chunks(chunks),
                                Some(Rescued::Done(cost)) => {
                                    usage = cost;
                                    break true;
                                }
                                None => break false,
                            }
                        }
                    }
                };
                if !whole {
                    break Error::new(ErrorKind::Interrupted, interrupted(&candidate, &failure));
                }
                record.used(usage);
                record.done(None);
                if let Some(seed) = usage_seed {
                    yield Step::Chunks(vec![usage_frame(&seed, usage).into()]);
                }
                yield Step::Done;
                return;
            }
            if gateway.policy.hedge {
                candidate.arm.timed(begun_ms);
            }
            if let Some(said) = hands_over.then(|| sent.so_far()).flatten() {
                let (model, now_ms) = (name(&candidate), gateway.clock.now_ms());
                gateway.handoffs.keep(session.id(), model, &request, &said.text, now_ms);
            }
            let pace = search.pace(Some(begun_ms), live.usage(&wish).output);
            gateway.answered(&candidate, pace).await;
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

/// For the client, of a failure after which nobody else is tried.
pub(super) fn final_error(failure: &Failure) -> Error {
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
