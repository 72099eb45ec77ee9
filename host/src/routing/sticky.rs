//! Who answered a conversation last, so that it stays with the same model and key, and with what the provider keeps
//! of it in its cache.
//!
//! A pin is a preference: whoever is pinned goes first while it is able, does not rest and is under its limits;
//! whoever answers in its place is pinned from then on.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use parking_lot::Mutex;

/// A conversation is forgotten so long after its last answer, milliseconds.
const KEPT_MS: i64 = 30 * 60_000;

/// Conversations in one of the two generations: at most twice as many are kept, about two megabytes.
const GENERATION: usize = 16_384;

/// How much of a text tells conversations apart, bytes. The length of all of it counts too.
const HASHED: usize = 4_096;

/// A conversation, by keyed hashes: the text cannot be found from it, nor one made that meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Session(u64, u64);

/// See the module.
#[derive(Debug, Default)]
pub struct Sticky {
    keys: (RandomState, RandomState),
    pins: Mutex<Pins>,
}

/// When `young` is full it takes the place of `old`: what was used since lives on in it.
#[derive(Debug, Default)]
struct Pins {
    young: HashMap<Session, Pin>,
    old: HashMap<Session, Pin>,
}

#[derive(Debug, Clone, Copy)]
struct Pin {
    candidate: u64,
    until_ms: i64,
}

impl Sticky {
    /// The conversation that these texts tell apart: whose it is, what was asked for, how it began.
    #[must_use]
    pub fn session<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Session {
        let mut first = self.keys.0.build_hasher();
        let mut second = self.keys.1.build_hasher();
        for part in parts {
            let head = part.as_bytes().get(..HASHED).unwrap_or(part.as_bytes());
            for hasher in [&mut first, &mut second] {
                hasher.write_usize(part.len());
                hasher.write(head);
            }
        }
        Session(first.finish(), second.finish())
    }

    /// Who is pinned: the id of a [`super::field::Row`].
    #[must_use]
    pub fn pinned(&self, session: Session, now_ms: i64) -> Option<u64> {
        let pins = self.pins.lock();
        let pin = pins
            .young
            .get(&session)
            .or_else(|| pins.old.get(&session))?;
        (pin.until_ms > now_ms).then_some(pin.candidate)
    }

    /// Pins whoever answered, for half an hour from now.
    pub fn pin(&self, session: Session, candidate: u64, now_ms: i64) {
        let mut pins = self.pins.lock();
        if pins.young.len() >= GENERATION && !pins.young.contains_key(&session) {
            let young = std::mem::take(&mut pins.young);
            pins.old = young;
        }
        pins.young.insert(
            session,
            Pin {
                candidate,
                until_ms: now_ms.saturating_add(KEPT_MS),
            },
        );
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        let pins = self.pins.lock();
        pins.young.len() + pins.old.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_lasts_half_an_hour_from_the_last_answer() {
        let sticky = Sticky::default();
        let session = sticky.session(["client", "auto", "hello"]);
        assert_eq!(sticky.pinned(session, 0), None);
        sticky.pin(session, 7, 0);
        assert_eq!(sticky.pinned(session, KEPT_MS - 1), Some(7));
        assert_eq!(sticky.pinned(session, KEPT_MS), None);
        sticky.pin(session, 7, KEPT_MS - 1);
        assert_eq!(sticky.pinned(session, KEPT_MS), Some(7));
        sticky.pin(session, 8, KEPT_MS);
        assert_eq!(sticky.pinned(session, KEPT_MS), Some(8));
    }

    #[test]
    fn conversations_are_told_apart() {
        let sticky = Sticky::default();
        let long = "x".repeat(HASHED);
        let longer = "x".repeat(HASHED + 1);
        let all = [
            sticky.session(["a", "auto", "hello"]),
            // The same words from another client are another conversation.
            sticky.session(["b", "auto", "hello"]),
            sticky.session(["a", "auto:fast", "hello"]),
            sticky.session(["a", "auto", "hellp"]),
            sticky.session(["aa", "uto", "hello"]),
            sticky.session(["a", "auto", &long]),
            sticky.session(["a", "auto", &longer]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{at}");
        }
        assert_eq!(all[0], sticky.session(["a", "auto", "hello"]));
        // Nobody outside can know the hash.
        assert_ne!(all[0], Sticky::default().session(["a", "auto", "hello"]));
    }

    #[test]
    fn a_million_conversations_take_no_more_room_than_some_thousands() {
        let sticky = Sticky::default();
        let kept = Session(u64::MAX, 0);
        for n in 0..1_000_000 {
            sticky.pin(Session(n, n), n, 0);
            // One that goes on is not forgotten for those that come and go.
            if n % 10_000 == 0 {
                sticky.pin(kept, 1, 0);
            }
            if n % 100_000 == 99_999 {
                assert!(sticky.len() <= 2 * GENERATION);
            }
        }
        assert_eq!(sticky.pinned(kept, 1), Some(1));
        assert_eq!(sticky.pinned(Session(999_999, 999_999), 1), Some(999_999));
        assert_eq!(sticky.pinned(Session(0, 0), 1), None);
    }
}
