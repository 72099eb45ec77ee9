//! `freellmapi key`: the user's keys at providers.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};

use clap::Subcommand;
use zeroize::Zeroizing;

use super::AppError;
use super::out::{complain, line, table};
use crate::app::{Base, Shop, ShopSettings};
use crate::clock::Clock;
use crate::limits::Cooldown;
use crate::limits::zone::civil;
use crate::manage::Refused;
use crate::manage::fields::Secrets;
use crate::manage::keys::{self, Entry};
use crate::manage::status::resting;
use crate::plugins::manifest::Manifest;
use crate::store::ProviderKey;

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
            let plugin = keys::serving(&plugins, &provider).map_err(AppError)?;
            let manifest = plugin.manifest();
            if keyless && !manifest.keyless {
                return Err(AppError(format!(
                    "{} needs a key; get one at {}",
                    manifest.title, manifest.key_page
                )));
            }
            let entry = Entry {
                secrets: if keyless {
                    Secrets::new()
                } else {
                    secrets(manifest, key)?
                },
                settings: pairs(&given)?,
                provider,
                label,
                priority,
            };
            let new = keys::check(&plugins, entry, shop.clock.now_ms()).map_err(told)?;
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
fn secrets(manifest: &Manifest, given: Option<String>) -> Result<Secrets, AppError> {
    let Some(credential) = manifest.credentials.first() else {
        return match given {
            Some(_) => Err(AppError(format!("{} takes no key", manifest.title))),
            None => Ok(Secrets::new()),
        };
    };
    let value = match given {
        Some(value) => Zeroizing::new(value),
        None if credential.optional && std::io::stdin().is_terminal() => return Ok(Secrets::new()),
        // What is wrong without a key is told before one is asked for.
        None if manifest.user_base_url => return Ok(Secrets::new()),
        None => read_secret(&credential.label)?,
    };
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

fn pairs(given: &[String]) -> Result<BTreeMap<String, String>, AppError> {
    given
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(AppError(format!("--set {pair}: it must be NAME=VALUE"))),
        })
        .collect()
}

/// A refusal in the words of this command's flags.
fn told(refused: Refused) -> AppError {
    match refused {
        Refused::Field { field, message } => match field.strip_prefix("settings.") {
            Some(name) => AppError(format!("--set {name}=VALUE: {message}")),
            None => AppError(message),
        },
        other => AppError::of(other),
    }
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
                key.called().to_owned(),
                key.label.clone(),
                key.priority.to_string(),
                state(key, rest(key)),
            ]
        })
        .collect();
    table(&["ID", "PROVIDER", "LABEL", "PRIORITY", "STATE"], &rows);
    Ok(())
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
    let key = keys::find(&base.store, &base.vault, id)
        .await
        .map_err(|refused| match refused {
            Refused::Missing(what) => AppError(format!(
                "there is no {what}; `freellmapi key list` shows them"
            )),
            other => AppError::of(other),
        })?;
    let shop = Shop::open(base, settings).await?;
    let plugins = shop.registry.current();
    let tested = keys::test(&shop.base.store, &plugins, shop.means(settings), key)
        .await
        .map_err(AppError::of)?;
    if !tested.is_good() {
        return Err(AppError(tested.message));
    }
    line(&tested.message);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(utc(1_785_067_200_000), "2026-07-26T12:00:00Z");
        assert_eq!(utc(951_827_696_789), "2000-02-29T12:34:56Z");
    }
}
