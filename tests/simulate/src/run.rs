//! One day with one strategy: the router's own choice, ledger and rests, against the world.

use std::collections::VecDeque;
use std::sync::Arc;

use freellmapi::limits::{
    Anchor, Cooldowns, Fault, Ledger, Meter, Need, Reserve, Unit, Zone, default_scope,
};
use freellmapi::routing::arms::{Arm, Arms};
use freellmapi::routing::choice::{Among, Ask, Choice, worth};
use freellmapi::routing::dice::Dice;
use freellmapi::routing::field::{Field, Row, capability};
use freellmapi::routing::needs;
use freellmapi::routing::strategy::Strategy;
use freellmapi::routing::tally::{Outcome, Pace};

use crate::world::{DAY, Fate, MINUTE, Provider, Request, real};

/// Who decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Policy {
    Router(Strategy),
    /// Knows the world as it is, and takes what is best for this request.
    Oracle,
}

/// What a day came to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Day {
    pub(crate) requests: f64,
    /// Whole answers.
    pub(crate) answered: f64,
    /// Sum of the answers' capability.
    pub(crate) quality: f64,
    /// Sum of what the answers were worth.
    pub(crate) value: f64,
    /// Tokens of whole answers.
    pub(crate) tokens: f64,
    /// Attempts beyond the first.
    pub(crate) retries: f64,
}

/// The most attempts for one request, as the server has them.
const ATTEMPTS: usize = 20;

/// A refusal for too many requests comes after so long.
const REFUSAL_MS: u64 = 150;

/// Limits as they are enforced: sliding minutes, and the day from midnight.
struct Truth {
    recent: VecDeque<i64>,
    today: u64,
}

struct Seat<'a> {
    provider: &'a Provider,
    truth: Truth,
    meters: Vec<Arc<Meter>>,
    subjects: [String; 2],
    arm: Arm,
}

enum Attempt {
    Whole(Pace),
    Broken,
    /// And how long that took.
    Failed(u64),
}

/// One request while it is served.
struct Asked<'a> {
    request: &'a Request,
    /// The luck of this request, by seat.
    luck: u64,
    attempts: usize,
    /// Time spent on attempts that failed.
    lost_ms: u64,
}

pub(crate) fn day(policy: Policy, providers: &[Provider], requests: &[Request], seed: u64) -> Day {
    let mut house = House::new(providers, seed);
    let mut day = Day::default();
    for (nth, request) in (0_u64..).zip(requests) {
        house.open(request.at_ms);
        let mut asked = Asked {
            request,
            luck: seed ^ nth << 20,
            attempts: 0,
            lost_ms: 0,
        };
        let answer = match policy {
            Policy::Router(strategy) => house.route(strategy, &mut asked),
            Policy::Oracle => house.foresee(&mut asked),
        };
        day.requests += 1.0;
        day.retries += real(asked.attempts.saturating_sub(1) as u64);
        if let Some((at, pace)) = answer {
            let provider = house.seats[at].provider;
            let seen = Pace {
                first_ms: pace.first_ms.map(|first| first + asked.lost_ms),
                ..pace
            };
            day.answered += 1.0;
            day.quality += f64::from(capability(Some(provider.rank)));
            day.value += value(provider, seen);
            day.tokens += real(request.input + request.output);
        }
    }
    day
}

/// All seats, and what the server keeps beside them.
struct House<'a> {
    seats: Vec<Seat<'a>>,
    /// Seats for which there is a key by now, and their rows.
    here: Vec<usize>,
    field: Field,
    ledger: Arc<Ledger>,
    cooldowns: Cooldowns,
    dice: Dice,
}

impl<'a> House<'a> {
    fn new(providers: &'a [Provider], seed: u64) -> Self {
        let arms = Arms::default();
        let mut order: Vec<&Provider> = providers.iter().collect();
        // The order of priority where the user set none: the catalogue's ranks.
        order.sort_by_key(|one| std::cmp::Reverse(one.rank));
        Self {
            seats: order.iter().map(|one| Seat::new(one, &arms)).collect(),
            here: Vec::new(),
            field: Field::default(),
            ledger: Arc::new(Ledger::new()),
            cooldowns: Cooldowns::new(),
            dice: Dice::new(seed),
        }
    }

