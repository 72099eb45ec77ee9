//! What is remembered of a candidate's answers: sums in which what happened weighs less the longer it is ago.

/// After so long an outcome weighs half, milliseconds. Short enough that an outage of the morning is forgotten in
/// the evening, long enough that a night's rest leaves something to go by; found by `cargo xtask simulate`, as are the
/// other figures here.
pub const HALF_LIFE_MS: f64 = 8.0 * 3_600_000.0;

/// Fewer outcomes than this, as they weigh now, and a candidate counts as new.
pub const FEW: f64 = 1.0;

/// Share of answers expected of a candidate nobody has tried, and how many outcomes that expectation weighs: hopeful,
/// since one that is never tried is never known.
const PRIOR: (f64, f64) = (0.9, 5.0);

/// The most outcomes that other keys of the same model stand for: a key has faults of its own.
const KIN: f64 = 6.0;

/// Speed expected before anything was measured, and how many measurements that weighs.
const PRIOR_SPEED: (f64, f64) = (0.5, 2.0);

/// Half as good as can be in the pace of an answer: tokens a second at which 63 % of the way is made.
const PACE: f64 = 60.0;

/// First content before this is as good as can be, and after the other as bad, milliseconds.
const PROMPT_MS: (f64, f64) = (300.0, 5_000.0);

/// The longest wait that is booked, milliseconds.
const LONGEST_MS: f64 = 120_000.0;

/// How one attempt ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// The whole answer came.
    Answered(Pace),
    /// It failed, and this much (1 is one plain failure).
    Failed(f64),
    /// Nothing came for so long, milliseconds: a failure, and a slow one.
    Silent(u64),
}

/// How quickly an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pace {
    /// From sending to the first content, milliseconds; `None` for an answer that came as a whole.
    pub first_ms: Option<u64>,
    /// Tokens of the answer.
    pub tokens: u64,
    /// In which they came, milliseconds: from the first content, or from sending where that is not known.
    pub over_ms: u64,
}

/// Decayed sums, as of `at_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// The time for which the sums hold, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Whole answers.
    pub good: f64,
    /// Failures.
    pub bad: f64,
    /// Measurements of speed, and the sum of their speeds, 0 to 1 each.
    pub timed: f64,
    /// See `timed`.
    pub speed: f64,
    /// Measurements of the first content, and their sum, milliseconds.
    pub begun: f64,
    /// See `begun`.
    pub first_ms: f64,
    /// Tokens, and the milliseconds they took.
    pub tokens: f64,
    /// See `tokens`.
    pub over_ms: f64,
}

impl Outcome {
    /// What an attempt's failure says against the candidate, by the contract's word and the host's own. `cut` is
    /// a failure after content went out: nobody else can make up for it.
    #[must_use]
    pub fn of_failure(kind: &str, cut: bool, waited_ms: u64) -> Option<Self> {
        Some(match kind {
            // The request's own fault, the user's to mend, or the server's.
            "invalid-request" | "content-filtered" | "unsupported" | "too-long" | "key-invalid"
            | "key-forbidden" | "payment-required" | "model-missing" | "out-of-time"
            | "no-sandbox" => {
                return None;
            }
            // Rests follow from these, and the next candidate answers a moment later.
            "rate-limited" | "quota-exhausted" => Self::Failed(0.25),
            "timeout" => Self::Silent(waited_ms),
            _ if cut => Self::Failed(2.0),
            _ => Self::Failed(1.0),
        })
    }
}

