//! `freellmapi endpoint`: the user's own OpenAI-compatible servers.

use clap::Subcommand;
use zeroize::Zeroizing;

use super::AppError;
use super::out::{complain, line, table};
use crate::app::{Base, Shop, ShopSettings};
use crate::manage::endpoints::{self, Entry};

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
            let entry = Entry {
                name: name.clone(),
                url,
                key: key.map(Zeroizing::new),
                models,
                priority,
            };
            // Before anything is loaded.
            endpoints::check(&entry).map_err(AppError::of)?;
            let asked = entry.models.is_empty();
            let shop = Shop::open(base, settings).await?;
            let (store, vault) = (&shop.base.store, &shop.base.vault);
            let plugins = shop.registry.current();
            let added = endpoints::add(store, vault, &plugins, shop.means(settings), entry)
                .await
                .map_err(AppError::of)?;
            match added.silent {
                Some(why) => complain(&format!(
                    "no list of models yet ({why}); the running server asks again, or name them with --model"
                )),
                None if asked => line(&format!("models: {}", added.models.join(", "))),
                None => {}
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
