//! The order in which candidates are tried, made as far as it is asked for.
//!
//! Of two thousand candidates a request tries one or two. So all are filtered and scored by what lies at hand, and
//! heaped; what costs more, the room under limits, is looked up only for those that come to the top, which is right
//! because it can only lower a score.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::dice::Dice;
use super::field::{Field, Row};
use super::needs::{self, Lacks};
use super::strategy::Weights;

/// Share of requests that try a candidate first of which little is known: at most this much of the traffic is
/// spent on finding out.
pub const EXPLORED: f64 = 0.04;

/// With less than this share left of a limit, a candidate falls behind.
const SCARCE: f32 = 0.2;

/// What is left of the score with nothing left of the limit.
const LEAST: f32 = 0.1;

/// By about this much chance decides between new candidates that are expected to do the same, so that keys of one
/// model take turns. Those that are known are drawn by chance anyway.
const HAIR: f32 = 0.000_5;

/// Which candidates a name stands for.
#[derive(Debug, Clone, Copy)]
pub enum Among<'a> {
    /// All.
    All,
    /// Those at these places, in this order.
    These(&'a [u32]),
}

/// What is asked of the choice.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Abilities without which nothing works.
    pub must: u32,
    /// Abilities whose owners go first.
    pub wish: u32,
    /// Estimate of the prompt, tokens.
    pub input: u64,
    /// The longest answer wanted, tokens; 0 where the client leaves it open.
    pub output: u64,
    /// Who may answer.
    pub among: Among<'a>,
    /// How they are weighed; `None` keeps the order.
    pub weights: Option<Weights>,
    /// The user's priorities come before the weights.
    pub tiers: bool,
    /// Whoever answered this conversation before goes first.
    pub pin: Option<u64>,
    /// New ones may be tried out.
    pub explore: bool,
}

/// The order. See the module.
#[derive(Debug, Default)]
pub struct Choice {
    heap: BinaryHeap<Ranked>,
    weights: Option<Weights>,
    lacks: Lacks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u64);

#[derive(Debug, Clone, Copy)]
struct Ranked {
    key: Key,
    reliability: f32,
    /// What an answer is worth, without the part of the headroom.
    worth: f32,
    at: u32,
    /// The score in the key holds; otherwise it is the most that it can be.
    sure: bool,
}

/// Ahead of everybody.
const PINNED: u32 = u32::MAX;

/// Has what is wished for.
const WISHED: u32 = 1 << 30;

/// Priorities beyond this are all the same.
const FAR: i32 = 1 << 28;

impl Key {
    /// Higher goes first: the group, then the score. Floats from 0 on are in order as their bits are.
    fn new(group: u32, score: f32) -> Self {
        Self::of_place(group, score.max(0.0).to_bits())
    }

    fn of_place(group: u32, place: u32) -> Self {
        Self(u64::from(group) << 32 | u64::from(place))
    }

