//! One attempt at answering a chat request with one candidate: until the first content is at hand, or it failed.

use std::sync::Arc;

use bytes::Bytes;

use super::exchange::{Exchange, Means, Peer, Received};
use super::failure::Failure;
use super::held::Held;
use super::notes::Gathered;
use super::outcome::Allowance;
use super::pump::{Pump, malformed, read_usage};
use crate::chat::convert::{self, Fold};
use crate::chat::{ChatRequest, Outline, Seed, Usage, answer};
use crate::plugins::contract::{Answer, FollowUp, Note, Outcome, Pair, Quota};
use crate::plugins::manifest::TOOLS;
use crate::routing::Candidate;
use crate::upstream::framing::Framing;

/// What a client asks, as all attempts at it see it.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    /// The canonical request.
    pub request: &'a ChatRequest<'a>,
    /// What it uses.
    pub outline: &'a Outline,
    /// Fills in what upstreams leave out.
    pub seed: &'a Seed,
    /// When the whole request ends.
    pub until: tokio::time::Instant,
}

/// The candidate's answer.
pub enum Answered {
    /// All of it, canonical.
    Whole {
        /// The body.
        body: Bytes,
        /// What it cost.
        usage: Usage,
    },
    /// It comes bit by bit; the first content is there.
    Stream(Box<Live>),
}

/// A stream that has begun.
pub struct Live {
    /// Chunks at hand, the first content among them.
    pub first: Vec<Bytes>,
    pump: Option<Pump>,
    usage: Option<Usage>,
    bytes: u64,
}

/// What an attempt found out, whether or not it came to an answer.
#[derive(Default)]
pub struct Findings {
    /// Meters in the headers.
    pub quotas: Vec<Quota>,
    /// Facts about the key.
    pub learned: Vec<Pair>,
}

/// One attempt.
pub struct Attempt<'a> {
    exchange: Exchange<'a>,
    wish: Wish<'a>,
    tools: bool,
    notes: Gathered,
    /// What was found out so far.
    pub findings: Findings,
}

impl<'a> Attempt<'a> {
    /// With this candidate.
    pub fn new(means: Means<'a>, candidate: &Candidate, wish: Wish<'a>) -> Self {
        let peer = Peer {
            plugin: Arc::clone(&candidate.plugin),
            key: Arc::clone(&candidate.key),
            base: candidate.base.clone(),
        };
        let streaming = wish.request.stream() && !candidate.model.has("no-stream");
        let operation = ("chat", candidate.model.id.as_str(), streaming);
        Self {
            exchange: Exchange::new(means, peer, operation, wish.outline, wish.until),
            wish,
            tools: candidate.plugin.grant.has_power(TOOLS),
            notes: Gathered::default(),
            findings: Findings::default(),
        }
    }

    /// The same under this id, so that what a plugin makes of it is known before.
    #[must_use]
    pub fn named(mut self, id: &str) -> Self {
        id.clone_into(&mut self.exchange.call.id);
        self
    }

    /// CPU time of guests so far, microseconds.
    pub fn guest_us(&self) -> u64 {
        self.exchange
            .spent
            .load(std::sync::atomic::Ordering::Relaxed)
    }

    /// What the plugin has had the host remember since it was last asked.
    pub fn take_notes(&mut self) -> Vec<Note> {
        self.gather();
        self.notes.take()
    }

    /// Up to the whole answer, or the first content of a stream. `allowance` is asked before each request but the
    /// first.
    pub async fn run(
        &mut self,
        notes: Vec<Note>,
        allowance: &Allowance<'_>,
    ) -> Result<Answered, Failure> {
        self.steps(notes, allowance).await.map_err(|mut failure| {
            // Whatever kept the last request back, those before it were sent.
            failure.sent |= self.exchange.call.step > 0;
            failure
        })
    }

    async fn steps(
        &mut self,
        notes: Vec<Note>,
        allowance: &Allowance<'_>,
    ) -> Result<Answered, Failure> {
        let body = if self
            .exchange
            .peer
            .plugin
            .manifest()
            .reads_body
            .contains("chat")
        {
            self.canonical().to_vec()
        } else {
            Vec::new()
        };
        let mut planned = self.exchange.encode(body, notes).await?;
        loop {
            let (wish, model) = (self.wish, self.exchange.call.model.clone());
            let streaming = self.exchange.call.streaming;
            let received = self
                .exchange
                .send(planned, || wish.request.for_attempt(&model, streaming))
                .await?;
            let follow_up = if (200..300).contains(&received.head.status) {
                self.findings.quotas = self.exchange.quotas(&received).await;
                match self.read(received).await? {
                    Step::Answered(answered) => return Ok(answered),
                    Step::Again(follow_up) => follow_up,
                }
            } else {
                self.exchange.judge(received).await?
            };
            planned = self.exchange.follow(follow_up).await?;
            allowance.another().await?;
        }
    }

