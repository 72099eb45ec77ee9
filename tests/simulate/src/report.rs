//! The figures of all days, as a page.

use std::fmt::Write as _;

use crate::run::Day;

/// Student's t for 95 % and 19 degrees of freedom: twenty seeds.
const T: f64 = 2.093;

/// A mean and how far off it may be, with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mean {
    pub(crate) mean: f64,
    pub(crate) off: f64,
}

/// The days of one policy in one scenario, a seed each.
pub(crate) struct Days {
    pub(crate) policy: &'static str,
    pub(crate) days: Vec<Day>,
}

impl Mean {
    pub(crate) fn of(samples: &[f64]) -> Self {
        let n = f64::from(u32::try_from(samples.len()).unwrap_or(1)).max(1.0);
        let mean = samples.iter().sum::<f64>() / n;
        let spread =
            samples.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        Self {
            mean,
            off: T * (spread / n).sqrt(),
        }
    }

    fn show(self, digits: usize) -> String {
        format!("{:.digits$} ± {:.digits$}", self.mean, self.off)
    }
}

/// Per cent of the value that a policy missed of another's, a seed each.
pub(crate) fn regret(days: &[Day], of: &[Day]) -> Mean {
    let missed = |(one, best): (&Day, &Day)| (1.0 - one.value / best.value) * 100.0;
    Mean::of(&days.iter().zip(of).map(missed).collect::<Vec<_>>())
}

/// By how much the value of `days` exceeds that of `of`, per cent, a seed each.
pub(crate) fn gain(days: &[Day], of: &[Day]) -> Mean {
    let gained = |(one, other): (&Day, &Day)| (one.value / other.value - 1.0) * 100.0;
    Mean::of(&days.iter().zip(of).map(gained).collect::<Vec<_>>())
}

/// The table of one scenario.
pub(crate) fn table(all: &[Days], oracle: &[Day]) -> String {
    let mut text = String::from(
        "| strategy | answered, % | quality | tokens won, millions | further attempts, per 100 | regret, % |\n\
         |---|---|---|---|---|---|\n",
    );
    for Days { policy, days } in all {
        let mean = |of: fn(&Day) -> f64| Mean::of(&days.iter().map(of).collect::<Vec<_>>());
        let _ = writeln!(
            text,
            "| {policy} | {} | {} | {} | {} | {} |",
            mean(|day| day.answered / day.requests * 100.0).show(1),
            mean(|day| day.quality / day.requests * 1000.0).show(0),
            mean(|day| day.tokens / 1e6).show(2),
            mean(|day| day.retries / day.requests * 100.0).show(1),
            regret(days, oracle).show(1),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_knows_how_sure_it_is() {
        let same = Mean::of(&[3.0; 20]);
        assert_eq!((same.mean, same.off), (3.0, 0.0));
        let wide = Mean::of(&[0.0, 2.0].repeat(10));
        assert!((wide.mean - 1.0).abs() < 1e-9);
        assert!((0.4..0.5).contains(&wide.off), "{}", wide.off);
        assert_eq!(Mean::of(&[]).mean, 0.0);
    }
}