    /// Takes in those whose keys have been added meanwhile.
    fn open(&mut self, now: i64) {
        let there = |at: &usize| self.seats[*at].provider.since <= now;
        let here: Vec<usize> = (0..self.seats.len()).filter(there).collect();
        if here != self.here {
            self.field = Field::new(here.iter().map(|at| self.seats[*at].row()).collect());
            self.here = here;
        }
    }

    /// As the server does it: those that rest for a guess come last.
    fn route(&mut self, strategy: Strategy, asked: &mut Asked<'_>) -> Option<(usize, Pace)> {
        let now = asked.request.at_ms;
        let mut choice = choose(&self.field, strategy, asked.request, &mut self.dice);
        let mut later = VecDeque::new();
        while asked.attempts < ATTEMPTS {
            let headroom = |at: usize| {
                let meters = &self.seats[self.here[at]].meters;
                #[expect(clippy::cast_possible_truncation, reason = "a share")]
                let left = self.ledger.headroom(meters, now) as f32;
                left
            };
            let (at, guesses_too) = match choice.next(headroom) {
                Some(at) => (self.here[at], false),
                None => (later.pop_front()?, true),
            };
            let seat = &mut self.seats[at];
            let rest = self.cooldowns.resting(&seat.subjects(), now);
            if let Some(rest) = rest.filter(|rest| rest.hard || !guesses_too) {
                if !rest.hard {
                    later.push_back(at);
                }
                continue;
            }
            if !admitted(&self.ledger, seat, asked.request) {
                continue;
            }
            asked.attempts += 1;
            let mut luck = Dice::new(asked.luck ^ (at as u64) << 52);
            match seat.ask(asked.request, &mut luck, &self.cooldowns) {
                Attempt::Whole(pace) => return Some((at, pace)),
                Attempt::Broken => return None,
                Attempt::Failed(took) => asked.lost_ms += took,
            }
        }
        None
    }

    /// The best that is truly there, and the next best if luck is against it.
    fn foresee(&mut self, asked: &mut Asked<'_>) -> Option<(usize, Pace)> {
        let now = asked.request.at_ms;
        let mut tried = Vec::new();
        while asked.attempts < ATTEMPTS {
            let open = self.here.iter().copied().filter(|at| {
                let seat = &self.seats[*at];
                !tried.contains(at) && seat.truth.room(seat.provider, now)
            });
            let (_, at) = open
                .map(|at| (self.seats[at].prospect(asked.request), at))
                .filter(|(prospect, _)| *prospect > 0.0)
                .max_by(|one, other| one.0.total_cmp(&other.0))?;
            tried.push(at);
            asked.attempts += 1;
            let seat = &mut self.seats[at];
            seat.truth.take(now);
            let mut luck = Dice::new(asked.luck ^ (at as u64) << 52);
            match seat.provider.fate(asked.request, &mut luck) {
                Fate::Answered(pace) => return Some((at, pace)),
                Fate::Broken => return None,
                Fate::Failed(took) | Fate::Silent(took) => asked.lost_ms += took,
            }
        }
        None
    }
}

fn choose(field: &Field, strategy: Strategy, request: &Request, dice: &mut Dice) -> Choice {
    let ask = Ask {
        must: needs::operation("chat"),
        wish: 0,
        input: request.input,
        output: request.output,
        among: Among::All,
        weights: strategy.weights(),
        tiers: true,
        pin: None,
        explore: true,
    };
    Choice::new(field, &ask, dice, request.at_ms)
}

/// What an answer is worth to whoever asked, by the weights of `balanced`: that it came, how quickly, how good.
fn value(provider: &Provider, pace: Pace) -> f64 {
    let Some(weights) = Strategy::Balanced.weights() else {
        return 0.0;
    };
    #[expect(clippy::cast_possible_truncation, reason = "a share")]
    let speed = pace.speed().unwrap_or(0.0) as f32;
    f64::from(worth(&weights, speed, capability(Some(provider.rank))))
}

fn admitted(ledger: &Arc<Ledger>, seat: &Seat<'_>, request: &Request) -> bool {
    let need = Need {
        input_tokens: request.input,
        output_tokens: request.output,
    };
    loop {
        match ledger.try_reserve(&seat.meters, &need, request.at_ms) {
            // Dropped it stays spent.
            Reserve::Granted(_) => return true,
            Reserve::Full { .. } => return false,
            Reserve::Behind(blocks) => ledger.confirm(&blocks),
        }
    }
}