    /// The next chunks of the stream, framed by nothing; `None` at its good end.
    pub async fn next(&mut self, live: &mut Live) -> Result<Option<Vec<Bytes>>, Failure> {
        let Some(pump) = live.pump.as_mut() else {
            return Ok(None);
        };
        let batch = pump.next(&mut self.exchange).await;
        // Also when it broke off: what was told until then was used.
        live.usage = pump.usage();
        let batch = batch?;
        live.bytes += batch
            .chunks
            .iter()
            .map(|chunk| chunk.len() as u64)
            .sum::<u64>();
        if batch.ended {
            // Gives the instance and the connection back before the client has read the end.
            live.pump = None;
        }
        Ok(Some(batch.chunks))
    }

    fn canonical(&self) -> crate::json::Value<'a> {
        let call = &self.exchange.call;
        self.wish.request.for_attempt(&call.model, call.streaming)
    }

    fn gather(&mut self) {
        self.findings.learned.append(&mut self.exchange.learned);
        self.notes.add(std::mem::take(&mut self.exchange.notes));
    }

    async fn read(&mut self, received: Received) -> Result<Step, Failure> {
        let media = received.media_type();
        let events = [
            "text/event-stream",
            "application/x-ndjson",
            "application/stream+json",
            "application/jsonl",
        ];
        let streams = events.contains(&media.as_str())
            || (self.exchange.call.streaming
                && !received.framing.is_empty()
                && media != "text/html");
        if streams {
            let framing = Framing::choose(&received.framing, Some(&media))
                .map_err(|unknown| malformed(&unknown.to_string()))?;
            let seed = self.wish.seed.clone();
            let pump = Pump::open(&mut self.exchange, received, framing, seed, self.tools).await?;
            return self.begin(pump).await.map(Step::Answered);
        }
        self.whole(received).await
    }

    /// Reads until there is something that can be shown, so that until then nobody is committed to this candidate.
    async fn begin(&mut self, mut pump: Pump) -> Result<Answered, Failure> {
        let mut first = Vec::new();
        let wants_stream = self.wish.request.stream();
        let mut held = Held::new(wants_stream);
        let ended = loop {
            let batch = pump.next(&mut self.exchange).await?;
            self.gather();
            held.add(&batch.chunks);
            first.extend(batch.chunks);
            if wants_stream && batch.content {
                break batch.ended;
            }
            if held.too_much() {
                return Err(malformed("the provider's stream goes on and on"));
            }
            if batch.ended {
                break true;
            }
        };
        let end = pump.end();
        if ended && !end.content && (end.native_error || !end.finished) {
            return Err(Failure::new(
                "upstream-broken",
                "the provider's stream holds no answer",
            ));
        }
        if !wants_stream {
            return self.fold(first, pump.usage());
        }
        Ok(Answered::Stream(Box::new(Live {
            bytes: first.iter().map(|chunk| chunk.len() as u64).sum(),
            first,
            usage: pump.usage(),
            pump: (!ended).then_some(pump),
        })))
    }

    /// A stream for a client that wants a whole answer.
    fn fold(&self, chunks: Vec<Bytes>, usage: Option<Usage>) -> Result<Answered, Failure> {
        let mut fold = Fold::new();
        for chunk in &chunks {
            fold.push(chunk)
                .map_err(|broken| malformed(&broken.to_string()))?;
        }
        let usage = self.wish.filled(
            usage,
            chunks.iter().map(Bytes::len).sum::<usize>() as u64 / 10,
        );
        Ok(Answered::Whole {
            body: fold.finish(Some(usage)).into(),
            usage,
        })
    }

    async fn whole(&mut self, mut received: Received) -> Result<Step, Failure> {
        let body = self.exchange.whole(&mut received).await?;
        let canonical = self
            .exchange
            .peer
            .plugin
            .manifest()
            .canonical_replies
            .contains("chat");
        let (body, told) = if canonical {
            (body, None)
        } else {
            match self.decode(&received, body).await? {
                Decoded::Done(body, usage) => (body, usage),
                Decoded::Again(follow_up) => return Ok(Step::Again(follow_up)),
            }
        };
        let mut answer = answer::normalise(&body, self.wish.seed)
            .map_err(|broken| malformed(&broken.to_string()))?;
        if answer.error {
            return self
                .exchange
                .classify(&received.head, body.clone())
                .await
                .map(Step::Again);
        }
        if answer.native_error && !answer.has_content {
            return Err(Failure::new(
                "upstream-broken",
                "the provider's answer is empty and tells of an error",
            ));
        }
        if answer.tool_calls && !self.tools {
            return Err(malformed(
                "the plugin returned a tool call, and was not granted the power `tools`",
            ));
        }
        let known = told.or(answer.usage);
        let output = match known {
            Some(Usage {
                output: Some(told), ..
            }) => told,
            _ => answer.said().div_ceil(4),
        };
        let usage = self.wish.filled(known, output);
        if answer.usage.is_none() {
            answer.set_usage(usage);
        }
        let body = match answer.bytes {
            std::borrow::Cow::Borrowed(same) => body.slice_ref(same),
            std::borrow::Cow::Owned(mended) => mended.into(),
        };
        if !self.wish.request.stream() {
            return Ok(Step::Answered(Answered::Whole { body, usage }));
        }
        let chunks = convert::chunks(&body).map_err(|broken| malformed(&broken.to_string()))?;
        Ok(Step::Answered(Answered::Stream(Box::new(Live {
            first: chunks.into_iter().map(Bytes::from).collect(),
            pump: None,
            usage: Some(usage),
            bytes: body.len() as u64,
        }))))
    }

    async fn decode(&mut self, received: &Received, body: Bytes) -> Result<Decoded, Failure> {
        let reply = match self.exchange.decode(&received.head, body.clone()).await? {
            Outcome::Again(follow_up) => return Ok(Decoded::Again(follow_up)),
            Outcome::Done(reply) => reply,
        };
        let body = match reply.answer {
            Answer::Keep => body,
            Answer::Json(json) => json.into(),
            Answer::Bytes(_) => return Err(malformed("the plugin answers a chat with bytes")),
        };
        self.findings.learned.extend(reply.learned);
        self.exchange.notes = reply.notes;
        self.gather();
        Ok(Decoded::Done(body, reply.usage.as_ref().map(read_usage)))
    }
}

