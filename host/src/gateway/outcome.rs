//! What an attempt's end means for limits and rests.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Gateway;
use super::attempt::Findings;
use super::failure::{Failure, NO_SANDBOX, OUT_OF_TIME, TIMEOUT, UNREACHABLE};
use crate::chat::ChatRequest;
use crate::limits::{
    Actual, Anchor, Fault, Meter, Need, Reservation, Reserve, Settled, Unit, default_scope, scope,
};
use crate::plugins::contract::{Note, Pair, Quota};
use crate::routing::Candidate;
use crate::routing::tally::{Outcome, Pace};

/// Tokens reserved for an answer whose length the client leaves open. Its real length is booked afterwards.
const OPEN_ANSWER: u64 = 1_024;

/// What is stored of a key that answered.
const HEALTHY: &str = "healthy";

/// Facts that are kept of one key.
const MOST_FACTS: usize = 16;

/// The longest name and value of a fact, bytes.
const LONGEST_NAME: usize = 64;
const LONGEST_VALUE: usize = 256;

/// Whether a candidate may be tried now.
pub(super) enum Admission {
    Go(Reservation),
    /// Not before this long from now.
    Wait(u64),
}

/// Counts the requests of one attempt after its first, which its reservation counts.
pub enum Allowance<'a> {
    /// Against the candidate's limits.
    Metered(&'a Gateway, &'a Candidate),
    /// Against nothing: nobody is asked in earnest.
    Free,
}

impl Allowance<'_> {
    /// One more request is about to be sent. Its tokens are those of the attempt.
    pub(super) async fn another(&self) -> Result<(), Failure> {
        let Self::Metered(gateway, candidate) = self else {
            return Ok(());
        };
        let meters: Vec<Arc<Meter>> = candidate
            .meters
            .iter()
            .filter(|meter| meter.unit == Unit::Requests)
            .cloned()
            .collect();
        match gateway.reserve(&meters, &Need::default()).await {
            // Dropped, it stays spent.
            Admission::Go(_) => Ok(()),
            Admission::Wait(wait_ms) => Err(Failure {
                retry_after_ms: Some(wait_ms),
                ..Failure::new(
                    "rate-limited",
                    "the answer takes several requests, and the key has none left",
                )
            }),
        }
    }
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
        self.reserve(&candidate.meters, &need).await
    }

    async fn reserve(&self, meters: &[Arc<Meter>], need: &Need) -> Admission {
        // Each round either grants, refuses, or writes ahead; another request may use a block up in between.
        for _ in 0..100 {
            match self.ledger.try_reserve(meters, need, self.clock.now_ms()) {
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
        self.write_down(reservation.settle(actual, self.clock.now_ms()))
            .await;
    }

    /// Writes what was used beyond what was reserved.
    pub(super) async fn write_down(&self, settled: Settled) {
        if settled.blocks.is_empty() {
            return;
        }
        tracing::debug!(tokens = settled.overshoot, "more was used than reserved");
        match self.store.write_blocks(&settled.blocks).await {
            Ok(()) => self.ledger.confirm(&settled.blocks),
            Err(error) => tracing::error!(%error, "a limit could not be written down"),
        }
    }

    /// A candidate failed before any content, so long after it was asked, milliseconds.
    pub(super) async fn failed(&self, candidate: &Candidate, failure: &Failure, after_ms: u64) {
        self.book(
            candidate,
            Outcome::of_failure(&failure.kind, false, after_ms),
        );
        self.rest(candidate, failure).await;
    }

    /// A candidate's answer broke off.
    pub(super) async fn broke(&self, candidate: &Candidate, failure: &Failure) {
        self.book(candidate, Outcome::of_failure(&failure.kind, true, 0));
        self.rest(candidate, failure).await;
    }

    fn book(&self, candidate: &Candidate, outcome: Option<Outcome>) {
        if let Some(outcome) = outcome {
            candidate.arm.record(outcome, self.clock.now_ms());
        }
    }

    /// What a candidate's failure means for those after it.
    async fn rest(&self, candidate: &Candidate, failure: &Failure) {
        if matches!(failure.kind.as_str(), OUT_OF_TIME | NO_SANDBOX) {
            // The server's own trouble: nobody rests for it.
            return;
        }
        let now_ms = self.clock.now_ms();
        self.learn_quotas(candidate, &failure.quotas);
        let kind = match failure.kind.as_str() {
            TIMEOUT | UNREACHABLE => "upstream-broken",
            kind => kind,
        };
        let whose = if failure.scope.is_empty() {
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
        if kind == "key-invalid" {
            self.suspects.add(&candidate.key.id);
        }
        let subject = candidate.subjects.of(whose);
        let Some(cooldown) = self.cooldowns.failed(subject, &fault, now_ms) else {
            return;
        };
        if !self.cooldowns.must_write(&cooldown, now_ms) {
            return;
        }
        let written = self
            .store
            .write_cooldowns(std::slice::from_ref(&cooldown))
            .await;
        self.cooldowns.wrote(&cooldown.subject, written.is_ok());
        if let Err(error) = written {
            tracing::error!(%error, "a rest could not be written down; it ends with this process");
        }
    }

    /// The candidate answered: its rests and strikes are over.
    pub(super) async fn answered(&self, candidate: &Candidate, pace: Pace) {
        self.book(candidate, Some(Outcome::Answered(pace)));
        let over = self
            .cooldowns
            .succeeded(&candidate.subjects.all(), self.clock.now_ms());
        if !over.is_empty()
            && let Err(error) = self.store.remove_cooldowns(&over).await
        {
            tracing::warn!(%error, "an ended rest could not be removed");
        }
        self.found_healthy(candidate).await;
    }

    /// Notes that a key is good, where that is news: for whoever lists the keys.
    async fn found_healthy(&self, candidate: &Candidate) {
        let (key, now_ms) = (&candidate.key, self.clock.now_ms());
        // Until the table is made anew the key looks as it did, to every request.
        if key.health == HEALTHY || !self.notes.may_learn(&format!("health/{}", key.id), now_ms) {
            return;
        }
        if let Err(error) = self
            .store
            .set_key_health(&key.id, HEALTHY, "", now_ms)
            .await
        {
            tracing::warn!(%error, "a key's health could not be noted");
        }
    }

    /// What the attempt learnt of the key and its limits.
    pub(super) async fn learn(&self, candidate: &Candidate, findings: &mut Findings) {
        self.learn_quotas(candidate, &std::mem::take(&mut findings.quotas));
        let learned = news(
            &candidate.key.learned,
            std::mem::take(&mut findings.learned),
        );
        if !learned.is_empty()
            && self.notes.may_learn(&candidate.key.id, self.clock.now_ms())
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
            if let Some(meter) = told_of(&candidate.meters, quota) {
                self.ledger
                    .learn(meter, quota.remaining, quota.limit, quota.reset_ms, now_ms);
            }
        }
    }
}

/// The meter that a reply tells of.
fn told_of<'a>(meters: &'a [Arc<Meter>], quota: &Quota) -> Option<&'a Arc<Meter>> {
    let unit = Unit::parse(&quota.unit);
    let window_ms = i64::try_from(quota.window_s.saturating_mul(1000)).unwrap_or(i64::MAX);
    let whose = scope(&quota.scope);
    meters
        .iter()
        .find(|meter| meter.unit == unit && meter.window_ms == window_ms && *meter.scope == *whose)
}

