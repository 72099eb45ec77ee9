//! `freellmapi key`: the user's keys at providers.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};
use std::sync::Arc;

use clap::Subcommand;
use zeroize::Zeroizing;

use super::AppError;
use super::out::{complain, line, table};
use crate::app::{Base, Shop, ShopSettings};
use crate::clock::Clock;
use crate::config::Timeouts;
use crate::gateway::errand;
use crate::gateway::exchange::{Means, Peer};
use crate::limits::Cooldown;
use crate::limits::zone::civil;
use crate::plugins::manifest::Manifest;
use crate::store::{NewKey, ProviderKey, Store};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a key of a provider: `freellmapi key add groq`. The key is read from standard input unless --key gives it.
    Add {
        /// The plugin's id; `freellmapi plugin list` shows them.
        provider: String,
        /// The key. Other users of this machine can see flags: prefer standard input.
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// Use the provider without a key, where it can be. Nothing is read from standard input.
        #[arg(long, conflicts_with = "key")]
        keyless: bool,
        /// What you call it.
        #[arg(long, default_value = "")]
        label: String,
        /// What else the provider needs, as an account id; may be given more than once.
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<String>,
        /// Keys with a lower number are tried first.
        #[arg(long, default_value_t = 100, value_name = "N")]
        priority: i64,
    },
    /// List the keys, without their secrets.
    List {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Ask the provider whether a key is good. Spends nothing of its quota.
    Test {
        /// As `key list` shows it.
        id: String,
    },
    /// Remove a key for good.
    Remove {
        /// As `key list` shows it.
        id: String,
    },
}

pub(super) async fn run(
    base: Base,
    settings: &ShopSettings,
    command: Command,
) -> Result<(), AppError> {
    match command {
        Command::Add {
            provider,
            key,
            keyless,
            label,
            settings: given,
            priority,
        } => {
            let shop = Shop::open(base, settings).await?;
            let plugins = shop.registry.current();
            let Some(plugin) = plugins.get(&provider) else {
                let known: Vec<&str> = plugins
                    .iter()
                    .map(|one| one.manifest().id.as_str())
                    .collect();
                return Err(AppError(format!(
                    "there is no plugin `{provider}`; there are: {}",
                    known.join(", ")
                )));
            };
            let manifest = plugin.manifest();
            if manifest.user_base_url {
                return Err(AppError(format!(
                    "`{provider}` needs an address: use `freellmapi endpoint add NAME --url URL`"
                )));
            }
            if keyless && !manifest.keyless {
                return Err(AppError(format!(
                    "{} needs a key; get one at {}",
                    manifest.title, manifest.key_page
                )));
            }
            let new = NewKey {
                secrets: if keyless {
                    BTreeMap::new()
                } else {
                    secrets(manifest, key)?
                },
                settings: checked_settings(manifest, &given)?,
                provider,
                label,
                priority,
                created_ms: shop.clock.now_ms(),
                ..NewKey::default()
            };
            let id = shop
                .base
                .store
                .add_key(&shop.base.vault, &new)
                .await
                .map_err(AppError::of)?;
            line(&id);
            Ok(())
        }
        Command::List { json } => list(&base, json).await,
        Command::Test { id } => test(base, settings, &id).await,
        Command::Remove { id } => {
            if base.store.remove_key(&id).await.map_err(AppError::of)? {
                Ok(())
            } else {
                Err(AppError(format!("there is no key {id}")))
            }
        }
    }
}

/// The key for the manifest's first credential, read from standard input if it was not given.
pub(super) fn secrets(
    manifest: &Manifest,
    given: Option<String>,
) -> Result<BTreeMap<String, Zeroizing<String>>, AppError> {
    let Some(credential) = manifest.credentials.first() else {
        return match given {
            Some(_) => Err(AppError(format!("{} takes no key", manifest.title))),
            None => Ok(BTreeMap::new()),
        };
    };
    let value = match given {
        Some(value) => Zeroizing::new(value),
        None if credential.optional && std::io::stdin().is_terminal() => return Ok(BTreeMap::new()),
        None => read_secret(&credential.label)?,
    };
    let value = Zeroizing::new(value.trim().to_owned());
    if value.is_empty() {
        return if credential.optional {
            Ok(BTreeMap::new())
        } else {
            Err(AppError(format!(
                "no key was given; get one at {}",
                manifest.key_page
            )))
        };
    }
    if credential
        .pattern
        .as_ref()
        .is_some_and(|pattern| !pattern.is_match(&value))
    {
        // The value itself is not repeated: this may be a log.
        return Err(AppError(format!(
            "this does not look like a key of {} ({})",
            manifest.title, credential.label
        )));
    }
    Ok([(credential.name.clone(), value)].into())
}

