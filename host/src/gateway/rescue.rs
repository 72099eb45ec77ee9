//! Goes on with a stream that broke off after part of it had gone out: another candidate is asked for the rest, in the
//! way that fits it best, and the client sees one answer.
//!
//! - [`sent`]: what the client has.
//! - [`stitch`]: what of the second answer goes out.
//!
//! A tool call that has begun is never gone on with: half of its arguments may have been acted on.

pub(super) mod sent;
mod stitch;

use std::sync::Arc;

use async_stream::stream;
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::Instant;

use super::Gateway;
use super::attempt::{Answered, Attempt, Live, Wish};
use super::bill::Bill;
use super::failure::Failure;
use super::outcome::Allowance;
use super::search::Search;
use super::trail::Record;
use crate::chat::{ChatRequest, Usage};
use crate::config::Rescue;
use crate::json::{Value, object};
use crate::routing::Candidate;
use sent::SoFar;
use stitch::{Stitch, Way};

/// Streams that may break off one after another in one request.
const MOST_BREAKS: u32 = 3;

/// A model with this trait writes on where the last message, its own, ends.
const PREFILL: &str = "prefill";

/// What asks a model to go on.
const GO_ON: &str = "A technical fault cut your answer off. Write on from the very next character after its end, as if \
                     nothing had happened: repeat nothing of it, introduce nothing, and do not mention this.";

/// What comes of it.
pub(super) enum Rescued {
    /// The next chunks, canonical.
    Chunks(Vec<Bytes>),
    /// The answer is whole, and cost this.
    Done(Usage),
}

/// What a rescue needs of the request.
pub(super) struct Wreck<'a, 'b> {
    pub(super) gateway: &'a Arc<Gateway>,
    pub(super) search: &'a mut Search<'b>,
    pub(super) record: &'a mut Record,
    /// As the client asked.
    pub(super) wish: Wish<'a>,
    /// Id of the client's key.
    pub(super) client_key: &'a str,
    /// What the client has.
    pub(super) so_far: SoFar,
    /// What it cost.
    pub(super) usage: Usage,
}

/// How one way with one candidate ended.
enum End {
    Whole,
    Broke(Failure),
    Parted,
}

/// The rest of the answer. It ends without [`Rescued::Done`] if nobody can go on.
pub(super) fn rescue<'a, 'b: 'a>(wreck: Wreck<'a, 'b>) -> impl Stream<Item = Rescued> + Send + 'a {
    stream! {
        let Wreck { gateway, search, record, wish, client_key, mut so_far, usage: mut before } = wreck;
        let until = Instant::now() + gateway.timeouts.budget;
        search.go_on(until);
        let mut breaks = 0;
        while breaks < MOST_BREAKS && !so_far.whole_only {
            let Some((candidate, first)) = search.next(&record.route).await else { return };
            let mut reservation = Some(first);
            for way in ways(&candidate, &so_far, wish.request) {
                let reservation = match reservation.take() {
                    Some(reservation) => reservation,
                    None => match search.once_more(&candidate).await {
                        Some(reservation) => reservation,
                        None => break,
                    },
                };
                let Some(request) = asked(way, wish.request, &so_far.text) else {
                    reservation.release(gateway.clock.now_ms());
                    break;
                };
                let mut outline = wish.outline.clone();
                outline.input_tokens += so_far.text.len() as u64 / 4;
                let wish = Wish { request: &request, outline: &outline, seed: wish.seed, until };
                let mut attempt = Attempt::new(gateway.means_for(&candidate.provider), &candidate, wish);
                let notes = gateway.notes_for(client_key, &candidate, &request);
                let allowance = Allowance::Metered(gateway, &candidate);
                let mut live = match attempt.run(notes, &allowance).await {
                    Ok(Answered::Stream(live)) => live,
                    Ok(Answered::Whole { .. }) => return,
                    Err(failure) => {
                        let other_way = way != Way::Anew && refuses_the_way(&failure);
                        record.failed(&candidate, &failure, attempt.guest_us());
                        search.failed(&candidate, reservation, &mut attempt.findings, &failure).await;
                        if other_way { continue }
                        break;
                    }
                };
                let begun_ms = search.elapsed_ms();
                let mut bill = Bill::new(gateway, reservation, live.usage(&wish));
                gateway.learn(&candidate, &mut attempt.findings).await;
                gateway.keep_notes(client_key, &candidate, attempt.take_notes());
                let mark = (gateway.policy.rescue == Rescue::Marked && way != Way::Anew)
                    .then(|| format!("\n\n[continued by {}]\n\n", candidate.name()));
                let mut stitch = Stitch::new(way, &so_far, mark);
                let mut chunks = std::mem::take(&mut live.first);
                let mut shown = false;
                let end = loop {
                    match stitch.push(&chunks) {
                        Ok(out) if out.is_empty() => {}
                        Ok(out) => {
                            if !shown {
                                record.rescued(&candidate);
                                shown = true;
                            }
                            yield Rescued::Chunks(out);
                        }
                        Err(_) => break End::Parted,
                    }
                    let next = attempt.next(&mut live).await;
                    bill.used(live.usage(&wish));
                    record.used(in_all(way, before, live.usage(&wish), wish.outline.input_tokens));
                    gateway.keep_notes(client_key, &candidate, attempt.take_notes());
                    match next {
                        Ok(Some(next)) => chunks = next,
                        Ok(None) if stitch.end().is_err() => break End::Parted,
                        Ok(None) => break End::Whole,
                        Err(failure) => break End::Broke(failure),
                    }
                };
                bill.settle().await;
                record.guest(attempt.guest_us());
                let cost = live.usage(&wish);
                match end {
                    End::Whole => {
                        gateway.answered(&candidate, pace(search, begun_ms, &live, &wish)).await;
                        yield Rescued::Done(in_all(way, before, cost, wish.outline.input_tokens));
                        return;
                    }
                    End::Parted => {
                        tracing::debug!(candidate = %candidate.name(), ?way, "the second answer goes another way");
                    }
                    End::Broke(failure) => {
                        breaks += 1;
                        gateway.broke(&candidate, &failure).await;
                        record.broke(&candidate, &failure);
                        so_far.text.push_str(stitch.added());
                        so_far.whole_only |= stitch.whole_only;
                        before = in_all(way, before, cost, wish.outline.input_tokens);
                        break;
                    }
                }
            }
        }
    }
}