/// What of these facts is fit to be kept, and not known yet.
pub(super) fn news(known: &BTreeMap<String, String>, learned: Vec<Pair>) -> Vec<(String, String)> {
    let name_fits = |name: &str| {
        (1..=LONGEST_NAME).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let mut news: BTreeMap<String, String> = BTreeMap::new();
    for Pair { name, value } in learned {
        let fits = name_fits(&name)
            && value.len() <= LONGEST_VALUE
            && !value.chars().any(char::is_control);
        if !fits || known.get(&name) == Some(&value) {
            continue;
        }
        let new_names = news.keys().filter(|name| !known.contains_key(*name));
        let room = known.len() + new_names.count() < MOST_FACTS;
        if room || known.contains_key(&name) || news.contains_key(&name) {
            news.insert(name, value);
        }
    }
    news.into_iter().collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> Pair {
        Pair {
            name: name.into(),
            value: value.into(),
        }
    }

    #[test]
    fn a_reply_tells_of_the_meter_of_its_scope() {
        let meter = |scope: &str| {
            Arc::new(Meter {
                name: scope.into(),
                scope: scope.into(),
                unit: Unit::Requests,
                window_ms: 60_000,
                anchor: Anchor::Rolling,
                limit: 10,
            })
        };
        let meters = [meter("account"), meter("model"), meter("group:a")];
        let quota = |scope: &str, window_s| Quota {
            unit: "requests".into(),
            window_s,
            scope: scope.into(),
            anchor: String::new(),
            limit: None,
            remaining: None,
            reset_ms: None,
            extra: Vec::new(),
        };
        for (told, found) in [
            ("model", Some("model")),
            ("account", Some("account")),
            ("group:a", Some("group:a")),
            ("group:b", None),
            ("key", None),
            ("a word of later versions", Some("model")),
        ] {
            let meter = told_of(&meters, &quota(told, 60));
            assert_eq!(meter.map(|meter| &*meter.name), found, "{told}");
        }
        assert_eq!(told_of(&meters, &quota("model", 61)), None);
    }

    #[test]
    fn only_fit_facts_are_kept() {
        let known = [("console".to_owned(), "a".to_owned())].into();
        let long = "x".repeat(LONGEST_VALUE + 1);
        let table = [
            ("console", "a", false),
            ("console", "b", true),
            ("region-2", "", true),
            ("", "a", false),
            ("Region", "a", false),
            (&long[..LONGEST_NAME + 1], "a", false),
            ("region", &long, false),
            ("region", "a\u{1b}[2J", false),
        ];
        for (name, value, kept) in table {
            let news = news(&known, vec![pair(name, value)]);
            assert_eq!(!news.is_empty(), kept, "{name}={value}");
        }
    }

    #[test]
    fn there_are_only_so_many_facts() {
        let many = |from: usize| (from..from + 40).map(|n| pair(&format!("n-{n}"), "v"));
        let first: BTreeMap<_, _> = news(&BTreeMap::new(), many(0).collect())
            .into_iter()
            .collect();
        assert_eq!(first.len(), MOST_FACTS);
        assert_eq!(news(&first, many(100).collect()), []);
        assert_eq!(news(&first, vec![pair("n-0", "w")]).len(), 1);
    }
}