impl Truth {
    fn room(&self, provider: &Provider, now: i64) -> bool {
        let recent = self.recent.iter().filter(|at| **at > now - MINUTE).count();
        (recent as u64) < provider.minute && self.today < provider.day
    }

    fn take(&mut self, now: i64) {
        while self.recent.front().is_some_and(|at| *at <= now - MINUTE) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        self.today += 1;
    }
}

impl<'a> Seat<'a> {
    fn new(provider: &'a Provider, arms: &Arms) -> Self {
        let name = provider.name;
        let (minute, day) = provider.told;
        let meter = |window_ms, anchor, limit| {
            Arc::new(Meter {
                name: format!("{name}|{window_ms}").into(),
                scope: "model".into(),
                unit: Unit::Requests,
                window_ms,
                anchor,
                limit,
            })
        };
        Self {
            provider,
            truth: Truth {
                recent: VecDeque::new(),
                today: 0,
            },
            meters: vec![
                meter(MINUTE, Anchor::Rolling, minute),
                meter(DAY, Anchor::Zone(Zone::Utc), day),
            ],
            subjects: [format!("model:{name}"), format!("provider:{name}")],
            arm: arms.arm(&format!("key/{name}"), name),
        }
    }

    fn subjects(&self) -> [&str; 2] {
        [&self.subjects[0], &self.subjects[1]]
    }

    fn row(&self) -> (Row, Arm) {
        let row = Row {
            id: 0,
            can: needs::operation("chat"),
            context: u32::MAX,
            size: u32::MAX,
            tier: 100,
            capability: capability(Some(self.provider.rank)),
        };
        (row, self.arm.clone())
    }

    /// What an oracle expects of it.
    fn prospect(&self, request: &Request) -> f64 {
        let (whole, pace) = self.provider.prospects(request);
        whole * value(self.provider, pace)
    }

    /// Sends, books what came of it, and puts to rest who must.
    fn ask(&mut self, request: &Request, luck: &mut Dice, cooldowns: &Cooldowns) -> Attempt {
        let now = request.at_ms;
        if !self.truth.room(self.provider, now) {
            let (kind, wait) = if self.truth.today >= self.provider.day {
                ("quota-exhausted", DAY - now)
            } else {
                ("rate-limited", MINUTE)
            };
            // Whoever gives no hint seldom tells a day's limit from a minute's either.
            let (kind, hint) = if self.provider.hints {
                (kind, u64::try_from(wait).ok())
            } else {
                ("rate-limited", None)
            };
            self.failed(
                kind,
                hint,
                Outcome::of_failure(kind, false, REFUSAL_MS),
                cooldowns,
                now,
            );
            return Attempt::Failed(REFUSAL_MS);
        }
        self.truth.take(now);
        match self.provider.fate(request, luck) {
            Fate::Answered(pace) => {
                self.arm.record(Outcome::Answered(pace), now);
                cooldowns.succeeded(&self.subjects(), now);
                Attempt::Whole(pace)
            }
            Fate::Broken => {
                let outcome = Outcome::of_failure("truncated", true, 0);
                self.failed("truncated", None, outcome, cooldowns, now);
                Attempt::Broken
            }
            Fate::Failed(took) => {
                let outcome = Outcome::of_failure("upstream-broken", false, took);
                self.failed("upstream-broken", None, outcome, cooldowns, now);
                Attempt::Failed(took)
            }
            Fate::Silent(took) => {
                let outcome = Outcome::of_failure("timeout", false, took);
                self.failed("upstream-broken", None, outcome, cooldowns, now);
                Attempt::Failed(took)
            }
        }
    }

    fn failed(
        &self,
        kind: &str,
        hint: Option<u64>,
        outcome: Option<Outcome>,
        cooldowns: &Cooldowns,
        now: i64,
    ) {
        if let Some(outcome) = outcome {
            self.arm.record(outcome, now);
        }
        let fault = Fault {
            kind,
            retry_after_ms: hint,
            reason: "",
        };
        let whose = usize::from(default_scope(kind) == "provider");
        let _ = cooldowns.failed(&self.subjects[whose], &fault, now);
    }
}