fn read_secret(label: &str) -> Result<Zeroizing<String>, AppError> {
    if std::io::stdin().is_terminal() {
        complain(&format!("{label} (one line, then Enter):"));
        let mut value = Zeroizing::new(String::new());
        std::io::stdin()
            .read_line(&mut value)
            .map_err(AppError::of)?;
        return Ok(value);
    }
    let mut value = Zeroizing::new(String::new());
    std::io::stdin()
        .take(64 << 10)
        .read_to_string(&mut value)
        .map_err(AppError::of)?;
    Ok(value)
}

fn checked_settings(
    manifest: &Manifest,
    given: &[String],
) -> Result<BTreeMap<String, String>, AppError> {
    let mut settings = BTreeMap::new();
    for pair in given {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| AppError(format!("--set {pair}: it must be NAME=VALUE")))?;
        let Some(known) = manifest.settings.iter().find(|one| one.name == name) else {
            let names: Vec<&str> = manifest
                .settings
                .iter()
                .map(|one| one.name.as_str())
                .collect();
            return Err(AppError(format!(
                "--set {name}: {} has no such setting (it has: {})",
                manifest.title,
                names.join(", ")
            )));
        };
        let fits = known
            .pattern
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(value));
        let chosen = known.choices.is_empty() || known.choices.iter().any(|choice| choice == value);
        if !fits || !chosen {
            return Err(AppError(format!(
                "--set {name}: {value:?} is not a valid {}",
                known.label
            )));
        }
        settings.insert(name.to_owned(), value.to_owned());
    }
    for known in &manifest.settings {
        if !known.optional && known.default.is_empty() && !settings.contains_key(&known.name) {
            return Err(AppError(format!(
                "{} needs its {}: add --set {}=VALUE",
                manifest.title, known.label, known.name
            )));
        }
    }
    Ok(settings)
}

async fn list(base: &Base, json: bool) -> Result<(), AppError> {
    let keys = base.store.keys(&base.vault).await.map_err(AppError::of)?;
    let rests = base.store.cooldowns().await.map_err(AppError::of)?;
    let now_ms = Clock::system().now_ms();
    let rest = |key: &ProviderKey| resting(&rests, &key.id, now_ms);
    if json {
        let keys: Vec<serde_json::Value> = keys.iter().map(|key| as_json(key, rest(key))).collect();
        line(&serde_json::Value::Array(keys).to_string());
        return Ok(());
    }
    if keys.is_empty() {
        line("no keys yet; add one with `freellmapi key add PROVIDER`");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|key| {
            vec![
                key.id.clone(),
                if key.name.is_empty() {
                    key.provider.clone()
                } else {
                    key.name.clone()
                },
                key.label.clone(),
                key.priority.to_string(),
                state(key, rest(key)),
            ]
        })
        .collect();
    table(&["ID", "PROVIDER", "LABEL", "PRIORITY", "STATE"], &rows);
    Ok(())
}

/// The longest rest of the key itself, if it rests; else of one of its models.
fn resting<'a>(rests: &'a [Cooldown], key_id: &str, now_ms: i64) -> Option<&'a Cooldown> {
    let now = rests.iter().filter(|rest| rest.until_ms > now_ms);
    now.filter(|rest| is_of(rest, key_id))
        .max_by_key(|rest| (rest.subject.starts_with("key:"), rest.until_ms))
}

/// Whether it is the key or one of its models that rests.
fn is_of(rest: &Cooldown, key_id: &str) -> bool {
    let model = rest.subject.strip_prefix("model:");
    rest.subject.strip_prefix("key:") == Some(key_id)
        || model
            .and_then(|model| model.strip_prefix(key_id))
            .is_some_and(|model| model.starts_with('/'))
}

