//! A request that is answered in one piece: embeddings, images, speech, transcription and the like. The loop is
//! that of [`super::chat`], without its streams.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use super::Gateway;
use super::attempt::Findings;
use super::bill::Bill;
use super::chat::final_error;
use super::exchange::{Exchange, Means, Peer, Received, Upload, fresh_id_at};
use super::failure::{Error, Failure};
use super::outcome::Allowance;
use super::pump::{malformed, read_usage};
use super::search::{Need, Query, Search};
use super::trail::{Record, Route};
use crate::chat::{Outline, Usage};
use crate::json::{Options, Value, parse};
use crate::plugins::contract::{Answer, Outcome};
use crate::routing::Candidate;

/// What a client asks.
#[derive(Debug, Clone)]
pub struct Task {
    /// In the contract's words.
    pub operation: &'static str,
    /// What the client calls the model.
    pub model: String,
    /// The canonical request, an object; for a form, its text fields.
    pub body: Value<'static>,
    /// The form's files.
    pub uploads: Vec<Upload>,
    /// What it uses.
    pub outline: Outline,
    /// Answers of models of different families must not be mixed: once a family has been chosen, no other is tried.
    pub one_family: bool,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Done {
    /// Of the body.
    pub media_type: String,
    /// The body: canonical JSON, or bytes.
    pub body: Bytes,
    /// Who gave it, and who did not.
    pub route: Route,
    /// What it cost, told or estimated.
    pub usage: Usage,
}

/// Answers a task. `client_key` is the id of the client's key. `turn` gives an answer another body, in JSON, or says what is
/// wrong with it, which counts as the provider's fault.
///
/// # Errors
/// Nobody could answer; the route says who was tried.
pub async fn run(
    gateway: &Arc<Gateway>,
    task: &Task,
    client_key: &str,
    turn: impl Fn(&Done) -> Result<Option<Vec<u8>>, String>,
) -> Result<Done, (Error, Route)> {
    let id = fresh_id_at(gateway.clock.now_ms());
    let mut record = Record::new(&gateway.log, &gateway.clock, &id, client_key);
    record.asked(&task.model, false);
    let found = search(gateway, task, &mut record, turn).await;
    record.done(found.as_ref().err());
    found.map_err(|error| (error, record.route.clone()))
}

async fn search(
    gateway: &Arc<Gateway>,
    task: &Task,
    record: &mut Record,
    turn: impl Fn(&Done) -> Result<Option<Vec<u8>>, String>,
) -> Result<Done, Error> {
    let need = Need {
        input_tokens: task.outline.input_tokens,
        max_output: task.outline.max_output,
        until: Instant::now() + gateway.timeouts.budget,
    };
    let query = Query {
        operation: task.operation,
        model: &task.model,
        outline: &task.outline,
        pin: None,
        one_family: task.one_family,
    };
    let mut search = Search::new(gateway, &query, need)?;
    record.route.left_out = search.left_out();
    while let Some((candidate, reservation)) = search.next(&record.route).await {
        let mut findings = Findings::default();
        let mut exchange = begin(
            gateway.means_for(&candidate.provider),
            &candidate,
            task,
            need.until,
        );
        let allowance = Allowance::Metered(gateway, &candidate);
        let attempt = attempt(&mut exchange, task, &allowance, &mut findings).await;
        let guest_us = exchange.spent.load(std::sync::atomic::Ordering::Relaxed);
        let attempt = attempt.and_then(|mut done| {
            if let Some(body) = turn(&done).map_err(|why| malformed(&why))? {
                done.body = body.into();
                done.media_type = "application/json".to_owned();
            }
            Ok(done)
        });
        let mut done = match attempt {
            Ok(done) => done,
            Err(mut failure) => {
                failure.sent |= exchange.call.step > 0;
                record.failed(&candidate, &failure, guest_us);
                search
                    .failed(&candidate, reservation, &mut findings, &failure)
                    .await;
                if failure.is_final() {
                    return Err(final_error(&failure));
                }
                search.tally.failed(&candidate.key.id, failure);
                continue;
            }
        };
        record.content(&candidate);
        record.used(done.usage);
        record.guest(guest_us);
        Bill::new(gateway, reservation, done.usage).settle().await;
        gateway.learn(&candidate, &mut findings).await;
        let pace = search.pace(None, done.usage.output);
        gateway.answered(&candidate, pace).await;
        done.route = record.route.clone();
        return Ok(done);
    }
    Err(search.error())
}

/// One attempt with this candidate, which counts against nothing, under this id.
pub async fn try_once(
    means: Means<'_>,
    candidate: &Candidate,
    task: &Task,
    id: &str,
) -> (Result<Done, Failure>, Findings) {
    let mut findings = Findings::default();
    let until = Instant::now() + means.timeouts.budget;
    let mut exchange = begin(means, candidate, task, until);
    id.clone_into(&mut exchange.call.id);
    let done = attempt(&mut exchange, task, &Allowance::Free, &mut findings).await;
    (done, findings)
}

fn begin<'a>(means: Means<'a>, candidate: &Candidate, task: &Task, until: Instant) -> Exchange<'a> {
    let peer = Peer {
        plugin: Arc::clone(&candidate.plugin),
        key: Arc::clone(&candidate.key),
        base: candidate.base.clone(),
    };
    let operation = (task.operation, candidate.model.id.as_str(), false);
    Exchange::new(means, peer, operation, &task.outline, until).with(task.uploads.clone())
}

