//! The strategy, profiles and aliases.

use super::Refused;
use crate::routing::routes::{
    MOST_LINKS, MOST_NAMES, Profile, Routes, check_alias, check_profile_name,
};
use crate::routing::strategy::Strategy;
use crate::store::Store;

/// The longest name of a model in a chain, characters.
const LONGEST_MODEL: usize = 200;

/// A strategy by its name or a synonym.
///
/// # Errors
/// [`Refused::Field`], `strategy`.
pub fn strategy(name: &str) -> Result<Strategy, Refused> {
    Strategy::of_word(&name.to_lowercase()).ok_or_else(|| {
        let names: Vec<String> = Strategy::NAMED.iter().map(ToString::to_string).collect();
        let names = names.join(", ");
        Refused::field(
            "strategy",
            format!("there is no strategy `{name}`; there are {names} and custom"),
        )
    })
}

/// Adds a profile, or takes the place of the one of this name.
///
/// # Errors
/// [`Refused::Field`]: `name` or `chain`.
pub async fn set_profile(store: &Store, routes: &Routes, profile: &Profile) -> Result<(), Refused> {
    check_profile_name(&profile.name).map_err(|why| Refused::field("name", why))?;
    if profile.chain.len() > MOST_LINKS {
        return Err(Refused::field(
            "chain",
            format!("a profile has {MOST_LINKS} models at most"),
        ));
    }
    let strange = profile.chain.iter().find(|link| {
        let length = link.model.chars().count();
        !(1..=LONGEST_MODEL).contains(&length) || link.model.chars().any(char::is_control)
    });
    if strange.is_some() {
        return Err(Refused::field(
            "chain",
            format!("the name of a model has 1 to {LONGEST_MODEL} characters"),
        ));
    }
    if routes.profiles.len() >= MOST_NAMES && routes.profile(&profile.name).is_none() {
        return Err(Refused::field(
            "name",
            format!("there are {MOST_NAMES} profiles, the most there may be"),
        ));
    }
    Ok(store.set_profile(profile).await?)
}

/// Removes a profile.
///
/// # Errors
/// [`Refused::Missing`].
pub async fn remove_profile(store: &Store, name: &str) -> Result<(), Refused> {
    if store.remove_profile(name).await? {
        return Ok(());
    }
    Err(Refused::Missing(format!("profile {name:?}")))
}

/// Adds an alias, or takes the place of the one of this name.
///
/// # Errors
/// [`Refused::Field`]: `name` or `target`.
pub async fn set_alias(
    store: &Store,
    routes: &Routes,
    name: &str,
    target: &str,
) -> Result<(), Refused> {
    let wrong = if target.is_empty() { "target" } else { "name" };
    check_alias(name, target).map_err(|why| Refused::field(wrong, why))?;
    if routes.aliases.len() >= MOST_NAMES && !routes.aliases.contains_key(&name.to_lowercase()) {
        return Err(Refused::field(
            "name",
            format!("there are {MOST_NAMES} aliases, the most there may be"),
        ));
    }
    Ok(store.set_alias(name, target).await?)
}

/// Removes an alias.
///
/// # Errors
/// [`Refused::Missing`].
pub async fn remove_alias(store: &Store, name: &str) -> Result<(), Refused> {
    if store.remove_alias(name).await? {
        return Ok(());
    }
    Err(Refused::Missing(format!("alias {name:?}")))
}