/// `2026-07-26T12:00:00Z`.
fn utc(ms: i64) -> String {
    let seconds = ms.div_euclid(1_000);
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

fn state(key: &ProviderKey, rest: Option<&Cooldown>) -> String {
    let health = health(key);
    let Some(rest) = rest.filter(|_| key.enabled && key.damaged.is_none()) else {
        return health;
    };
    let whose = match rest.subject.split_once('/') {
        Some((_, model)) => format!("{model} "),
        None => String::new(),
    };
    format!(
        "{health}; {whose}resting until {}: {}",
        utc(rest.until_ms),
        rest.kind
    )
}

fn health(key: &ProviderKey) -> String {
    if let Some(damage) = &key.damaged {
        return format!("damaged: {damage}");
    }
    if !key.enabled {
        return "off".to_owned();
    }
    if key.health.is_empty() {
        return "not tested".to_owned();
    }
    if key.health_detail.is_empty() {
        key.health.clone()
    } else {
        format!("{}: {}", key.health, key.health_detail)
    }
}

fn as_json(key: &ProviderKey, rest: Option<&Cooldown>) -> serde_json::Value {
    serde_json::json!({
        "id": key.id,
        "provider": key.provider,
        "name": key.name,
        "label": key.label,
        "base_url": key.base_url,
        "priority": key.priority,
        "enabled": key.enabled,
        "settings": key.settings,
        "models": key.models.iter().map(|model| &model.id).collect::<Vec<_>>(),
        "state": state(key, rest),
        "rest": rest.map(|rest| serde_json::json!({
            "subject": rest.subject,
            "until": utc(rest.until_ms),
            "until_ms": rest.until_ms,
            "kind": rest.kind,
            "hard": rest.hard,
            "reason": rest.reason,
        })),
    })
}

async fn test(base: Base, settings: &ShopSettings, id: &str) -> Result<(), AppError> {
    let keys = base.store.keys(&base.vault).await.map_err(AppError::of)?;
    let Some(key) = keys.into_iter().find(|key| key.id == id || key.name == id) else {
        return Err(AppError(format!(
            "there is no key {id}; `freellmapi key list` shows them"
        )));
    };
    let shop = Shop::open(base, settings).await?;
    let peer = peer(&shop, key)?;
    let key = Arc::clone(&peer.key);
    let checked = errand::check_key(means(&shop, &settings.timeouts), peer).await;
    let (health, detail, done) = match &checked {
        Ok(_) => ("healthy", String::new(), Ok(())),
        Err(failure) if failure.kind == "unsupported" => {
            ("unknown", failure.message.clone(), Ok(()))
        }
        Err(failure) => {
            let health = if failure.kind.starts_with("key-") {
                "invalid"
            } else {
                "error"
            };
            (
                health,
                failure.message.clone(),
                Err(AppError(failure.to_string())),
            )
        }
    };
    let now_ms = shop.clock.now_ms();
    shop.base
        .store
        .set_key_health(&key.id, health, &detail, now_ms)
        .await
        .map_err(AppError::of)?;
    if let Ok(learned) = &checked {
        if !learned.is_empty() {
            shop.base
                .store
                .set_learned(&key.id, learned)
                .await
                .map_err(AppError::of)?;
        }
        end_rests(&shop.base.store, &key.id).await?;
    }
    if done.is_ok() {
        line(if health == "healthy" {
            "the key is good"
        } else {
            "the provider cannot tell without spending"
        });
    }
    done
}

/// A key that is good is used again at once; a running server hears of it by the revision.
async fn end_rests(store: &Store, key_id: &str) -> Result<(), AppError> {
    let rests = store.cooldowns().await.map_err(AppError::of)?;
    let of_key = rests.iter().filter(|rest| is_of(rest, key_id));
    let subjects: Vec<String> = of_key.map(|rest| rest.subject.clone()).collect();
    if subjects.is_empty() {
        return Ok(());
    }
    store
        .remove_cooldowns(&subjects)
        .await
        .map_err(AppError::of)?;
    store.touch().await.map_err(AppError::of)
}

/// With whom an errand for this key is held.
pub(super) fn peer(shop: &Shop, key: ProviderKey) -> Result<Peer, AppError> {
    let plugins = shop.registry.current();
    let Some(plugin) = plugins.get(&key.provider) else {
        return Err(AppError(format!(
            "the plugin `{}` does not serve; see `freellmapi plugin list`",
            key.provider
        )));
    };
    Peer::new(plugin, Arc::new(key)).map_err(AppError::of)
}

pub(super) fn means<'a>(shop: &'a Shop, timeouts: &'a Timeouts) -> Means<'a> {
    Means {
        client: &shop.client,
        timeouts,
        clock: &shop.clock,
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

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(utc(1_785_067_200_000), "2026-07-26T12:00:00Z");
        assert_eq!(utc(951_827_696_789), "2000-02-29T12:34:56Z");
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
