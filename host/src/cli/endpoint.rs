//! `freellmapi endpoint`: the user's own OpenAI-compatible servers.

use std::collections::BTreeMap;

use clap::Subcommand;
use zeroize::Zeroizing;

use super::AppError;
use super::key::{means, peer};
use super::out::{complain, line, table};
use crate::app::{Base, Shop, ShopSettings, listed};
use crate::gateway::errand;
use crate::store::{DISCOVERED, GIVEN, KeyModel, NewKey};
use crate::upstream::guard::UserBase;

/// The plugin that speaks to them.
const PLUGIN: &str = "openai-compatible";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a server: `freellmapi endpoint add local --url http://127.0.0.1:8080/v1`.
    Add {
        /// What you call it; models are then `NAME/model`.
        name: String,
        /// Its address up to and with `/v1`. http and private addresses are fine, since you typed them.
        #[arg(long)]
        url: String,
        /// Its key, if it wants one. Other users of this machine can see flags.
        #[arg(
            long,
            env = "FREELLMAPI_ENDPOINT_KEY",
            hide_env_values = true,
            hide_default_value = true,
            value_name = "KEY"
        )]
        key: Option<String>,
        /// A model of it; may be given more than once. Otherwise the server is asked.
        #[arg(long = "model", value_name = "ID")]
        models: Vec<String>,
        /// Lower numbers are tried first.
        #[arg(long, default_value_t = 100, value_name = "N")]
        priority: i64,
    },
    /// List the servers.
    List,
    /// Remove a server.
    Remove {
        /// What you called it.
        name: String,
    },
}

pub(super) async fn run(
    base: Base,
    settings: &ShopSettings,
    command: Command,
) -> Result<(), AppError> {
    match command {
        Command::Add {
            name,
            url,
            key,
            models,
            priority,
        } => {
            check_name(&name)?;
            let url = UserBase::parse(&url).map_err(AppError::of)?;
            let keys = base.store.keys(&base.vault).await.map_err(AppError::of)?;
            if keys
                .iter()
                .any(|key| key.name == name || (key.name.is_empty() && key.provider == name))
            {
                return Err(AppError(format!(
                    "`{name}` is there already; remove it first, or take another name"
                )));
            }
            let shop = Shop::open(base, settings).await?;
            if shop.registry.current().get(PLUGIN).is_none() {
                return Err(AppError(format!(
                    "the plugin `{PLUGIN}` does not serve; see `freellmapi plugin list`"
                )));
            }
            let base = &shop.base;
            let secrets = key.map(|key| ("api-key".to_owned(), Zeroizing::new(key)));
            let new = NewKey {
                provider: PLUGIN.to_owned(),
                name: name.clone(),
                base_url: Some(url.to_string()),
                priority,
                created_ms: shop.clock.now_ms(),
                secrets: secrets.into_iter().collect::<BTreeMap<_, _>>(),
                ..NewKey::default()
            };
            let id = base
                .store
                .add_key(&base.vault, &new)
                .await
                .map_err(AppError::of)?;
            if models.is_empty() {
                discover(&shop, settings, &id).await?;
            } else {
                let given: Vec<KeyModel> = models
                    .into_iter()
                    .map(|id| KeyModel {
                        id,
                        facts: serde_json::json!({}),
                    })
                    .collect();
                base.store
                    .set_key_models(&id, &given, GIVEN)
                    .await
                    .map_err(AppError::of)?;
            }
            line(&format!(
                "added {name}: use the model `{name}/MODEL`, or `auto`"
            ));
            Ok(())
        }
        Command::List => list(&base).await,
        Command::Remove { name } => {
            let keys = base.store.keys(&base.vault).await.map_err(AppError::of)?;
            let Some(key) = keys
                .iter()
                .find(|key| !key.name.is_empty() && key.name == name)
            else {
                return Err(AppError(format!("there is no endpoint `{name}`")));
            };
            base.store.remove_key(&key.id).await.map_err(AppError::of)?;
            Ok(())
        }
    }
}

/// Asks the server for its models. One that is not up yet is asked again by the running server.
async fn discover(shop: &Shop, settings: &ShopSettings, id: &str) -> Result<(), AppError> {
    let keys = shop
        .base
        .store
        .keys(&shop.base.vault)
        .await
        .map_err(AppError::of)?;
    let Some(key) = keys.into_iter().find(|key| key.id == id) else {
        return Ok(());
    };
    let peer = peer(shop, key)?;
    match errand::list_models(means(shop, &settings.timeouts), peer).await {
        Ok(models) => {
            let names: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
            line(&format!("models: {}", names.join(", ")));
            shop.base
                .store
                .set_key_models(id, &listed(&models), DISCOVERED)
                .await
                .map_err(AppError::of)
        }
        Err(failure) => {
            complain(&format!(
                "no list of models yet ({failure}); the running server asks again, or name them with --model"
            ));
            Ok(())
        }
    }
}

async fn list(base: &Base) -> Result<(), AppError> {
    let keys = base.store.keys(&base.vault).await.map_err(AppError::of)?;
    let rows: Vec<Vec<String>> = keys
        .iter()
        .filter(|key| !key.name.is_empty())
        .map(|key| {
            let models: Vec<&str> = key.models.iter().map(|model| model.id.as_str()).collect();
            vec![
                key.name.clone(),
                key.base_url.clone().unwrap_or_default(),
                key.priority.to_string(),
                models.join(", "),
            ]
        })
        .collect();
    table(&["NAME", "URL", "PRIORITY", "MODELS"], &rows);
    Ok(())
}

fn check_name(name: &str) -> Result<(), AppError> {
    let good = (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && name != crate::chat::request::AUTO;
    if good {
        Ok(())
    } else {
        Err(AppError(format!(
            "{name:?} is no name: take 1 to 40 of a-z, 0-9 and -, and not `auto`"
        )))
    }
}