enum Step {
    Answered(Answered),
    Again(FollowUp),
}

enum Decoded {
    Done(Bytes, Option<Usage>),
    Again(FollowUp),
}

impl Wish<'_> {
    /// What was told, and estimates of the rest. `output` is the estimate of the answer, tokens.
    fn filled(&self, told: Option<Usage>, output: u64) -> Usage {
        told.unwrap_or_default().or(Usage {
            input: Some(self.outline.input_tokens),
            output: Some(output),
            ..Usage::default()
        })
    }
}

impl Live {
    /// What it has cost so far, told or estimated.
    pub fn usage(&self, wish: &Wish<'_>) -> Usage {
        cost(wish, self.usage, self.bytes, self.pump.is_none())
    }
}

/// Of `bytes` of a stream. Before its end, what was told of the answer may be a figure from its beginning.
fn cost(wish: &Wish<'_>, told: Option<Usage>, bytes: u64, whole: bool) -> Usage {
    // A chunk carries some two hundred bytes around a token.
    let estimate = bytes / 200;
    let mut usage = wish.filled(told, estimate);
    if !whole {
        usage.output = usage.output.max(Some(estimate));
    }
    usage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_stream_costs_what_came_or_what_was_told() {
        let request = ChatRequest::parse(br#"{"messages":[{"role":"user","content":"hi"}]}"#);
        let seed = Seed {
            id: "1".into(),
            created: 0,
            model: "auto".into(),
        };
        let outline = Outline {
            input_tokens: 7,
            ..Outline::default()
        };
        let wish = Wish {
            request: &request.unwrap(),
            outline: &outline,
            seed: &seed,
            until: tokio::time::Instant::now(),
        };
        let told = |input, output| {
            Some(Usage {
                input,
                output,
                ..Usage::default()
            })
        };
        let table = [
            (None, 2_000, false, (7, 10)),
            (told(Some(9), Some(1)), 2_000, false, (9, 10)),
            (told(Some(9), Some(99)), 2_000, false, (9, 99)),
            (told(None, Some(1)), 2_000, true, (7, 1)),
        ];
        for (told, bytes, whole, (input, output)) in table {
            let cost = cost(&wish, told, bytes, whole);
            assert_eq!((cost.input, cost.output), (Some(input), Some(output)));
        }
    }
}
