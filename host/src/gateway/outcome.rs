//! What an attempt's end means for limits and rests.

use std::sync::Arc;

use super::Gateway;
use super::attempt::Findings;
use super::failure::{Failure, TIMEOUT, UNREACHABLE};
use crate::chat::ChatRequest;
use crate::limits::{Actual, Anchor, Fault, Need, Reservation, Reserve, Unit, default_scope};
use crate::plugins::contract::{Note, Quota};
use crate::routing::Candidate;

/// Tokens reserved for an answer whose length the client leaves open. Its real length is booked afterwards.
const OPEN_ANSWER: u64 = 1_024;

/// Whether a candidate may be tried now.
pub(super) enum Admission {
    Go(Reservation),
    /// Not before this long from now.
    Wait(u64),
}

impl Gateway {
    /// Reserves what the request will need of each of the candidate's limits.
    pub(super) async fn admit(
        &self,
        candidate: &Candidate,
        input: u64,
        output: Option<u64>,
    ) -> Admission {
        let need = need(candidate, input, output);
        // Each round either grants, refuses, or writes ahead; another request may use a block up in between.
        for _ in 0..100 {
            match self
                .ledger
                .try_reserve(&candidate.meters, &need, self.clock.now_ms())
            {
                Reserve::Granted(reservation) => return Admission::Go(reservation),
                Reserve::Full { retry_after_ms, .. } => {
                    return Admission::Wait(u64::try_from(retry_after_ms).unwrap_or(0));
                }
                Reserve::Behind(blocks) => match self.store.write_blocks(&blocks).await {
                    Ok(()) => self.ledger.confirm(&blocks),
                    Err(error) => {
                        tracing::error!(%error, "limits cannot be written down; this key is not used");
                        return Admission::Wait(1_000);
                    }
                },
            }
        }
        Admission::Wait(1_000)
    }

    /// Books what was really used. More than was reserved is written down too.
    pub(super) async fn settle(&self, reservation: Reservation, actual: Actual) {
        let settled = reservation.settle(actual, self.clock.now_ms());
        if settled.blocks.is_empty() {
            return;
        }
        tracing::debug!(tokens = settled.overshoot, "more was used than reserved");
        match self.store.write_blocks(&settled.blocks).await {
            Ok(()) => self.ledger.confirm(&settled.blocks),
            Err(error) => tracing::error!(%error, "a limit could not be written down"),
        }
    }

    /// What a candidate's failure means for those after it.
    pub(super) async fn failed(&self, candidate: &Candidate, failure: &Failure) {
        let now_ms = self.clock.now_ms();
        self.learn_quotas(candidate, &failure.quotas);
        let kind = match failure.kind.as_str() {
            TIMEOUT | UNREACHABLE => "upstream-broken",
            kind => kind,
        };
        let scope = if failure.scope.is_empty() {
            default_scope(kind)
        } else {
            &failure.scope
        };
        let fault = Fault {
            kind,
            retry_after_ms: failure
                .retry_after_ms
                .or_else(|| day_ends(candidate, kind, now_ms)),
            reason: &failure.message,
        };
        tracing::debug!(candidate = %candidate.name(), %failure, "an attempt failed");
        let subject = candidate.subjects.of(scope);
        if let Some(cooldown) = self.cooldowns.failed(subject, &fault, now_ms)
            && let Err(error) = self.store.write_cooldowns(&[cooldown]).await
        {
            tracing::error!(%error, "a rest could not be written down; it ends with this process");
        }
    }

    /// The candidate answered: its rests and strikes are over.
    pub(super) async fn answered(&self, candidate: &Candidate) {
        let over = self
            .cooldowns
            .succeeded(&candidate.subjects.all(), self.clock.now_ms());
        if !over.is_empty()
            && let Err(error) = self.store.remove_cooldowns(&over).await
        {
            tracing::warn!(%error, "an ended rest could not be removed");
        }
    }

    /// What the attempt learnt of the key and its limits.
    pub(super) async fn learn(&self, candidate: &Candidate, findings: &mut Findings) {
        self.learn_quotas(candidate, &std::mem::take(&mut findings.quotas));
        let learned: Vec<(String, String)> = std::mem::take(&mut findings.learned)
            .into_iter()
            .map(|pair| (pair.name, pair.value))
            .filter(|(name, value)| candidate.key.learned.get(name) != Some(value))
            .collect();
        if !learned.is_empty()
            && let Err(error) = self.store.set_learned(&candidate.key.id, &learned).await
        {
            tracing::warn!(%error, "what was learnt of a key could not be kept");
        }
    }

    /// What the plugin was to be reminded of for this conversation.
    pub(super) fn notes_for(
        &self,
        client: &str,
        candidate: &Candidate,
        request: &ChatRequest<'_>,
    ) -> Vec<Note> {
        let manifest = candidate.plugin.manifest();
        if !manifest.reads_body.contains("chat") {
            return Vec::new();
        }
        self.notes.find(
            client,
            &manifest.id,
            request.call_ids(),
            self.clock.now_ms(),
        )
    }

    /// Keeps what the plugin will want to be reminded of.
    pub(super) fn keep_notes(&self, client: &str, candidate: &Candidate, notes: Vec<Note>) {
        let id = &candidate.plugin.manifest().id;
        self.notes.keep(client, id, notes, self.clock.now_ms());
    }

    fn learn_quotas(&self, candidate: &Candidate, quotas: &[Quota]) {
        let now_ms = self.clock.now_ms();
        for quota in quotas {
            let unit = Unit::parse(&quota.unit);
            let window_ms = i64::try_from(quota.window_s.saturating_mul(1000)).unwrap_or(i64::MAX);
            let same = |meter: &&Arc<_>| {
                let meter: &crate::limits::Meter = meter;
                meter.unit == unit && meter.window_ms == window_ms
            };
            if let Some(meter) = candidate.meters.iter().find(same) {
                self.ledger
                    .learn(meter, quota.remaining, quota.limit, quota.reset_ms, now_ms);
            }
        }
    }
}

/// Until the provider's own midnight, for a spent day of which nobody said when it ends.
fn day_ends(candidate: &Candidate, kind: &str, now_ms: i64) -> Option<u64> {
    if kind != "quota-exhausted" {
        return None;
    }
    let zone = candidate
        .meters
        .iter()
        .find_map(|meter| match meter.anchor {
            Anchor::Zone(zone) => Some(zone),
            _ => None,
        })?;
    u64::try_from(zone.day(now_ms).1 - now_ms).ok()
}

/// The estimate of the prompt and the longest answer wanted, but no more than the smallest limit holds: what
/// is longer than the whole window would otherwise never be sent.
fn need(candidate: &Candidate, input: u64, output: Option<u64>) -> Need {
    let mut output = output
        .or(candidate.model.max_output.map(|most| most.min(OPEN_ANSWER)))
        .unwrap_or(OPEN_ANSWER);
    for meter in &candidate.meters {
        let room = match meter.unit {
            Unit::Tokens => meter.limit.saturating_sub(input),
            Unit::OutputTokens => meter.limit,
            _ => continue,
        };
        output = output.min(room);
    }
    Need {
        input_tokens: input,
        output_tokens: output,
    }
}
