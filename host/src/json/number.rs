//! A number as it was spelt.

use std::borrow::Cow;

/// The largest integer that every smaller one also has an exact `f64` for: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A JSON number, kept in its own spelling, so that what passes through is not rounded.
#[derive(Clone, Debug)]
pub struct Number<'a> {
    /// Valid JSON number text, always.
    spelling: Cow<'a, str>,
}

impl<'a> Number<'a> {
    /// `spelling` must follow JSON's grammar; only the parser and the constructors here say so.
    pub(super) fn from_spelling(spelling: &'a str) -> Self {
        Number {
            spelling: Cow::Borrowed(spelling),
        }
    }

    /// The number nearest to `value`; `None` for what JSON cannot say (infinities, not a number).
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Number<'static>> {
        if !value.is_finite() {
            return None;
        }
        // Debug and not Display: it switches to an exponent instead of writing 300 digits.
        let spelling = if value.fract() == 0.0 && value.abs() < EXACT {
            format!("{value:.0}")
        } else {
            format!("{value:?}")
        };
        Some(Number {
            spelling: Cow::Owned(spelling),
        })
    }

    /// As it is written.
    #[must_use]
    pub fn spelling(&self) -> &str {
        &self.spelling
    }

    /// Its value, if it is a whole number from 0 on. `3.0` and `1e3` count, up to 2^53.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.spelling.parse().ok().or_else(|| {
            let value = self.whole()?;
            (value >= 0.0).then_some(value as u64)
        })
    }

    /// Its value, if it is a whole number that fits. `-3.0` counts, down to -2^53.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.spelling
            .parse()
            .ok()
            .or_else(|| self.whole().map(|value| value as i64))
    }

    /// Its value, rounded if need be; `None` if it is too large for any (`1e999`).
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.spelling
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Number<'static> {
        Number {
            spelling: Cow::Owned(self.spelling.into_owned()),
        }
    }

    fn whole(&self) -> Option<f64> {
        self.as_f64()
            .filter(|value| value.fract() == 0.0 && value.abs() <= EXACT)
    }
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Number<'_>) -> bool {
        if self.spelling == other.spelling {
            return true;
        }
        if let (Some(a), Some(b)) = (self.as_u64(), other.as_u64()) {
            return a == b;
        }
        if let (Some(a), Some(b)) = (self.as_i64(), other.as_i64()) {
            return a == b;
        }
        matches!((self.as_f64(), other.as_f64()), (Some(a), Some(b)) if a == b)
    }
}

impl From<u64> for Number<'_> {
    fn from(value: u64) -> Self {
        Number {
            spelling: Cow::Owned(value.to_string()),
        }
    }
}

impl From<i64> for Number<'_> {
    fn from(value: i64) -> Self {
        Number {
            spelling: Cow::Owned(value.to_string()),
        }
    }
}
