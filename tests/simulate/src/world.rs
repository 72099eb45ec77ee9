//! The world that the router does not see: providers as they truly are, and a day of requests.
//!
//! What happens to a request at a candidate depends on the seed, the request and the candidate alone, so that
//! every strategy meets the same luck.

use freellmapi::routing::dice::Dice;
use freellmapi::routing::tally::Pace;

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// How long a silent provider is waited for.
const PATIENCE: u64 = 20_000;

/// A model with a key.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) name: &'static str,
    /// As the catalogue ranks it, which is how good its answers are.
    pub(crate) rank: u32,
    /// Median time to the first content, milliseconds.
    pub(crate) first_ms: f64,
    pub(crate) tokens_per_s: f64,
    /// Share of requests that fail before any content.
    pub(crate) fails: f64,
    /// Share of answers that break off.
    pub(crate) breaks: f64,
    /// Requests a minute and a day that are allowed.
    pub(crate) minute: u64,
    pub(crate) day: u64,
    /// What the catalogue says of them.
    pub(crate) told: (u64, u64),
    /// A refusal says how long to wait.
    pub(crate) hints: bool,
    pub(crate) spells: Vec<Spell>,
    /// From when on there is a key for it.
    pub(crate) since: i64,
}

/// A time in which a provider is not itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spell {
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) what: Trouble,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// It refuses at once.
    Down,
    /// It takes the request and says nothing.
    Silent,
    /// This much slower, and this share of failures more.
    Slow(f64, f64),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    pub(crate) at_ms: i64,
    pub(crate) input: u64,
    pub(crate) output: u64,
}

/// What comes of an attempt that its limits let through.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    Answered(Pace),
    /// It breaks off after content.
    Broken,
    /// It fails after so long.
    Failed(u64),
    /// Nothing comes for so long.
    Silent(u64),
}

/// A day of requests: few at night, many in the afternoon, and in bursts, as agents send them.
pub(crate) fn traffic(seed: u64, sessions: usize) -> Vec<Request> {
    let mut dice = Dice::new(seed ^ 0x7472_6166);
    let mut requests = Vec::new();
    for _ in 0..sessions {
        let mut at = loop {
            let at = dice.share();
            let busy = 0.55 - 0.45 * (std::f64::consts::TAU * (at + 0.05)).cos();
            if dice.share() < busy {
                break at * ms(DAY);
            }
        };
        let length = 1 + whole(exponential(&mut dice, 5.0));
        for _ in 0..length {
            requests.push(Request {
                at_ms: whole(at).cast_signed(),
                input: 50 + whole(exponential(&mut dice, 900.0)),
                output: 20 + whole(exponential(&mut dice, 280.0)),
            });
            at += 1_000.0 + exponential(&mut dice, 9_000.0);
        }
    }
    requests.retain(|request| request.at_ms < DAY);
    requests.sort_by_key(|request| request.at_ms);
    requests
}

impl Provider {
    pub(crate) fn new(name: &'static str, rank: u32, first_ms: f64, tokens_per_s: f64) -> Self {
        Self {
            name,
            rank,
            first_ms,
            tokens_per_s,
            fails: 0.01,
            breaks: 0.005,
            minute: 30,
            day: 1_000,
            told: (30, 1_000),
            hints: true,
            spells: Vec::new(),
            since: 0,
        }
    }

    pub(crate) fn faulty(mut self, fails: f64, breaks: f64) -> Self {
        (self.fails, self.breaks) = (fails, breaks);
        self
    }

    pub(crate) fn limits(mut self, minute: u64, day: u64) -> Self {
        (self.minute, self.day, self.told) = (minute, day, (minute, day));
        self
    }

    /// Allows less than the catalogue says.
    pub(crate) fn really(mut self, minute: u64, day: u64) -> Self {
        (self.minute, self.day) = (minute, day);
        self
    }

    pub(crate) fn without_hints(mut self) -> Self {
        self.hints = false;
        self
    }

    pub(crate) fn spell(mut self, from: i64, until: i64, what: Trouble) -> Self {
        self.spells.push(Spell { from, until, what });
        self
    }

    pub(crate) fn since(mut self, since: i64) -> Self {
        self.since = since;
        self
    }

    /// In trouble at this time, and of what kind.
    fn trouble(&self, at_ms: i64) -> Option<Trouble> {
        let spell = |spell: &&Spell| (spell.from..spell.until).contains(&at_ms);
        self.spells.iter().find(spell).map(|spell| spell.what)
    }

    /// How likely a whole answer is, and how quick; what an oracle knows.
    pub(crate) fn prospects(&self, request: &Request) -> (f64, Pace) {
        let (slower, more) = match self.trouble(request.at_ms) {
            Some(Trouble::Down | Trouble::Silent) => return (0.0, Pace::default()),
            Some(Trouble::Slow(slower, more)) => (slower, more),
            None => (1.0, 0.0),
        };
        let whole = (1.0 - self.fails - more).max(0.0) * (1.0 - self.breaks);
        (whole, self.pace(request, slower, 0.0, 0.0))
    }

    pub(crate) fn fate(&self, request: &Request, dice: &mut Dice) -> Fate {
        let [first, pace] = dice.normals().map(f64::from);
        let (fail, cut) = (dice.share(), dice.share());
        let (slower, more) = match self.trouble(request.at_ms) {
            Some(Trouble::Down) => return Fate::Failed(250),
            Some(Trouble::Silent) => return Fate::Silent(PATIENCE),
            Some(Trouble::Slow(slower, more)) => (slower, more),
            None => (1.0, 0.0),
        };
        if fail < self.fails + more {
            return Fate::Failed(700);
        }
        let pace = self.pace(request, slower, first, pace);
        if pace.first_ms.unwrap_or(0) >= PATIENCE {
            Fate::Silent(PATIENCE)
        } else if cut < self.breaks {
            Fate::Broken
        } else {
            Fate::Answered(pace)
        }
    }

    fn pace(&self, request: &Request, slower: f64, first: f64, pace: f64) -> Pace {
        let first_ms = self.first_ms * slower * (0.35 * first).exp();
        let rate = self.tokens_per_s / slower * (0.2 * pace).exp();
        Pace {
            first_ms: Some(whole(first_ms)),
            tokens: request.output,
            over_ms: whole(real(request.output) / rate * 1000.0).max(1),
        }
    }
}

fn exponential(dice: &mut Dice, mean: f64) -> f64 {
    -mean * (1.0 - dice.share()).ln()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small and not negative"
)]
fn whole(number: f64) -> u64 {
    number.max(0.0).round() as u64
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn real(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn ms(number: i64) -> f64 {
    number as f64
}
