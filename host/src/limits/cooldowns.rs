//! Who rests after a failure, and for how long.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::record::Cooldown;
use super::zone::{DAY, Zone};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// Nobody rests longer for a `Retry-After`, whatever it says.
const LONGEST_HINT: i64 = 31 * DAY;
/// How long others keep away from whoever is being tried after a rest, if that attempt never ends.
const PROBE: i64 = 15 * SECOND;

/// Everybody who rests, or whose last failure is not yet followed by a success.
#[derive(Debug, Default)]
pub struct Cooldowns {
    rows: Mutex<HashMap<String, Kept>>,
    changes: AtomicU64,
    /// How many rows were written to the store so far.
    written: AtomicU64,
}

/// A row, and what the store has of it.
#[derive(Debug, Clone)]
struct Kept {
    row: Cooldown,
    /// As it was last handed over to be written.
    handed: Option<Cooldown>,
    /// Which of all writes put its last form into the store; `None` if it is not there yet. If it is there no more,
    /// somebody removed it.
    stored: Option<u64>,
    /// Its rest is over and a request finds out whether it is well again; until then nobody else does.
    probed_until: i64,
}

/// A failure, as the contract tells it.
#[derive(Debug, Clone, Copy)]
pub struct Fault<'a> {
    pub kind: &'a str,
    pub retry_after_ms: Option<u64>,
    /// For people; without credentials.
    pub reason: &'a str,
}

/// Somebody rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    pub until_ms: i64,
    /// See [`Cooldown::hard`].
    pub hard: bool,
    pub kind: String,
}

/// Whom a failure puts to rest when it does not say: a word of the contract's `quota.scope`. Empty for kinds
/// that rest nobody.
pub fn default_scope(kind: &str) -> &'static str {
    match kind {
        "invalid-request" | "content-filtered" | "unsupported" | "too-long" => "",
        "key-invalid" | "payment-required" => "key",
        "rate-limited" | "quota-exhausted" | "key-forbidden" | "model-missing" | "overloaded"
        | "truncated" | "malformed-reply" => "model",
        // Broken connections and servers, and every unknown word.
        _ => "provider",
    }
}

/// For how long without a hint, and whether that leaves no doubt; `None` rests nobody. `strikes` counts this one.
fn rest(fault: &Fault<'_>, subject: &str, strikes: i64, now: i64) -> Option<(i64, bool)> {
    let step = u32::try_from(strikes.saturating_sub(1).clamp(0, 20)).unwrap_or(20);
    Some(match fault.kind {
        "invalid-request" | "content-filtered" | "unsupported" | "too-long" => return None,
        // One refusal may be the provider's own mishap, so the first rest is short. A hint to wait says nothing
        // about a key that is refused: it cannot shorten the rest, nor stretch it beyond the longest step.
        "key-invalid" => {
            let ladder = [10 * MINUTE, HOUR, 6 * HOUR, DAY];
            let rest = ladder.get(step as usize).copied().unwrap_or(DAY);
            let hint = i64::try_from(fault.retry_after_ms.unwrap_or(0)).unwrap_or(i64::MAX);
            (hint.clamp(rest, DAY), true)
        }
        _ if fault.retry_after_ms.is_some() => {
            let hint = i64::try_from(fault.retry_after_ms?).unwrap_or(i64::MAX);
            (hint.clamp(SECOND, LONGEST_HINT), true)
        }
        "key-forbidden" | "payment-required" | "model-missing" => (DAY, true),
        "quota-exhausted" => ((Zone::Utc.day(now).1 - now).max(MINUTE), true),
        "rate-limited" => (
            spread(MINUTE.saturating_mul(1 << step).min(HOUR), subject),
            false,
        ),
        _ => {
            let ladder = [5 * SECOND, 15 * SECOND, MINUTE, 3 * MINUTE, 10 * MINUTE];
            let rest = ladder.get(step as usize).copied().unwrap_or(10 * MINUTE);
            (spread(rest, subject), false)
        }
    })
}

/// Ten per cent more or less, the same for the same subject: keys that failed together do not come back together.
fn spread(rest: i64, subject: &str) -> i64 {
    let hash = subject
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let thousandths = i64::try_from((hash >> 20) % 201).unwrap_or(100) - 100;
    rest + rest * thousandths / 1000
}

impl Cooldowns {
    pub fn new() -> Cooldowns {
        Cooldowns::default()
    }

    /// As an earlier process left them. Those that ran out keep their strikes.
    pub fn restore(&self, rows: &[Cooldown], _now_ms: i64) {
        let mut kept = self.rows.lock();
        kept.extend(rows.iter().map(|row| {
            let known = Kept {
                row: row.clone(),
                handed: Some(row.clone()),
                stored: Some(0),
                probed_until: 0,
            };
            (row.subject.clone(), known)
        }));
    }

    /// How many rows were written so far: for [`Cooldowns::reload`], to be read before the store is.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Ends rests that are no longer in the store: a person, or another replica, removed them. `rows` is all that the
    /// store held at some time after `written` rows were written: what was written later, or not yet, stays. Subjects
    /// whose rests ended.
    pub fn reload(&self, rows: &[Cooldown], written: u64) -> Vec<String> {
        let there: HashSet<&str> = rows.iter().map(|row| row.subject.as_str()).collect();
        let mut kept = self.rows.lock();
        let gone: Vec<String> = kept
            .iter()
            .filter(|(subject, known)| {
                known.stored.is_some_and(|write| write <= written)
                    && !there.contains(subject.as_str())
            })
            .map(|(subject, _)| subject.clone())
            .collect();
        for subject in &gone {
            kept.remove(subject);
        }
        if !gone.is_empty() {
            self.changed();
        }
        gone
    }

