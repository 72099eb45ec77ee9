//! `freellmapi key`: the user's keys at providers.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};
use std::sync::Arc;

use clap::Subcommand;
use zeroize::Zeroizing;

use super::AppError;
use super::out::{complain, line, table};
use crate::app::{Base, Shop, ShopSettings};
use crate::config::Timeouts;
use crate::gateway::errand;
use crate::gateway::exchange::{Means, Peer};
use crate::plugins::manifest::Manifest;
use crate::store::{NewKey, ProviderKey};
use crate::upstream::guard::UserBase;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a key of a provider: `freellmapi key add groq`. The key is read from standard input unless --key gives it.
    Add {
        /// The plugin's id; `freellmapi plugin list` shows them.
        provider: String,
        /// The key. Other users of this machine can see flags: prefer standard input.
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
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
            let new = NewKey {
                secrets: secrets(manifest, key)?,
                settings: checked_settings(manifest, &given)?,
                provider,
                label,
                priority,
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
    if json {
        let keys: Vec<serde_json::Value> = keys.iter().map(as_json).collect();
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
                state(key),
            ]
        })
        .collect();
    table(&["ID", "PROVIDER", "LABEL", "PRIORITY", "STATE"], &rows);
    Ok(())
}

fn state(key: &ProviderKey) -> String {
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

fn as_json(key: &ProviderKey) -> serde_json::Value {
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
        "state": state(key),
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
        Ok(()) => ("healthy", String::new(), Ok(())),
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
    if done.is_ok() {
        line(if health == "healthy" {
            "the key is good"
        } else {
            "the provider cannot tell without spending"
        });
    }
    done
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
    Ok(Peer {
        plugin: Arc::clone(plugin),
        base: key
            .base_url
            .as_deref()
            .map(UserBase::parse)
            .transpose()
            .map_err(AppError::of)?,
        key: Arc::new(key),
    })
}

pub(super) fn means<'a>(shop: &'a Shop, timeouts: &'a Timeouts) -> Means<'a> {
    Means {
        client: &shop.client,
        timeouts,
        clock: &shop.clock,
    }
}
