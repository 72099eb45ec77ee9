//! Why the order is what it is: each candidate of a name with all that counts.

use std::sync::Arc;

use freellmapi_types::RouteCandidate as Line;

use super::choice::{scarcity, score, worth};
use super::names::Selection;
use super::needs::{self, Lack};
use super::table::{Candidate, Table};
use super::tally::FEW;
use crate::limits::{Cooldowns, Ledger};

/// What `uses` may say of a request, beside its size.
const USES: [&str; 4] = ["tools", "images", "audio", "documents"];

/// The size of a request where none is told, tokens.
pub const USUAL_INPUT: u64 = 1_000;

/// What is known beside the table.
#[derive(Clone, Copy)]
pub struct State<'a> {
    /// What is left of limits.
    pub ledger: &'a Arc<Ledger>,
    /// Who rests.
    pub cooldowns: &'a Cooldowns,
    /// Now, milliseconds since 1970 UTC.
    pub now_ms: i64,
}

/// What a chat request must find that uses these things.
///
/// # Errors
/// A word that means nothing here.
pub fn must<'a>(uses: impl Iterator<Item = &'a str>) -> Result<u32, String> {
    let uses: Vec<&str> = uses.map(str::trim).collect();
    match uses.iter().find(|word| !USES.contains(word)) {
        Some(unknown) => Err(format!("{unknown:?} is none of {}", USES.join(", "))),
        None => Ok(needs::must("chat", |word| uses.contains(&word))),
    }
}

/// The candidates of a selection for a chat request of this size, in the order in which they would most likely be
/// tried; those that cannot serve it last.
#[must_use]
pub fn explain(
    table: &Table,
    selection: &Selection,
    must: u32,
    input: u64,
    state: State<'_>,
) -> Vec<Line> {
    let mut must = must;
    for (wanted, bit) in [
        (selection.private, needs::PRIVATE),
        (selection.free, needs::FREE),
    ] {
        if wanted {
            must |= bit;
        }
    }
    let everybody: Vec<u32>;
    let places = match &selection.places {
        Some(places) => places,
        None => {
            everybody = (0..).zip(table.all()).map(|(at, _)| at).collect();
            &everybody
        }
    };
    let mut lines: Vec<Line> = places
        .iter()
        .filter_map(|at| table.all().get(*at as usize))
        .map(|one| line(one, selection, needs::lack(&one.row, must, input, 0), state))
        .collect();
    // Stable: what nothing tells apart keeps the order of priority.
    lines.sort_by(|one, other| {
        let rank = |line: &Line| (line.lack.is_some(), line.rests.is_some());
        let tier = |line: &Line| if selection.tiers { line.priority } else { 0 };
        let score = |line: &Line| line.score.unwrap_or(0.0);
        rank(one)
            .cmp(&rank(other))
            .then(tier(one).cmp(&tier(other)))
            .then(score(other).total_cmp(&score(one)))
    });
    lines
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "figures need no more digits"
)]
fn line(one: &Candidate, selection: &Selection, lack: Option<Lack>, state: State<'_>) -> Line {
    let belief = one.arm.belief(state.now_ms);
    let (_, model) = one.arm.tallies(state.now_ms);
    let headroom = state.ledger.headroom(&one.meters, state.now_ms) as f32;
    let (reliability, speed) = (belief.reliability() as f32, belief.speed as f32);
    let rest = state.cooldowns.resting(&one.subjects.all(), state.now_ms);
    Line {
        name: one.name(),
        key: one.key.id.clone(),
        priority: one.key.priority,
        reliability,
        speed,
        first_ms: model.mean_first_ms(),
        tokens_per_s: model.tokens_per_s(),
        capability: one.row.capability,
        headroom,
        scarcity: scarcity(headroom),
        score: selection.weights.map(|weights| {
            let worth = worth(&weights, speed, one.row.capability);
            score(&weights, reliability, worth, headroom)
        }),
        seen: belief.seen,
        new: belief.seen < FEW,
        lack: lack.map(|lack| lack.word().to_owned()),
        rests_ms: rest.as_ref().map(|rest| rest.until_ms - state.now_ms),
        rests: rest.map(|rest| rest.kind),
    }
}
