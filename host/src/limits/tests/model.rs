//! The ledger's protocol, checked in every order in which its steps can happen: since each step holds the one lock, there
//! are no other orders. A crash may come after any step, and forgets all but what the disk has.

use std::sync::Arc;

use super::{meter, tokens};
use crate::limits::{Actual, Anchor, Block, Ledger, Meter, Need, Reservation, Reserve, Unit};

const NOW: i64 = 1_790_000_000_000;

/// What one request does in the end.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is answered and cost less than was reserved.
    Settles,
    /// Nothing was sent.
    Releases,
    /// Its client left.
    Drops,
}

/// Where one request is.
enum Place {
    Asks,
    /// It has been told to write these.
    Writes(Vec<Block>),
    Holds(Reservation),
    Over,
}

struct World {
    ledger: Arc<Ledger>,
    meters: [Arc<Meter>; 2],
    need: Need,
    /// By meter and slot, as rows of the disk.
    disk: Vec<Block>,
    requests: Vec<(Fate, Place)>,
    /// Requests that were sent, in all lives.
    sent: u64,
}

impl World {
    fn new(fates: &[Fate], limit: u64) -> Self {
        Self {
            ledger: Arc::new(Ledger::new()),
            meters: [
                meter(Unit::Requests, 60_000, Anchor::Rolling, limit),
                meter(Unit::Tokens, 60_000, Anchor::Rolling, 1_000),
            ],
            need: tokens(10),
            disk: Vec::new(),
            requests: fates.iter().map(|fate| (*fate, Place::Asks)).collect(),
            sent: 0,
        }
    }

    /// Writing is one step and telling the ledger another, unless the process ends between them.
    fn write(&mut self, blocks: &[Block]) {
        for block in blocks {
            let same =
                |row: &&mut Block| row.meter == block.meter && row.start_ms == block.start_ms;
            match self.disk.iter_mut().find(same) {
                // As the store does: a late writer takes nothing back.
                Some(row) => row.spent = row.spent.max(block.spent),
                None => self.disk.push(block.clone()),
            }
        }
    }

    /// One step of one request; `false` if it is over.
    fn step(&mut self, at: usize) -> bool {
        let (fate, place) = &mut self.requests[at];
        let fate = *fate;
        let next = match std::mem::replace(place, Place::Over) {
            Place::Over => return false,
            Place::Asks => match self.ledger.try_reserve(&self.meters, &self.need, NOW) {
                Reserve::Granted(held) => {
                    if !matches!(fate, Fate::Releases) {
                        self.sent += 1;
                    }
                    Place::Holds(held)
                }
                Reserve::Full { .. } => Place::Over,
                Reserve::Behind(blocks) => {
                    self.write(&blocks);
                    Place::Writes(blocks)
                }
            },
            Place::Writes(blocks) => {
                self.ledger.confirm(&blocks);
                Place::Asks
            }
            Place::Holds(held) => {
                match fate {
                    Fate::Settles => {
                        let actual = Actual {
                            input: Some(4),
                            output: Some(0),
                        };
                        assert!(held.settle(actual, NOW).blocks.is_empty());
                    }
                    Fate::Releases => held.release(NOW),
                    Fate::Drops => drop(held),
                }
                Place::Over
            }
        };
        self.requests[at].1 = next;
        true
    }

    /// The process ends and another one begins: requests under way are gone, as many come anew.
    fn crash(&mut self) {
        for (_, place) in &mut self.requests {
            *place = Place::Asks;
        }
        self.ledger = Arc::new(Ledger::new());
        self.ledger.restore(&self.disk, NOW);
    }
}

/// Plays a schedule; the number of choices at each step that was made. A choice beyond the schedule is the first one.
fn play(fates: &[Fate], limit: u64, schedule: &[usize], may_crash: bool) -> Vec<usize> {
    let mut world = World::new(fates, limit);
    let (mut choices, mut crashed) = (Vec::new(), !may_crash);
    loop {
        let able: Vec<usize> = (0..fates.len())
            .filter(|at| !matches!(world.requests[*at].1, Place::Over))
            .collect();
        let most = able.len() + usize::from(!crashed);
        if able.is_empty() {
            break;
        }
        let choice = schedule.get(choices.len()).copied().unwrap_or(0);
        choices.push(most);
        match able.get(choice) {
            Some(at) => assert!(world.step(*at)),
            None => {
                world.crash();
                crashed = true;
            }
        }
        assert!(
            world.sent <= limit,
            "{} of {limit} after {schedule:?}",
            world.sent
        );
        assert!(choices.len() < 60, "it does not end: {schedule:?}");
    }
    // Without a crash nothing is lost either: whoever wanted to be sent was, as far as the limit allows.
    if !may_crash && fates.iter().all(|fate| !matches!(fate, Fate::Releases)) {
        assert_eq!(world.sent, limit.min(fates.len() as u64));
    }
    choices
}

