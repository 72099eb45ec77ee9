//! How a key fares: what is stored of it, and who rests.

use freellmapi_types::{KeyState, KeyStatus, ModelRest};

use crate::limits::Cooldown;
use crate::plugins::plugin::Plugin;
use crate::store::{ProviderKey, Store, StoreError};

/// Whether a key's plugin does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// It does.
    Up,
    /// It is put aside for its faults.
    Resting,
    /// It is not there, waits for consent, or is switched off.
    Down,
}

impl Service {
    /// Of a plugin, if it serves.
    #[must_use]
    pub fn of(plugin: Option<&Plugin>) -> Self {
        match plugin {
            Some(plugin) if plugin.resting() => Self::Resting,
            Some(_) => Self::Up,
            None => Self::Down,
        }
    }
}

/// The longest rest of the key itself, if it rests; else of one of its models.
#[must_use]
pub fn resting<'a>(rests: &'a [Cooldown], key_id: &str, now_ms: i64) -> Option<&'a Cooldown> {
    let now = rests.iter().filter(|rest| rest.until_ms > now_ms);
    now.filter(|rest| is_of(rest, key_id))
        .max_by_key(|rest| (rest.subject.starts_with("key:"), rest.until_ms))
}

/// A key that is good is used again at once; a running server hears of it by the revision. Those whose rests ended.
///
/// # Errors
/// The store's.
pub async fn end_rests(store: &Store, key_id: &str) -> Result<Vec<String>, StoreError> {
    let rests = store.cooldowns().await?;
    let of_key = rests.iter().filter(|rest| is_of(rest, key_id));
    let subjects: Vec<String> = of_key.map(|rest| rest.subject.clone()).collect();
    if !subjects.is_empty() {
        store.remove_cooldowns(&subjects).await?;
        store.touch().await?;
    }
    Ok(subjects)
}

/// Ends the rest of a key that its provider refused. Its subject, if there was one.
///
/// # Errors
/// The store failed.
pub async fn end_refusal(store: &Store, key_id: &str) -> Result<Vec<String>, StoreError> {
    let rests = store.cooldowns().await?;
    let refused = rests.into_iter().filter(|rest| {
        rest.kind == "key-invalid" && rest.subject.strip_prefix("key:") == Some(key_id)
    });
    let subjects: Vec<String> = refused.map(|rest| rest.subject).collect();
    if !subjects.is_empty() {
        store.remove_cooldowns(&subjects).await?;
        store.touch().await?;
    }
    Ok(subjects)
}

/// Whether it is the key or one of its models that rests.
fn is_of(rest: &Cooldown, key_id: &str) -> bool {
    rest.subject.strip_prefix("key:") == Some(key_id) || model_of(rest, key_id).is_some()
}

/// The model of this key that rests.
fn model_of<'a>(rest: &'a Cooldown, key_id: &str) -> Option<&'a str> {
    rest.subject
        .strip_prefix("model:")?
        .strip_prefix(key_id)?
        .strip_prefix('/')
}

/// The key's status. `models` is how many can be called with it.
#[must_use]
pub fn status(
    key: &ProviderKey,
    service: Service,
    models: usize,
    rests: &[Cooldown],
    now_ms: i64,
) -> KeyStatus {
    if let Some(damage) = &key.damaged {
        return plain(KeyState::Error, damage.clone());
    }
    if !key.enabled {
        return plain(KeyState::Disabled, String::new());
    }
    match service {
        Service::Up => {}
        Service::Resting => {
            let why = "its plugin failed too often and is put aside for some minutes".to_owned();
            return plain(KeyState::Error, why);
        }
        Service::Down => {
            let why = format!(
                "its plugin `{}` does not serve; see the plugins",
                key.provider
            );
            return plain(KeyState::Waiting, why);
        }
    }
    let resting: Vec<&Cooldown> = rests.iter().filter(|rest| rest.until_ms > now_ms).collect();
    let provider = format!("provider:{}", key.called());
    let whole = resting
        .iter()
        .filter(|rest| {
            rest.subject == provider || rest.subject.strip_prefix("key:") == Some(&key.id)
        })
        .max_by_key(|rest| (rest.hard, rest.until_ms));
    let alone: Vec<ModelRest> = resting
        .iter()
        .filter_map(|rest| {
            Some(ModelRest {
                model: model_of(rest, &key.id)?.to_owned(),
                kind: rest.kind.clone(),
                reason: rest.reason.clone(),
                until_ms: rest.until_ms,
            })
        })
        .collect();
    if let Some(rest) = whole {
        return KeyStatus {
            until_ms: Some(rest.until_ms),
            models: alone,
            ..plain(of_kind(&rest.kind), told(&rest.kind, &rest.reason))
        };
    }
    // The first of them to come back makes the key useful again.
    if let Some(first) = alone.iter().min_by_key(|rest| rest.until_ms)
        && alone.len() >= models.max(1)
    {
        return KeyStatus {
            until_ms: Some(first.until_ms),
            models: alone.clone(),
            ..plain(of_kind(&first.kind), told(&first.kind, &first.reason))
        };
    }
    let (state, reason) = match key.health.as_str() {
        "healthy" => (KeyState::Healthy, key.health_detail.clone()),
        "rate_limited" => (KeyState::RateLimited, key.health_detail.clone()),
        "invalid" => (KeyState::Invalid, key.health_detail.clone()),
        "error" => (KeyState::Error, key.health_detail.clone()),
        "" => (KeyState::Waiting, "not tried yet".to_owned()),
        _ => (KeyState::Waiting, key.health_detail.clone()),
    };
    KeyStatus {
        since_ms: key.health_ms,
        models: alone,
        ..plain(state, reason)
    }
}