impl Pace {
    /// From 0, slow, to 1: how many tokens a second, and how soon the first. `None` if neither is known.
    #[must_use]
    pub fn speed(&self) -> Option<f64> {
        let pace = (self.tokens > 0 && self.over_ms > 0)
            .then(|| 1.0 - (-number(self.tokens) * 1000.0 / number(self.over_ms) / PACE).exp());
        let prompt = self.first_ms.map(|first| {
            let (best, worst) = PROMPT_MS;
            ((worst - number(first)) / (worst - best)).clamp(0.0, 1.0)
        });
        match (pace, prompt) {
            (Some(pace), Some(prompt)) => Some(0.6 * pace + 0.4 * prompt),
            (one, other) => one.or(other),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "times and tokens are far below 2^52"
)]
fn number(count: u64) -> f64 {
    count as f64
}

impl Tally {
    /// As it weighs at `now_ms`. A clock that was set back ages nothing.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "an age needs no more than 52 bits"
    )]
    pub fn at(self, now_ms: i64) -> Self {
        let age = now_ms.saturating_sub(self.at_ms);
        if age <= 0 {
            return self;
        }
        let share = (-(age as f64) / HALF_LIFE_MS).exp2();
        Self {
            at_ms: now_ms,
            good: self.good * share,
            bad: self.bad * share,
            timed: self.timed * share,
            speed: self.speed * share,
            begun: self.begun * share,
            first_ms: self.first_ms * share,
            tokens: self.tokens * share,
            over_ms: self.over_ms * share,
        }
    }

    /// Adds an outcome.
    pub fn add(&mut self, outcome: Outcome, now_ms: i64) {
        *self = self.at(now_ms);
        match outcome {
            Outcome::Answered(pace) => {
                self.good += 1.0;
                if let Some(speed) = pace.speed() {
                    self.timed += 1.0;
                    self.speed += speed;
                }
                if let Some(first) = pace.first_ms {
                    self.begun += 1.0;
                    self.first_ms += number(first).min(LONGEST_MS);
                }
                if pace.tokens > 0 && pace.over_ms > 0 {
                    self.tokens += number(pace.tokens);
                    self.over_ms += number(pace.over_ms).min(LONGEST_MS * 10.0);
                }
            }
            Outcome::Failed(weight) => self.bad += weight,
            Outcome::Silent(waited_ms) => {
                self.bad += 1.0;
                self.timed += 1.0;
                self.begun += 1.0;
                self.first_ms += number(waited_ms).min(LONGEST_MS);
            }
        }
    }

    /// Outcomes, as they weigh.
    #[must_use]
    pub fn seen(&self) -> f64 {
        self.good + self.bad
    }

    /// Mean time to the first content, milliseconds.
    #[must_use]
    pub fn mean_first_ms(&self) -> Option<f64> {
        (self.begun > 0.0).then(|| self.first_ms / self.begun)
    }

    /// Mean pace, tokens a second.
    #[must_use]
    pub fn tokens_per_s(&self) -> Option<f64> {
        (self.over_ms > 0.0).then(|| self.tokens * 1000.0 / self.over_ms)
    }
}

/// What is believed of a candidate: the parameters of the Beta distribution of its reliability, and its speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Belief {
    /// Answers, what is expected beforehand included.
    pub good: f64,
    /// Failures, likewise.
    pub bad: f64,
    /// 0 to 1.
    pub speed: f64,
    /// Outcomes of its own, as they weigh now.
    pub seen: f64,
}

impl Belief {
    /// From a candidate's own tally and that of its model at this provider, all keys together, the own included.
    #[must_use]
    pub fn new(own: &Tally, model: &Tally) -> Self {
        let (share, strength) = PRIOR;
        let others = (model.seen() - own.seen()).max(0.0);
        let expected = (model.good - own.good).max(0.0) + share * strength;
        let expected = expected / (others + strength);
        let strength = strength + others.min(KIN);
        let (speed, weight) = PRIOR_SPEED;
        Self {
            good: expected * strength + own.good,
            bad: (1.0 - expected) * strength + own.bad,
            // A key does not make a model slower: all its keys measure the same.
            speed: ((model.speed + speed * weight) / (model.timed + weight)).clamp(0.0, 1.0),
            seen: own.seen(),
        }
    }