/// All schedules, one after the other; how many there were.
fn explore(fates: &[Fate], limit: u64, may_crash: bool) -> usize {
    let (mut schedule, mut played): (Vec<usize>, usize) = (Vec::new(), 0);
    loop {
        let choices = play(fates, limit, &schedule, may_crash);
        played += 1;
        schedule.resize(choices.len(), 0);
        // The last step that could have gone otherwise goes otherwise.
        let Some(at) = (0..choices.len())
            .rev()
            .find(|at| schedule[*at] + 1 < choices[*at])
        else {
            return played;
        };
        schedule.truncate(at + 1);
        schedule[at] += 1;
    }
}

#[test]
fn no_order_of_steps_admits_one_too_many() {
    use Fate::{Drops, Releases, Settles};
    for (fates, limit) in [
        (&[Settles, Settles, Settles][..], 2),
        (&[Releases, Settles, Drops], 1),
        (&[Drops, Releases, Releases], 1),
    ] {
        let played = explore(fates, limit, false);
        assert!(played > 50, "{played} orders of {fates:?}");
    }
}

#[test]
fn no_crash_between_two_steps_does_either() {
    use Fate::{Drops, Releases, Settles};
    for (fates, limit) in [
        (&[Settles, Drops][..], 1),
        (&[Releases, Settles], 1),
        (&[Settles, Settles], 2),
    ] {
        let played = explore(fates, limit, true);
        assert!(played > 50, "{played} orders of {fates:?}");
    }
}

/// Ten thousand requests at once for keys with limits a minute, a day and in tokens: exactly what is allowed.
#[test]
fn a_crowd_is_let_in_to_the_last_one() {
    const KEYS: usize = 8;
    for (tokens_each, a_minute) in [(100, 30), (300, 20)] {
        let ledger = Arc::new(Ledger::new());
        let keys: Vec<[Arc<Meter>; 3]> = (0..KEYS)
            .map(|key| {
                let of = |unit: Unit, window_ms, limit| {
                    let one = meter(unit, window_ms, Anchor::Rolling, limit);
                    let name = format!("{key}|{}", one.name);
                    Arc::new(Meter {
                        name: name.into(),
                        ..(*one).clone()
                    })
                };
                [
                    of(Unit::Requests, 60_000, 30),
                    of(Unit::Requests, 86_400_000, 1_000),
                    of(Unit::Tokens, 60_000, 6_000),
                ]
            })
            .collect();
        let crowd = |now: i64| {
            let admitted = std::sync::atomic::AtomicU64::new(0);
            std::thread::scope(|scope| {
                for thread in 0..8 {
                    let (ledger, keys, admitted) = (&ledger, &keys, &admitted);
                    scope.spawn(move || {
                        for n in 0..10_000 / 8 {
                            let meters = &keys[(n + thread) % KEYS];
                            let held = loop {
                                match ledger.try_reserve(meters, &tokens(tokens_each), now) {
                                    Reserve::Granted(held) => break Some(held),
                                    Reserve::Full { .. } => break None,
                                    Reserve::Behind(blocks) => ledger.confirm(&blocks),
                                }
                            };
                            if held.is_some() {
                                admitted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                            }
                        }
                    });
                }
            });
            admitted.into_inner()
        };
        let mut total = 0;
        for minute in 0..60 {
            // A window and its guard, and what a unit may come back late by.
            let admitted = crowd(NOW + minute * 60_400);
            let left = 1_000 * KEYS as u64 - total;
            assert_eq!(
                admitted,
                (a_minute * KEYS as u64).min(left),
                "minute {minute}"
            );
            total += admitted;
        }
        assert_eq!(total, 1_000.min(60 * a_minute) * KEYS as u64);
    }
}
