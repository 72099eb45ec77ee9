//! Reads one streamed answer: network reads to events, events to canonical chunks, and how it ended.

use bytes::Bytes;
use tokio::time::Instant;

use super::exchange::{Exchange, MAX_ANSWER, Received};
use super::failure::Failure;
use crate::chat::{ChunkNormaliser, Data, End, Seed, Usage};
use crate::plugins::contract::{self, Delta, Event, Pair, Piece};
use crate::plugins::plugin::Stream;
use crate::upstream::framing::{Frame, Framer, Framing};

/// Begins the names of those facts in `delta.extra` that are of the key.
const LEARNED: &str = "learned:";

/// A streamed answer while it comes.
pub(super) struct Pump {
    received: Received,
    framer: Framer,
    /// Reads what is not canonical; `None`: the host reads it itself.
    decoder: Option<Stream>,
    normaliser: ChunkNormaliser,
    /// Whether the plugin may hand over tool calls.
    tools: bool,
    /// When the next event is due. Comments and keep-alives do not move it.
    due: Instant,
    /// What the plugin told of usage beside the chunks.
    told: Option<Usage>,
    /// Comes after the chunks that were read with it.
    failed: Option<Failure>,
    ended: bool,
}

/// What one network read came to.
#[derive(Default)]
pub(super) struct Batch {
    /// Canonical chunks, without framing.
    pub(super) chunks: Vec<Bytes>,
    /// Something that a client would show or act on was among them.
    pub(super) content: bool,
    /// The answer is whole.
    pub(super) ended: bool,
}

impl Pump {
    /// Of a 2xx reply. `framing` has been chosen by the plan or the content type.
    pub(super) async fn open(
        exchange: &mut Exchange<'_>,
        received: Received,
        framing: Framing,
        seed: Seed,
        tools: bool,
    ) -> Result<Self, Failure> {
        let plugin = &exchange.peer.plugin;
        let canonical = plugin
            .manifest()
            .canonical_replies
            .contains(&exchange.call.operation);
        let decoder = if canonical {
            None
        } else {
            let plugin = std::sync::Arc::clone(plugin);
            exchange.stamp();
            let opened = exchange
                .guest(plugin.open_stream(&exchange.call, &received.head, &exchange.spent))
                .await;
            Some(opened.map_err(|no| Failure::of_guest("malformed-reply", no))?)
        };
        Ok(Self {
            due: received.first_content,
            received,
            framer: Framer::new(framing, MAX_ANSWER),
            decoder,
            normaliser: ChunkNormaliser::new(seed),
            tools,
            told: None,
            failed: None,
            ended: false,
        })
    }

    /// Waits for the next events. After [`Batch::ended`] or an error nothing more comes.
    pub(super) async fn next(&mut self, exchange: &mut Exchange<'_>) -> Result<Batch, Failure> {
        if let Some(failure) = self.failed.take() {
            return Err(failure);
        }
        let mut frames = Vec::new();
        while frames.is_empty() {
            let read = if self.end().content {
                exchange.read_on(&mut self.received, self.due).await?
            } else {
                exchange.read(&mut self.received, self.due).await?
            };
            let Some(read) = read else {
                return self.close(exchange).await;
            };
            self.framer
                .push(&read, &mut frames)
                .map_err(|error| malformed(&error.to_string()))?;
        }
        self.take(exchange, frames).await
    }

    /// What was used, as far as it was told.
    pub(super) fn usage(&self) -> Option<Usage> {
        let end = self.normaliser.finish();
        match (self.told, end.usage) {
            (Some(told), Some(seen)) => Some(told.or(seen)),
            (told, seen) => told.or(seen),
        }
    }

    /// What the stream came to so far.
    pub(super) fn end(&self) -> End {
        self.normaliser.finish()
    }

    /// The connection ended.
    async fn close(&mut self, exchange: &mut Exchange<'_>) -> Result<Batch, Failure> {
        let mut frames = Vec::new();
        let rest = self.framer.finish(&mut frames);
        let mut batch = if frames.is_empty() {
            Batch::default()
        } else {
            self.take(exchange, frames).await?
        };
        if let (false, Some(failure)) = (self.ended, self.failed.take()) {
            return self.after(batch, failure);
        }
        if let (false, Some(mut decoder)) = (self.ended, self.decoder.take()) {
            let delta = exchange
                .guest(decoder.finish(&exchange.spent))
                .await
                .map_err(|no| Failure::of_guest("malformed-reply", no))?;
            self.apply(exchange, delta, &[], &mut batch).await?;
        } else if self.normaliser.finish().finished {
            // Many upstreams end without `[DONE]`. The finish reason is what counts.
            self.ended = true;
        }
        if self.ended {
            self.over(&mut batch);
            return Ok(batch);
        }
        let failure = self.failed.take().unwrap_or_else(|| match rest {
            Err(error) => malformed(&error.to_string()),
            Ok(()) => Failure::new(
                "truncated",
                "the provider's stream broke off before its end",
            ),
        });
        self.after(batch, failure)
    }