    /// The expected reliability, 0 to 1.
    #[must_use]
    pub fn reliability(&self) -> f64 {
        self.good / (self.good + self.bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn answered(first_ms: u64, tokens: u64, over_ms: u64) -> Outcome {
        Outcome::Answered(Pace {
            first_ms: Some(first_ms),
            tokens,
            over_ms,
        })
    }

    #[test]
    fn what_is_long_ago_weighs_little() {
        let mut tally = Tally::default();
        tally.add(Outcome::Failed(1.0), 0);
        #[expect(clippy::cast_possible_truncation, reason = "hours")]
        let half = HALF_LIFE_MS as i64;
        assert!((tally.at(half).bad - 0.5).abs() < 1e-9);
        assert!((tally.at(2 * half).bad - 0.25).abs() < 1e-9);
        assert_eq!(tally.at(-HOUR), tally, "a clock set back");
        let later = tally.at(i64::MAX);
        assert!(later.bad.is_finite() && later.bad < 1e-9);
    }

    #[test]
    fn speed_is_pace_and_promptness() {
        let speed = |first_ms, tokens, over_ms| {
            Pace {
                first_ms,
                tokens,
                over_ms,
            }
            .speed()
        };
        assert!(speed(Some(200), 6_000, 1_000).unwrap() > 0.99);
        assert!(speed(Some(9_000), 10, 10_000).unwrap() < 0.05);
        // Tokens alone where nobody saw the first.
        let whole = speed(None, 60, 1_000).unwrap();
        assert!((whole - (1.0 - (-1.0_f64).exp())).abs() < 1e-9);
        assert_eq!(speed(None, 0, 10), None);
        assert_eq!(speed(Some(300), 0, 0), Some(1.0));
    }

    #[test]
    fn silence_counts_as_slow() {
        let (mut steady, mut silent) = (Tally::default(), Tally::default());
        for n in 0..10 {
            steady.add(answered(400, 100, 1_000), n);
            silent.add(answered(400, 100, 1_000), n);
        }
        steady.add(Outcome::Failed(1.0), 11);
        silent.add(Outcome::Silent(20_000), 11);
        let speed = |tally: &Tally| Belief::new(tally, tally).speed;
        assert!(speed(&silent) < speed(&steady));
        assert!(silent.mean_first_ms() > steady.mean_first_ms());
    }

    #[test]
    fn a_new_candidate_is_expected_to_be_as_its_kin() {
        let none = Tally::default();
        let fresh = Belief::new(&none, &none);
        assert!((fresh.reliability() - 0.9).abs() < 1e-9);
        let mut good = Tally::default();
        let mut bad = Tally::default();
        for n in 0..100 {
            good.add(answered(400, 100, 1_000), n);
            bad.add(Outcome::Failed(1.0), n);
        }
        assert!(Belief::new(&none, &good).reliability() > 0.95);
        let of_bad_kin = Belief::new(&none, &bad);
        assert!(of_bad_kin.reliability() < 0.1);
        // But what it does itself soon counts for more.
        let mut own = Tally::default();
        let mut all = bad;
        for n in 0..30 {
            own.add(answered(400, 100, 1_000), 100 + n);
            all.add(answered(400, 100, 1_000), 100 + n);
        }
        assert!(Belief::new(&own, &all).reliability() > 0.7);
    }

    #[test]
    fn failures_count_by_what_they_cost() {
        let of = |kind, cut| Outcome::of_failure(kind, cut, 5);
        assert_eq!(of("invalid-request", false), None);
        assert_eq!(of("key-invalid", false), None);
        assert_eq!(of("rate-limited", false), Some(Outcome::Failed(0.25)));
        assert_eq!(of("upstream-broken", false), Some(Outcome::Failed(1.0)));
        assert_eq!(of("truncated", true), Some(Outcome::Failed(2.0)));
        assert_eq!(of("timeout", false), Some(Outcome::Silent(5)));
    }
}
