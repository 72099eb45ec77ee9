//! Chance for choosing, injected: the same seed makes the same choices.
//!
//! A generator of our own, since the figures of `docs/routing.md` must not change with a library's version.

/// SplitMix64: a word of state, about a nanosecond a number. Nothing here needs to be unforeseeable.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// From any seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of 0 to 1, without 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Two numbers that are about standard normal: three uniform ones summed for each, so that none is beyond 3
    /// deviations.
    pub fn normals(&mut self) -> [f32; 2] {
        let bits = self.bits();
        let normal = |shift: u32| {
            let part = |nth: u32| ((bits >> (shift + 10 * nth)) & 0x3ff) as u16;
            f32::from(part(0) + part(1) + part(2)) / 511.5 - 3.0
        };
        [normal(0), normal(30)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_numbers() {
        let draw = |seed| {
            let mut dice = Dice::new(seed);
            [dice.bits(), dice.bits()]
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn numbers_are_spread_as_they_should_be() {
        let mut dice = Dice::new(1);
        let n = 100_000;
        let (mut sum, mut squares, mut products, mut shares) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..n {
            let [normal, other] = dice.normals().map(f64::from);
            assert!(normal.abs() <= 3.0 && other.abs() <= 3.0);
            sum += normal;
            squares += normal * normal;
            products += normal * other;
            let share = dice.share();
            assert!((0.0..1.0).contains(&share));
            shares += share;
        }
        let n = f64::from(n);
        assert!((sum / n).abs() < 0.01);
        assert!((squares / n - 1.0).abs() < 0.02);
        assert!((products / n).abs() < 0.02);
        assert!((shares / n - 0.5).abs() < 0.01);
    }
}