fn pace(
    search: &Search<'_>,
    begun_ms: u64,
    live: &Live,
    wish: &Wish<'_>,
) -> crate::routing::tally::Pace {
    search.pace(Some(begun_ms), live.usage(wish).output)
}

/// The ways in which this candidate may be asked, in the order in which they are tried.
fn ways(candidate: &Candidate, so_far: &SoFar, request: &ChatRequest<'_>) -> Vec<Way> {
    if so_far.text.is_empty() {
        return vec![Way::Anew];
    }
    let mut ways = Vec::with_capacity(3);
    if candidate.model.has(PREFILL) {
        ways.push(Way::Prefill);
    }
    ways.push(Way::Repeat);
    // Asked for JSON, a model answers with a document of its own, and not with the rest of one.
    let format = request.body().pointer("/response_format/type");
    if !format
        .and_then(Value::as_str)
        .is_some_and(|format| format.starts_with("json"))
    {
        ways.push(Way::Turn);
    }
    ways
}

/// It says something against how it was asked, and nothing against asking it otherwise.
fn refuses_the_way(failure: &Failure) -> bool {
    matches!(failure.kind.as_str(), "invalid-request" | "unsupported")
}

/// The request for the rest; `None` if it cannot be made.
fn asked<'a>(way: Way, request: &ChatRequest<'a>, text: &str) -> Option<ChatRequest<'a>> {
    let mut body = request.body().clone();
    let messages = body.get_mut("messages")?.as_array_mut()?;
    let mut say = |role: &'static str, text: &str| {
        messages.push(object([
            ("role", role.into()),
            ("content", Value::from(text.to_owned())),
        ]));
    };
    match way {
        Way::Anew | Way::Repeat => {}
        Way::Prefill => say("assistant", text),
        Way::Turn => {
            say("assistant", text);
            say("user", GO_ON);
        }
    }
    ChatRequest::of(body).ok()
}

/// What the client is told of the whole answer's cost: its own prompt, and all of the text that it has.
fn in_all(way: Way, before: Usage, now: Usage, input: u64) -> Usage {
    let output = match way {
        // The first part came once more.
        Way::Anew | Way::Repeat => now.output,
        Way::Prefill | Way::Turn => Some(
            before
                .output
                .unwrap_or(0)
                .saturating_add(now.output.unwrap_or(0)),
        ),
    };
    Usage {
        input: before.input.or(now.input).or(Some(input)),
        output,
        ..now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(rest: &str) -> String {
        format!(
            r#"{{"messages":[{{"role":"user","content":"hi"}}],"stream":true,"temperature":0{rest}}}"#
        )
    }

    #[test]
    fn each_way_asks_the_same_and_for_the_rest() {
        let body = request("");
        let request = ChatRequest::parse(body.as_bytes()).unwrap();
        let roles = |way| {
            let asked = asked(way, &request, "Hel").unwrap();
            let messages = asked.body().get("messages").unwrap().as_array().unwrap();
            assert!(asked.body().get("temperature").is_some());
            messages
                .iter()
                .map(|message| message.get("role").unwrap().as_str().unwrap().into_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(roles(Way::Repeat), ["user"]);
        assert_eq!(roles(Way::Prefill), ["user", "assistant"]);
        assert_eq!(roles(Way::Turn), ["user", "assistant", "user"]);
    }

    #[test]
    fn the_cost_is_that_of_the_text_the_client_has() {
        let usage = |input, output| Usage {
            input: Some(input),
            output: Some(output),
            ..Usage::default()
        };
        let all = |way| in_all(way, usage(10, 40), usage(50, 20), 10);
        assert_eq!(all(Way::Turn), usage(10, 60));
        assert_eq!(all(Way::Prefill), usage(10, 60));
        assert_eq!(all(Way::Repeat), usage(10, 20));
    }
}