async fn attempt(
    exchange: &mut Exchange<'_>,
    task: &Task,
    allowance: &Allowance<'_>,
    findings: &mut Findings,
) -> Result<Done, Failure> {
    let mut body = task.body.clone();
    if let Some(members) = body.as_object_mut() {
        members.insert("model", Value::from(exchange.call.model.clone()));
    }
    let reads = &exchange.peer.plugin.manifest().reads_body;
    let read = if reads.contains(task.operation) {
        body.to_vec()
    } else {
        Vec::new()
    };
    let mut planned = exchange.encode(read, Vec::new()).await?;
    loop {
        let mut received = exchange.send(planned, || body.clone()).await?;
        let follow_up = if (200..300).contains(&received.head.status) {
            findings.quotas = exchange.quotas(&received).await;
            let reply = exchange.whole(&mut received).await?;
            match read_reply(exchange, task, &received, reply, findings).await? {
                Step::Done(done) => return Ok(done),
                Step::Again(follow_up) => *follow_up,
            }
        } else {
            exchange.judge(received).await?
        };
        planned = exchange.follow(follow_up).await?;
        allowance.another().await?;
    }
}

enum Step {
    Done(Done),
    Again(Box<crate::plugins::contract::FollowUp>),
}

async fn read_reply(
    exchange: &mut Exchange<'_>,
    task: &Task,
    received: &Received,
    reply: Bytes,
    findings: &mut Findings,
) -> Result<Step, Failure> {
    let came = received.media_type();
    let canonical = &exchange.peer.plugin.manifest().canonical_replies;
    let (media_type, body, told) = if canonical.contains(task.operation) {
        if is_error(&came, &reply) {
            let follow_up = exchange.classify(&received.head, reply).await?;
            return Ok(Step::Again(Box::new(follow_up)));
        }
        (came, reply, None)
    } else {
        let said = match exchange.decode(&received.head, reply.clone()).await? {
            Outcome::Again(follow_up) => return Ok(Step::Again(Box::new(follow_up))),
            Outcome::Done(said) => said,
        };
        findings.learned = said.learned;
        let told = said.usage.as_ref().map(read_usage);
        let (own, body) = match said.answer {
            Answer::Keep => (came, reply),
            Answer::Json(json) => ("application/json".to_owned(), json.into()),
            Answer::Bytes(bytes) => (came, bytes.into()),
        };
        let media_type = match said.media_type {
            none if none.is_empty() => own,
            said => said,
        };
        (media_type, body, told)
    };
    if body.is_empty() {
        return Err(malformed("the provider's answer is empty"));
    }
    let told = told.or_else(|| usage_of(&media_type, &body));
    Ok(Step::Done(Done {
        usage: told.unwrap_or_default().or(Usage {
            input: Some(task.outline.input_tokens),
            output: Some(0),
            ..Usage::default()
        }),
        media_type,
        body,
        route: Route::default(),
    }))
}

/// An error inside a 2xx.
fn is_error(media_type: &str, body: &[u8]) -> bool {
    media_type == "application/json"
        && parse(body, &Options::LENIENT).is_ok_and(|body| {
            body.get("error")
                .is_some_and(|error| !error.is_null() && error.as_bool() != Some(false))
        })
}

fn usage_of(media_type: &str, body: &[u8]) -> Option<Usage> {
    if media_type != "application/json" {
        return None;
    }
    let body = parse(body, &Options::LENIENT).ok()?;
    Usage::read(body.get("usage")?)
}
