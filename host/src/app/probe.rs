//! Asks providers now and then whether keys are still good, with the cheapest request their plugins know, so that the list of
//! keys tells the truth before a client's request finds out.
//!
//! One process asks for each installation; with several, each asks, which spends as many requests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::sync::State;
use crate::manage::keys::probe as ask;
use crate::routing::dice::Dice;
use crate::store::ProviderKey;

/// How often it is looked whose turn it is.
const LOOK: Duration = Duration::from_secs(20);

/// A key is not asked about again within this time, milliseconds, however often it is refused.
const AGAIN_MS: i64 = 30_000;

/// Nobody spends a request of a key that has less than this share of a limit left.
const SPARED: f64 = 0.1;

/// When whose turn is, milliseconds since 1970 UTC.
#[derive(Debug)]
struct Turns {
    /// Between two turns of a key, milliseconds; `None` is never.
    every_ms: Option<i64>,
    due: BTreeMap<String, i64>,
    asked: BTreeMap<String, i64>,
    dice: Dice,
}

impl Turns {
    fn new(every: Duration, dice: Dice) -> Self {
        let every_ms = i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
        Self {
            every_ms: Some(every_ms).filter(|every| *every > 0),
            due: BTreeMap::new(),
            asked: BTreeMap::new(),
            dice,
        }
    }

    /// Whether it is this key's turn; then it has the next one about an interval later.
    fn is_due(&mut self, id: &str, suspect: bool, now_ms: i64) -> bool {
        let lately = self
            .asked
            .get(id)
            .is_some_and(|at| now_ms.saturating_sub(*at) < AGAIN_MS);
        let due = match (self.due.get(id), self.every_ms) {
            (Some(due), _) => *due <= now_ms,
            // Keys that are first seen together are spread over the interval.
            (None, Some(every)) => {
                let wait = share(every, self.dice.share());
                self.due.insert(id.to_owned(), now_ms.saturating_add(wait));
                false
            }
            (None, None) => false,
        };
        if lately || !(due || suspect) {
            return false;
        }
        self.asked.insert(id.to_owned(), now_ms);
        if let Some(every) = self.every_ms {
            let wait = share(every, 0.9 + 0.2 * self.dice.share());
            self.due.insert(id.to_owned(), now_ms.saturating_add(wait));
        }
        true
    }

    /// Forgets keys that are gone.
    fn keep(&mut self, keys: &[ProviderKey]) {
        let there = |id: &String| keys.iter().any(|key| key.id == *id);
        self.due.retain(|id, _| there(id));
        self.asked.retain(|id, _| there(id));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "an interval needs no more than 52 bits"
)]
fn share(of: i64, share: f64) -> i64 {
    (of as f64 * share) as i64
}

/// Asks about each key once an interval, and at once about those that were refused.
pub(super) async fn probe(state: Arc<State>, every: Duration) {
    let gateway = &state.api.gateway;
    let mut turns = Turns::new(every, gateway.dice());
    loop {
        let _ = timeout(LOOK, gateway.suspects.wait()).await;
        let suspects = gateway.suspects.take();
        if turns.every_ms.is_none() && suspects.is_empty() {
            continue;
        }
        let keys = match gateway.store.keys(&state.vault).await {
            Ok(keys) => keys,
            Err(error) => {
                tracing::error!(%error, "keys could not be read");
                continue;
            }
        };
        turns.keep(&keys);
        for key in keys {
            let suspect = suspects.contains(&key.id);
            let able = key.enabled && key.damaged.is_none();
            if !able
                || !turns.is_due(&key.id, suspect, gateway.clock.now_ms())
                || (!suspect && is_scarce(&state, &key.id))
            {
                continue;
            }
            look(&state, key).await;
        }
    }
}

/// Whether one of the key's own limits is nearly used up.
fn is_scarce(state: &State, key_id: &str) -> bool {
    let gateway = &state.api.gateway;
    let table = gateway.table.load();
    let now_ms = gateway.clock.now_ms();
    let of_key = table.all().iter().filter(|one| one.key.id == key_id);
    let mut left = of_key.map(|one| gateway.ledger.headroom(&one.meters, now_ms));
    left.any(|left| left < SPARED)
}

async fn look(state: &State, key: ProviderKey) {
    let gateway = &state.api.gateway;
    let id = key.id.clone();
    let plugins = state.api.registry.current();
    match ask(&gateway.store, &plugins, gateway.means(), key).await {
        Ok(tested) => {
            for subject in &tested.woken {
                gateway.cooldowns.clear(subject);
            }
            if !tested.is_good() {
                tracing::warn!(key = %id, health = tested.health, said = %tested.message, "a key was checked");
            }
        }
        Err(why) => tracing::debug!(key = %id, ?why, "a key could not be checked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn turns(hours: u64) -> Turns {
        Turns::new(Duration::from_secs(hours * 3_600), Dice::new(7))
    }

    #[test]
    fn keys_have_their_turns_spread_over_the_interval() {
        let mut turns = turns(1);
        let ids: Vec<String> = (0..100).map(|n| format!("key-{n}")).collect();
        let mut asked = vec![Vec::new(); ids.len()];
        for now in (0..4 * HOUR).step_by(20_000) {
            let due: Vec<usize> = (0..ids.len())
                .filter(|at| turns.is_due(&ids[*at], false, now))
                .collect();
            assert!(due.len() < 10, "not all together: {due:?} at {now}");
            for at in due {
                asked[at].push(now);
            }
        }
        for times in asked {
            assert!((3..=5).contains(&times.len()), "{times:?}");
            assert!(
                times
                    .windows(2)
                    .all(|pair| pair[1] - pair[0] >= HOUR * 9 / 10)
            );
        }
    }

    #[test]
    fn a_refused_key_is_asked_about_at_once_and_not_again_and_again() {
        let mut turns = turns(0);
        assert!(!turns.is_due("key-1", false, HOUR), "0 is never");
        assert!(turns.is_due("key-1", true, HOUR));
        assert!(!turns.is_due("key-1", true, HOUR + 1_000));
        assert!(turns.is_due("key-1", true, HOUR + AGAIN_MS));
        turns.keep(&[]);
        assert!(turns.asked.is_empty() && turns.due.is_empty());
    }
}