fn plain(state: KeyState, reason: String) -> KeyStatus {
    KeyStatus {
        state,
        reason,
        since_ms: None,
        until_ms: None,
        models: Vec::new(),
    }
}

/// The dot for a rest of this kind.
fn of_kind(kind: &str) -> KeyState {
    match kind {
        "rate-limited" | "quota-exhausted" => KeyState::RateLimited,
        "key-invalid" | "key-forbidden" | "payment-required" => KeyState::Invalid,
        _ => KeyState::Error,
    }
}

fn told(kind: &str, reason: &str) -> String {
    if reason.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}: {reason}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(subject: &str, until_ms: i64) -> Cooldown {
        Cooldown {
            subject: subject.into(),
            until_ms,
            kind: "key-invalid".into(),
            hard: true,
            strikes: 1,
            reason: "no".into(),
        }
    }

    fn key(health: &str) -> ProviderKey {
        ProviderKey {
            id: "key-1".into(),
            provider: "groq".into(),
            name: String::new(),
            label: String::new(),
            base_url: None,
            priority: 100,
            enabled: true,
            secrets: [].into(),
            settings: [].into(),
            learned: [].into(),
            created_ms: 0,
            health: health.into(),
            health_detail: String::new(),
            health_ms: Some(7),
            models: Vec::new(),
            models_given: false,
            damaged: None,
        }
    }

    #[test]
    fn the_dot_follows_what_is_known() {
        use KeyState::{Disabled, Error, Healthy, Invalid, RateLimited, Waiting};
        let of = |kind: &str, subject: &str| Cooldown {
            kind: kind.into(),
            ..rest(subject, 10)
        };
        let off = ProviderKey {
            enabled: false,
            ..key("healthy")
        };
        let damaged = ProviderKey {
            damaged: Some("no".into()),
            ..key("healthy")
        };
        let (up, own) = (Service::Up, "key:key-1");
        for (key, service, rests, state, until_ms) in [
            (key(""), up, vec![], Waiting, None),
            (key("healthy"), up, vec![], Healthy, None),
            (key("unknown"), up, vec![], Waiting, None),
            (key("invalid"), up, vec![], Invalid, None),
            (key("healthy"), Service::Down, vec![], Waiting, None),
            (key("healthy"), Service::Resting, vec![], Error, None),
            (off, up, vec![of("rate-limited", own)], Disabled, None),
            (damaged, up, vec![], Error, None),
            (
                key("healthy"),
                up,
                vec![of("rate-limited", own)],
                RateLimited,
                Some(10),
            ),
            (
                key("healthy"),
                up,
                vec![of("quota-exhausted", own)],
                RateLimited,
                Some(10),
            ),
            (
                key("healthy"),
                up,
                vec![of("key-invalid", own)],
                Invalid,
                Some(10),
            ),
            (
                key("healthy"),
                up,
                vec![of("upstream-broken", "provider:groq")],
                Error,
                Some(10),
            ),
            (
                key("healthy"),
                up,
                vec![of("key-invalid", "key:key-12")],
                Healthy,
                None,
            ),
            // One of two models rests, then both.
            (
                key("healthy"),
                up,
                vec![of("rate-limited", "model:key-1/a")],
                Healthy,
                None,
            ),
            (
                key("healthy"),
                up,
                vec![
                    of("rate-limited", "model:key-1/a"),
                    of("overloaded", "model:key-1/b/c"),
                ],
                RateLimited,
                Some(10),
            ),
        ] {
            let status = status(&key, service, 2, &rests, 9);
            assert_eq!(
                (status.state, status.until_ms),
                (state, until_ms),
                "{rests:?}"
            );
            let over = super::status(&key, service, 2, &rests, 10);
            assert_eq!(over.until_ms, None, "{rests:?}");
        }
    }

    #[test]
    fn a_rest_of_the_key_is_shown_before_its_models() {
        let rests = [
            rest("key:key-1", 5_000),
            rest("key:key-12", 9_000),
            rest("model:key-1/a/b", 9_000),
            rest("model:key-12/a", 9_000),
            rest("provider:p", 9_000),
        ];
        let at = |now_ms| resting(&rests, "key-1", now_ms).map(|rest| rest.subject.as_str());
        assert_eq!(at(4_999), Some("key:key-1"));
        assert_eq!(at(5_000), Some("model:key-1/a/b"));
        assert_eq!(at(9_000), None);
    }

    #[tokio::test]
    async fn a_good_key_rests_no_more_and_the_server_hears_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("data.db")).await.unwrap();
        let kept = rest("key:key-2", 9_000);
        let rows = [
            rest("key:key-1", 9_000),
            rest("model:key-1/a", 9_000),
            kept.clone(),
        ];
        store.write_cooldowns(&rows).await.unwrap();
        let before = store.revision().await.unwrap();
        end_rests(&store, "key-1").await.unwrap();
        assert_eq!(store.cooldowns().await.unwrap(), [kept]);
        assert!(store.revision().await.unwrap() > before);
    }
}