    /// The stream ended well: some never tell how.
    fn over(&mut self, batch: &mut Batch) {
        batch.ended = true;
        batch
            .chunks
            .extend(self.normaliser.closing().map(Bytes::from));
    }

    /// A failure that comes after the chunks of its read.
    fn after(&mut self, batch: Batch, failure: Failure) -> Result<Batch, Failure> {
        if batch.chunks.is_empty() {
            return Err(failure);
        }
        self.failed = Some(failure);
        Ok(batch)
    }

    async fn take(
        &mut self,
        exchange: &mut Exchange<'_>,
        frames: Vec<Frame>,
    ) -> Result<Batch, Failure> {
        let mut batch = Batch::default();
        if let Some(mut decoder) = self.decoder.take() {
            let (mut events, mut data) = (Vec::new(), Vec::new());
            for frame in frames {
                let bytes = exchange.blank(frame.data);
                events.push(Event {
                    name: exchange.redactor.text(&frame.name).into_owned(),
                    data: bytes.to_vec(),
                });
                data.push(bytes);
            }
            let delta = exchange.guest(decoder.push(events, &exchange.spent)).await;
            let delta = delta.map_err(|no| Failure::of_guest("malformed-reply", no))?;
            self.decoder = Some(decoder);
            self.apply(exchange, delta, &data, &mut batch).await?;
        } else {
            for frame in frames {
                if self.ended || self.failed.is_some() {
                    break;
                }
                let data = exchange.blank(frame.data);
                if let Err(failure) = self.chunk(exchange, data, &mut batch).await {
                    self.failed = Some(failure);
                }
            }
        }
        if batch.content {
            // Pings, comments and empty chunks say nothing, so they do not put the end of patience off.
            self.due = Instant::now() + exchange.idle();
        }
        match self.failed.take() {
            Some(failure) => self.after(batch, failure),
            None => {
                if self.ended {
                    self.over(&mut batch);
                }
                Ok(batch)
            }
        }
    }

    /// What a decoder made of events.
    async fn apply(
        &mut self,
        exchange: &mut Exchange<'_>,
        delta: Delta,
        events: &[Bytes],
        batch: &mut Batch,
    ) -> Result<(), Failure> {
        for piece in delta.pieces {
            let chunk = match piece {
                Piece::Keep(at) => events
                    .get(at as usize)
                    .cloned()
                    .ok_or_else(|| malformed("the plugin keeps an event that is not there"))?,
                Piece::Chunk(json) => json.into(),
            };
            self.chunk(exchange, chunk, batch).await?;
        }
        if let Some(usage) = delta.usage {
            self.told = Some(read_usage(&usage));
        }
        exchange.notes.extend(delta.notes);
        exchange
            .learned
            .extend(delta.extra.into_iter().filter_map(|fact| {
                let name = fact.name.strip_prefix(LEARNED)?.to_owned();
                Some(Pair { name, ..fact })
            }));
        match delta.end {
            Some(contract::End::Complete) => self.ended = true,
            Some(contract::End::Failed(failure)) => {
                let mut failure = Failure::from(failure);
                failure.message = exchange.redactor.text(&failure.message).into_owned();
                self.failed = Some(failure);
            }
            None => {}
        }
        Ok(())
    }

    /// One chunk, canonical or to be mended.
    async fn chunk(
        &mut self,
        exchange: &mut Exchange<'_>,
        data: Bytes,
        batch: &mut Batch,
    ) -> Result<(), Failure> {
        let out = self
            .normaliser
            .push(&data)
            .map_err(|broken| malformed(&broken.to_string()))?;
        if out.error {
            let mut head = self.received.head.clone();
            head.status = 200;
            return match exchange.classify(&head, data).await {
                Err(failure) => Err(failure),
                Ok(_) => Err(Failure::new(
                    "upstream-broken",
                    "the provider reported an error in its stream",
                )),
            };
        }
        if out.tool_calls && !self.tools {
            return Err(malformed(
                "the plugin returned a tool call, and was not granted the power `tools`",
            ));
        }
        if out.done {
            self.ended = true;
        }
        batch.content |= out.content;
        match out.data {
            Data::Nothing => {}
            Data::Same => batch.chunks.push(data),
            Data::Rewritten(bytes) => batch.chunks.push(bytes.into()),
        }
        Ok(())
    }
}

pub(super) fn malformed(why: &str) -> Failure {
    Failure::new("malformed-reply", why)
}

pub(super) fn read_usage(usage: &contract::Usage) -> Usage {
    Usage {
        input: usage.input,
        output: usage.output,
        cached: usage.cached,
        reasoning: usage.reasoning,
    }
}
