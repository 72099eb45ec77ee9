//! How often somebody may try a password or a code.

use std::collections::HashMap;

use parking_lot::Mutex;

/// How long an attempt counts, milliseconds.
pub(super) const WINDOW_MS: i64 = 15 * 60 * 1000;

/// Attempts from one address in a window.
pub(super) const BY_ADDRESS: u32 = 10;

/// Attempts at one account in a window. More than one address has, so that no stranger alone locks the owner out.
pub(super) const BY_ACCOUNT: u32 = 50;

/// The most that is remembered: some 100 bytes each.
const MOST: usize = 10_000;

/// Attempts of late.
#[derive(Debug, Default)]
pub(super) struct Limiter(Mutex<HashMap<String, Attempts>>);

#[derive(Debug, Clone, Copy)]
struct Attempts {
    count: u32,
    /// When the first of them was, milliseconds since 1970 UTC.
    since_ms: i64,
}

impl Limiter {
    /// Counts an attempt against each of these names, with the most that each may have in a window. It counts before
    /// its outcome is known: many at once must not all be let through.
    ///
    /// # Errors
    /// How long to wait, milliseconds. Then nothing was counted.
    pub(super) fn attempt(&self, names: &[(String, u32)], now_ms: i64) -> Result<(), i64> {
        let mut all = self.0.lock();
        let mut wait = 0;
        for (name, most) in names {
            if let Some(known) = all.get(name).filter(|known| known.counts(now_ms))
                && known.count >= *most
            {
                wait = wait.max(known.since_ms + WINDOW_MS - now_ms);
            }
        }
        if wait > 0 {
            return Err(wait);
        }
        for (name, _) in names {
            if all.len() >= MOST && !all.contains_key(name) {
                make_room(&mut all, now_ms);
            }
            let fresh = Attempts {
                count: 0,
                since_ms: now_ms,
            };
            let known = all.entry(name.clone()).or_insert(fresh);
            if !known.counts(now_ms) {
                *known = fresh;
            }
            known.count += 1;
        }
        Ok(())
    }

    /// An attempt was right: what counted against these names is forgotten.
    pub(super) fn forgive(&self, names: &[(String, u32)]) {
        let mut all = self.0.lock();
        for (name, _) in names {
            all.remove(name);
        }
    }
}

impl Attempts {
    fn counts(&self, now_ms: i64) -> bool {
        // A clock that was set back must not lock anybody out.
        (self.since_ms..self.since_ms + WINDOW_MS).contains(&now_ms)
    }
}

/// Drops what counts no more; if all does, who tried least.
fn make_room(all: &mut HashMap<String, Attempts>, now_ms: i64) {
    all.retain(|_, known| known.counts(now_ms));
    if all.len() < MOST {
        return;
    }
    let least = all
        .iter()
        .min_by_key(|(_, known)| (known.count, known.since_ms))
        .map(|(name, _)| name.clone());
    if let Some(name) = least {
        all.remove(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> [(String, u32); 2] {
        [("address".to_owned(), 2), ("account".to_owned(), 5)]
    }

    #[test]
    fn the_smallest_allowance_counts_and_time_gives_it_back() {
        let limiter = Limiter::default();
        assert_eq!(limiter.attempt(&names(), 0), Ok(()));
        assert_eq!(limiter.attempt(&names(), 1_000), Ok(()));
        assert_eq!(limiter.attempt(&names(), 2_000), Err(WINDOW_MS - 2_000));
        assert_eq!(limiter.attempt(&names(), WINDOW_MS), Ok(()));
    }

    #[test]
    fn others_go_on_until_the_account_is_used_up() {
        let limiter = Limiter::default();
        let from = |address: &str| [(address.to_owned(), 2), ("account".to_owned(), 5)];
        for address in ["a", "a", "b", "b", "c"] {
            assert_eq!(limiter.attempt(&from(address), 0), Ok(()), "{address}");
        }
        assert!(limiter.attempt(&from("d"), 0).is_err());
        assert_eq!(
            limiter.attempt(&[("d".to_owned(), 1)], 0),
            Ok(()),
            "nothing was counted for the refused one"
        );
    }

    #[test]
    fn a_right_one_is_forgiven() {
        let limiter = Limiter::default();
        for _ in 0..2 {
            limiter.attempt(&names(), 0).unwrap();
        }
        limiter.forgive(&names());
        assert_eq!(limiter.attempt(&names(), 0), Ok(()));
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limiter = Limiter::default();
        for _ in 0..2 {
            limiter.attempt(&names(), 10_000_000).unwrap();
        }
        assert_eq!(limiter.attempt(&names(), 5), Ok(()));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_stubborn_stay() {
        let limiter = Limiter::default();
        for _ in 0..2 {
            limiter.attempt(&names(), 0).unwrap();
        }
        for n in 0..i64::try_from(MOST).unwrap() + 50 {
            limiter.attempt(&[(format!("n{n}"), 2)], n / 100).unwrap();
        }
        assert!(limiter.0.lock().len() <= MOST);
        assert!(limiter.attempt(&names(), 200).is_err());
    }
}
