//! The user's own servers that speak OpenAI's API.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::Refused;
use super::keys::{peer, serving};
use crate::app::listed;
use crate::gateway::errand;
use crate::gateway::exchange::Means;
use crate::plugins::registry::Plugins;
use crate::store::{DISCOVERED, GIVEN, KeyModel, NewKey, Store};
use crate::upstream::guard::UserBase;
use crate::vault::Vault;

/// The plugin that speaks to them.
const PLUGIN: &str = "openai-compatible";

/// The most models that are given by hand.
const MOST_MODELS: usize = 1_000;

/// The longest key and model name, bytes.
const LONGEST: usize = 4 << 10;

/// An endpoint to be, as it was entered.
pub struct Entry {
    /// What the user calls it.
    pub name: String,
    /// Its address up to and with `/v1`.
    pub url: String,
    /// Its key, if it wants one.
    pub key: Option<Zeroizing<String>>,
    /// Its models; empty: it is asked.
    pub models: Vec<String>,
    /// Lower is tried first.
    pub priority: i64,
}

/// An endpoint that was added.
pub struct Added {
    /// `key-…`.
    pub id: String,
    /// Its models.
    pub models: Vec<String>,
    /// Why it has listed none yet; the running server asks again.
    pub silent: Option<String>,
}

/// Checks what was entered, without asking anybody.
///
/// # Errors
/// [`Refused::Field`].
pub fn check(entry: &Entry) -> Result<UserBase, Refused> {
    check_name(&entry.name)?;
    let base =
        UserBase::parse(&entry.url).map_err(|error| Refused::field("url", error.to_string()))?;
    let odd = |text: &str| text.len() > LONGEST || text.contains(char::is_control);
    if entry.key.as_deref().is_some_and(|key| odd(key)) {
        return Err(Refused::field(
            "key",
            "a key is one line of at most 4096 bytes",
        ));
    }
    let good = |model: &String| !model.trim().is_empty() && !odd(model);
    if entry.models.len() > MOST_MODELS || !entry.models.iter().all(good) {
        return Err(Refused::field(
            "models",
            format!("at most {MOST_MODELS} models, none of them empty or longer than a line"),
        ));
    }
    Ok(base)
}

/// Adds an endpoint, and asks it for its models if none were given.
///
/// # Errors
/// See [`Refused`].
pub async fn add(
    store: &Store,
    vault: &Vault,
    plugins: &Plugins,
    means: Means<'_>,
    entry: Entry,
) -> Result<Added, Refused> {
    let base = check(&entry)?;
    let keys = store.keys(vault).await?;
    if keys.iter().any(|key| key.called() == entry.name) {
        return Err(Refused::Taken {
            field: "name".to_owned(),
            message: format!(
                "`{}` is there already; remove it first, or take another name",
                entry.name
            ),
        });
    }
    serving(plugins, PLUGIN).map_err(Refused::Changed)?;
    let key = entry.key.filter(|key| !key.trim().is_empty());
    let secrets = key.map(|key| ("api-key".to_owned(), key));
    let new = NewKey {
        provider: PLUGIN.to_owned(),
        name: entry.name,
        base_url: Some(base.to_string()),
        priority: entry.priority,
        created_ms: means.clock.now_ms(),
        secrets: secrets.into_iter().collect::<BTreeMap<_, _>>(),
        ..NewKey::default()
    };
    let id = store.add_key(vault, &new).await?;
    if entry.models.is_empty() {
        return discover(store, vault, plugins, means, id).await;
    }
    let given: Vec<KeyModel> = entry
        .models
        .iter()
        .map(|model| KeyModel {
            id: model.trim().to_owned(),
            facts: serde_json::json!({}),
        })
        .collect();
    store.set_key_models(&id, &given, GIVEN).await?;
    Ok(Added {
        id,
        models: given.into_iter().map(|model| model.id).collect(),
        silent: None,
    })
}

/// Asks the server for its models.
async fn discover(
    store: &Store,
    vault: &Vault,
    plugins: &Plugins,
    means: Means<'_>,
    id: String,
) -> Result<Added, Refused> {
    let key = super::keys::find(store, vault, &id).await?;
    let (models, silent) = match errand::list_models(means, peer(plugins, key)?).await {
        Ok(models) => {
            store
                .set_key_models(&id, &listed(&models), DISCOVERED)
                .await?;
            (models.into_iter().map(|model| model.id).collect(), None)
        }
        Err(failure) => (Vec::new(), Some(failure.to_string())),
    };
    Ok(Added { id, models, silent })
}

fn check_name(name: &str) -> Result<(), Refused> {
    let good = (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && name != crate::chat::request::AUTO;
    if good {
        return Ok(());
    }
    let shown: String = name.chars().take(100).collect();
    Err(Refused::field(
        "name",
        format!("{shown:?} is no name: take 1 to 40 of a-z, 0-9 and -, and not `auto`"),
    ))
}