    fn with_score(self, score: f32) -> Self {
        Self(self.0 & !u64::from(u32::MAX) | u64::from(score.max(0.0).to_bits()))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key).then(other.at.cmp(&self.at))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

/// The factor of a score by the share that is left of a limit.
#[must_use]
pub fn scarcity(headroom: f32) -> f32 {
    if headroom >= SCARCE {
        1.0
    } else {
        LEAST + (1.0 - LEAST) * (headroom / SCARCE).clamp(0.0, 1.0)
    }
}

/// What an answer is worth where it comes, without the part of the headroom: 0 to 1.
#[must_use]
pub fn worth(weights: &Weights, speed: f32, capability: f32) -> f32 {
    weights.reliability + weights.speed * speed + weights.capability * capability
}

/// The score: the chance of an answer, times what it is worth, times what scarcity leaves of it.
#[must_use]
pub fn score(weights: &Weights, reliability: f32, worth: f32, headroom: f32) -> f32 {
    reliability * (worth + weights.headroom * headroom) * scarcity(headroom)
}

impl Choice {
    /// Filters and scores.
    #[must_use]
    pub fn new(field: &Field, ask: &Ask<'_>, dice: &mut Dice, now_ms: i64) -> Self {
        let mut choice = Self {
            weights: ask.weights,
            ..Self::default()
        };
        let mut ranked = Vec::with_capacity(match ask.among {
            Among::All => field.rows().len(),
            Among::These(these) => these.len(),
        });
        let board = field.board(now_ms);
        // The new one that could be best if all went well, and the best of those that are known.
        let mut newcomer: Option<(Key, usize)> = None;
        let mut known: Option<Key> = None;
        let mut add = |at: u32, nth: u32, row: &Row| {
            if let Some(lack) = needs::lack(row, ask.must, ask.input, ask.output) {
                choice.lacks.add(lack);
                return;
            }
            let wished = if ask.wish & !row.can == 0 { WISHED } else { 0 };
            let (mut reliability, mut worth_of) = (0.0, 0.0);
            let weighed = ask.weights.as_ref().zip(board.figures.get(at as usize));
            let mut key = if let Some((weights, figure)) = weighed {
                let tier = if ask.tiers {
                    row.tier.clamp(-FAR, FAR)
                } else {
                    0
                };
                let group = wished + FAR.abs_diff(tier);
                worth_of = worth(weights, figure.speed, row.capability);
                if figure.new {
                    reliability = (figure.reliability - HAIR * dice.normals()[0].abs()).max(0.0);
                    let hoped = Key::new(group, worth(weights, 1.0, row.capability));
                    if newcomer.is_none_or(|(best, _)| hoped > best) {
                        newcomer = Some((hoped, ranked.len()));
                    }
                } else {
                    reliability = figure.draw(dice);
                    known = known.max(Some(Key::new(group, figure.reliability * worth_of)));
                }
                Key::new(group, reliability * (worth_of + weights.headroom))
            } else {
                // In the order given, whatever the priorities say of a list made by hand.
                Key::of_place(wished, u32::MAX - nth)
            };
            if ask.pin == Some(row.id) && wished != 0 {
                key = Key::of_place(PINNED, 0);
            }
            ranked.push(Ranked {
                key,
                reliability,
                worth: worth_of,
                at,
                sure: weighed.is_none() || key >= Key::of_place(PINNED, 0),
            });
        };
        match ask.among {
            Among::All => {
                for (at, row) in (0_u32..).zip(field.rows()) {
                    add(at, at, row);
                }
            }
            Among::These(these) => {
                for (nth, &at) in (0..).zip(these) {
                    if let Some(row) = field.rows().get(at as usize) {
                        add(at, nth, row);
                    }
                }
            }
        }
        drop(board);
        // The share is drawn once a request, so that it does not grow with the number of new ones. Nothing is tried
        // out that could not be better than the best known one.
        if ask.explore
            && let Some((hoped, at)) = newcomer.filter(|(hoped, _)| known < Some(*hoped))
            && known.is_some()
            && let Some(new) = ranked.get_mut(at)
            && dice.share() < EXPLORED
        {
            new.key = new.key.max(hoped.with_score(f32::INFINITY));
            new.sure = true;
        }
        choice.heap = BinaryHeap::from(ranked);
        choice
    }

    /// The place of the next one. `headroom` says which share is left of a candidate's limits, 0 to 1.
    pub fn next(&mut self, mut headroom: impl FnMut(usize) -> f32) -> Option<usize> {
        loop {
            let mut top = self.heap.pop()?;
            if let (false, Some(weights)) = (top.sure, &self.weights) {
                let left = headroom(top.at as usize).clamp(0.0, 1.0);
                top.key = top
                    .key
                    .with_score(score(weights, top.reliability, top.worth, left));
                top.sure = true;
                if self.heap.peek().is_some_and(|next| *next > top) {
                    self.heap.push(top);
                    continue;
                }
            }
            return Some(top.at as usize);
        }
    }

    /// How many were left out, and why.
    #[must_use]
    pub fn lacks(&self) -> &Lacks {
        &self.lacks
    }

    /// Whether nobody is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// How many are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }
}

#[cfg(test)]
mod tests;