    /// All rows, those of subjects that rest no more too.
    #[must_use]
    pub fn rows(&self) -> Vec<Cooldown> {
        self.rows
            .lock()
            .values()
            .map(|known| known.row.clone())
            .collect()
    }

    /// Rises with every change: for whoever shows who rests.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether a row of [`Cooldowns::failed`] is to be written: not if the store holds the same rest, and it ends
    /// no more than a tenth later now. Many requests that fail together would otherwise each write. Tell
    /// [`Cooldowns::wrote`] how it went.
    pub fn must_write(&self, row: &Cooldown, now_ms: i64) -> bool {
        let mut rows = self.rows.lock();
        let Some(known) = rows.get_mut(&row.subject) else {
            return true;
        };
        let same = |old: &Cooldown| {
            old.until_ms > now_ms
                && (old.kind.as_str(), old.hard, old.strikes)
                    == (row.kind.as_str(), row.hard, row.strikes)
                && row.until_ms.saturating_sub(old.until_ms) <= (old.until_ms - now_ms) / 10
        };
        if known.handed.as_ref().is_some_and(same) {
            return false;
        }
        known.handed = Some(row.clone());
        true
    }

    /// How writing a row that [`Cooldowns::must_write`] asked for ended.
    pub fn wrote(&self, subject: &str, well: bool) {
        if let Some(known) = self.rows.lock().get_mut(subject) {
            if well {
                known.stored = Some(self.written.fetch_add(1, Ordering::Release) + 1);
            } else {
                known.handed = None;
            }
        }
    }

    /// The longest hard rest of any of these, else the longest soft one.
    pub fn resting(&self, subjects: &[&str], now_ms: i64) -> Option<Rest> {
        let rows = self.rows.lock();
        let resting = subjects
            .iter()
            .filter_map(|&subject| rows.get(subject).map(|known| &known.row));
        let longest = resting
            .filter(|row| row.until_ms > now_ms)
            .max_by_key(|row| (row.hard, row.until_ms))?;
        Some(Rest {
            until_ms: longest.until_ms,
            hard: longest.hard,
            kind: longest.kind.clone(),
        })
    }

    /// Whether one whose rest is over may be tried: by one request at a time, until one succeeds. A crowd that waited
    /// for the end would otherwise meet whoever has just begun to recover. `true` makes the caller that request.
    pub fn may_probe(&self, subjects: &[&str], now_ms: i64) -> bool {
        let mut rows = self.rows.lock();
        let probed = |subject: &&str| {
            rows.get(*subject)
                .is_some_and(|known| known.row.until_ms <= now_ms && known.probed_until > now_ms)
        };
        if subjects.iter().any(probed) {
            return false;
        }
        for subject in subjects {
            if let Some(known) = rows.get_mut(*subject)
                && known.row.until_ms <= now_ms
            {
                known.probed_until = now_ms.saturating_add(PROBE);
            }
        }
        true
    }

    /// Puts somebody to rest: the row to write, or `None` if this kind rests nobody. A longer hard rest stays,
    /// and requests that failed together while it rests count as one strike.
    pub fn failed(&self, subject: &str, fault: &Fault<'_>, now_ms: i64) -> Option<Cooldown> {
        let mut rows = self.rows.lock();
        let known = rows.get(subject).map(|known| &known.row);
        let resting = known.filter(|row| row.until_ms > now_ms);
        let strikes = match (resting, known) {
            (Some(row), _) if row.kind == fault.kind => row.strikes.max(1),
            (_, Some(row)) => row.strikes.saturating_add(1),
            (_, None) => 1,
        };
        let (length, hard) = rest(fault, subject, strikes, now_ms)?;
        self.changed();
        let mut row = Cooldown {
            subject: subject.to_owned(),
            until_ms: now_ms.saturating_add(length),
            kind: fault.kind.to_owned(),
            hard,
            strikes,
            reason: fault.reason.to_owned(),
        };
        if let Some(old) = resting
            && (old.hard, old.until_ms) > (row.hard, row.until_ms)
        {
            row = Cooldown {
                strikes,
                ..old.clone()
            };
        }
        match rows.get_mut(subject) {
            Some(known) => {
                known.row.clone_from(&row);
                known.probed_until = 0;
            }
            None => {
                let known = Kept {
                    row: row.clone(),
                    handed: None,
                    stored: None,
                    probed_until: 0,
                };
                rows.insert(row.subject.clone(), known);
            }
        }
        Some(row)
    }

    /// A request succeeded: subjects whose rest and strikes end, whose rows may go. A hard rest stays: another
    /// request met it meanwhile, and this one's success says nothing against it.
    pub fn succeeded(&self, subjects: &[&str], now_ms: i64) -> Vec<String> {
        let mut rows = self.rows.lock();
        let over = |row: &Cooldown| !row.hard || row.until_ms <= now_ms;
        let ended = subjects
            .iter()
            .filter(|&&subject| rows.get(subject).is_some_and(|known| over(&known.row)));
        let ended: Vec<String> = ended.map(|&subject| subject.to_owned()).collect();
        for subject in &ended {
            rows.remove(subject);
        }
        if !ended.is_empty() {
            self.changed();
        }
        ended
    }

    /// The user's word, or a changed key: no rest and no strikes.
    pub fn clear(&self, subject: &str) {
        self.rows.lock().remove(subject);
        self.changed();
    }
}
