//! Candidates as the choice sees them: small rows side by side, since it looks at all of them for each request.

use parking_lot::{RwLock, RwLockReadGuard};

use super::arms::Arm;
use super::tally::{Belief, FEW};

/// Beliefs are worked out anew when they are older than this, milliseconds.
const FRESH_MS: i64 = 1_000;

/// Capability of a model without a rank.
const UNRANKED: f32 = 0.5;

/// No shape of the Gamma distribution is smaller: below a third there is none in this form.
const SMALLEST_SHAPE: f64 = 0.5;

/// What does not change while a table lives.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Row {
    /// The same for this key and model in every table.
    pub id: u64,
    /// What it can do; see [`super::needs`].
    pub can: u32,
    /// Window, tokens; `u32::MAX` where nobody said.
    pub context: u32,
    /// The longest prompt that fits its limits at all, tokens.
    pub size: u32,
    /// The user's priority: lower goes first.
    pub tier: i32,
    /// 0 to 1.
    pub capability: f32,
}

/// What is believed of one candidate, ready to be drawn from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure {
    good: Gamma,
    bad: Gamma,
    pub(super) reliability: f32,
    pub(super) speed: f32,
    /// Tried so seldom that its figures are mostly expectation.
    pub(super) new: bool,
}

/// A Gamma distribution as Marsaglia and Tsang propose from it, `d (1 + c z)^3` with a normal `z`. What they reject
/// of that, less than a twentieth, is kept here: the mean is right, and a draw costs nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Gamma {
    d: f32,
    c: f32,
}

/// All candidates.
#[derive(Debug, Default)]
pub struct Field {
    rows: Vec<Row>,
    arms: Vec<Arm>,
    board: RwLock<Board>,
}

/// The figures, and when they were made.
#[derive(Debug, Default)]
pub(super) struct Board {
    at_ms: Option<i64>,
    pub(super) figures: Vec<Figure>,
}

impl Gamma {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "figures need no more digits"
    )]
    fn new(shape: f64) -> Self {
        let d = shape.max(SMALLEST_SHAPE) - 1.0 / 3.0;
        Self {
            d: d as f32,
            c: (1.0 / (9.0 * d).sqrt()) as f32,
        }
    }

    fn draw(self, normal: f32) -> f32 {
        let root = self.c.mul_add(normal, 1.0).max(0.0);
        self.d * root * root * root
    }
}

impl Figure {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "figures need no more digits"
    )]
    fn new(belief: &Belief) -> Self {
        Self {
            good: Gamma::new(belief.good),
            bad: Gamma::new(belief.bad),
            reliability: belief.reliability() as f32,
            speed: belief.speed as f32,
            new: belief.seen < FEW,
        }
    }

    /// A draw from the Beta distribution of its reliability.
    pub(super) fn draw(&self, dice: &mut super::dice::Dice) -> f32 {
        let [first, second] = dice.normals();
        let (good, bad) = (self.good.draw(first), self.bad.draw(second));
        if good + bad > 0.0 {
            good / (good + bad)
        } else {
            self.reliability
        }
    }
}

impl Field {
    /// Rows with their outcomes, in the order of their priority.
    #[must_use]
    pub fn new(all: Vec<(Row, Arm)>) -> Self {
        let (rows, arms) = all.into_iter().unzip();
        Self {
            rows,
            arms,
            board: RwLock::default(),
        }
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The outcomes of the candidate at this place.
    #[must_use]
    pub fn arm(&self, at: usize) -> Option<&Arm> {
        self.arms.get(at)
    }

    /// The figures, not older than a second.
    pub(super) fn board(&self, now_ms: i64) -> RwLockReadGuard<'_, Board> {
        let board = self.board.read();
        let fresh = |board: &Board| {
            board
                .at_ms
                .is_some_and(|at| (0..FRESH_MS).contains(&now_ms.saturating_sub(at)))
        };
        if fresh(&board) {
            return board;
        }
        let made = board.at_ms.is_some();
        drop(board);
        let writer = if made {
            // Somebody else is at it: a second more does not matter.
            self.board.try_write()
        } else {
            Some(self.board.write())
        };
        if let Some(mut board) = writer
            && !fresh(&board)
        {
            board.figures.clear();
            board
                .figures
                .extend(self.arms.iter().map(|arm| Figure::new(&arm.belief(now_ms))));
            board.at_ms = Some(now_ms);
        }
        self.board.read()
    }
}

/// 0 to 1, from the catalogue's scale of 0 to 1000.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "at most 1000")]
pub fn capability(rank: Option<u32>) -> f32 {
    rank.map_or(UNRANKED, |rank| rank.min(1000) as f32 / 1000.0)
}

/// A short name of a candidate that is the same in every table (FNV-1a).
#[must_use]
pub fn id(subject: &str) -> u64 {
    subject
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::super::dice::Dice;
    use super::super::tally::Outcome;
    use super::*;

    #[test]
    fn draws_have_the_mean_and_the_spread_of_the_beta_distribution() {
        for (good, bad) in [
            (4.0, 1.0),
            (50.0, 2.0),
            (1.0, 1.0),
            (3.0, 30.0),
            (900.0, 100.0),
        ] {
            let figure = Figure::new(&Belief {
                good,
                bad,
                speed: 0.0,
                seen: 9.0,
            });
            let mut dice = Dice::new(3);
            let n = 20_000;
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..n {
                let draw = f64::from(figure.draw(&mut dice));
                assert!((0.0..=1.0).contains(&draw));
                sum += draw;
                squares += draw * draw;
            }
            let mean = sum / f64::from(n);
            let spread = (squares / f64::from(n) - mean * mean).sqrt();
            let all: f64 = good + bad;
            let right = (good / all, (good * bad / (all * all * (all + 1.0))).sqrt());
            assert!((mean - right.0).abs() < 0.02, "{good} {bad}: mean {mean}");
            assert!(
                (spread - right.1).abs() < 0.25 * right.1 + 0.002,
                "{good} {bad}: spread {spread}"
            );
        }
    }

    #[test]
    fn figures_follow_outcomes_within_a_second() {
        let arm = Arm::default();
        let row = Row {
            id: 1,
            can: 0,
            context: 0,
            size: 0,
            tier: 0,
            capability: 0.5,
        };
        let field = Field::new(vec![(row, arm.clone())]);
        let reliability = |now| field.board(now).figures[0].reliability;
        let before = reliability(0);
        for _ in 0..20 {
            arm.record(Outcome::Failed(1.0), 0);
        }
        assert_eq!(reliability(FRESH_MS - 1), before);
        assert!(reliability(FRESH_MS) < before / 2.0);
        // A clock that was set back must not freeze them.
        assert!(reliability(-5_000) < before / 2.0);
    }

    #[test]
    fn ranks_are_shares() {
        assert_eq!(capability(Some(1000)), 1.0);
        assert_eq!(capability(Some(5000)), 1.0);
        assert_eq!(capability(None), UNRANKED);
    }
}
