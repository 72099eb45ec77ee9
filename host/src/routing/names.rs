//! What a client calls a model, and whom that stands for. Upper and lower case are the same.
//!
//! - `auto`: the active profile, or all models.
//! - `auto:WORD`, also several of them as `auto:fast:private`: a strategy, `private`, or a profile.
//! - a model's id, `provider/model`, or a family: whoever has that model, and nobody else.
//! - an alias: what it stands for. It goes before a model of the same name, since the user made it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::routes::{ALIAS_STEPS, PRIVATE, Routes};
use super::strategy::{Strategy, Weights};
use super::table::{Candidate, Table};
use crate::chat::request::AUTO;

mod near;

/// No model has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What was asked for.
    pub name: String,
    /// Names that look like it, the nearest first.
    pub near: Vec<String>,
}

/// Whom a name stands for, and in which order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selection {
    /// Places in the table; `None` is everybody.
    pub places: Option<Vec<u32>>,
    /// How they are weighed; `None` keeps the order.
    pub weights: Option<Weights>,
    /// The user's priorities come before the weights.
    pub tiers: bool,
    /// Only providers that do not train on prompts.
    pub private: bool,
    /// Only what costs nothing: nobody named a model.
    pub free: bool,
    /// New ones may be tried out.
    pub explore: bool,
}

/// `auto` and what follows it.
#[derive(Debug, Default)]
struct Auto<'a> {
    strategy: Option<Strategy>,
    private: bool,
    profile: Option<&'a str>,
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "There is no model `{}`.", self.name)?;
        match self.near.as_slice() {
            [] => f.write_str(
                " `GET /v1/models` lists the models; `auto` takes the best one at hand.",
            ),
            near => write!(f, " Did you mean {}?", near.join(", ")),
        }
    }
}

impl std::error::Error for Unknown {}

impl Table {
    /// Whom a name stands for.
    ///
    /// # Errors
    /// [`Unknown`].
    pub fn select(&self, name: &str) -> Result<Selection, Unknown> {
        select(&self.names, self.routes(), name)
    }

    /// The candidates of a name, in the order of their priority.
    ///
    /// # Errors
    /// [`Unknown`].
    pub fn resolve(&self, name: &str) -> Result<Vec<Arc<Candidate>>, Unknown> {
        Ok(match self.select(name)?.places {
            None => self.all().to_vec(),
            Some(places) => places
                .iter()
                .filter_map(|at| self.all().get(*at as usize).cloned())
                .collect(),
        })
    }
}

fn select(
    names: &BTreeMap<String, Vec<u32>>,
    routes: &Routes,
    name: &str,
) -> Result<Selection, Unknown> {
    let mut lower = name.trim().to_lowercase();
    for _ in 0..ALIAS_STEPS {
        match routes.aliases.get(&lower) {
            Some(target) => lower = target.to_lowercase(),
            None => break,
        }
    }
    let unknown = || Unknown {
        name: name.chars().take(200).collect(),
        near: near::near(&lower, all_names(names, routes)),
    };
    if let Some(rest) = lower.strip_prefix(AUTO)
        && (rest.is_empty() || rest.starts_with(':'))
    {
        let auto = Auto::parse(rest, routes).ok_or_else(unknown)?;
        return Ok(auto.select(names, routes));
    }
    let places = names.get(&lower).ok_or_else(unknown)?;
    Ok(Selection {
        places: Some(places.clone()),
        weights: routes.strategy.weights(),
        tiers: true,
        explore: true,
        ..Selection::default()
    })
}

impl<'a> Auto<'a> {
    /// Reads `:word:word`. `None` if a word means nothing, or two of a kind contradict each other.
    fn parse(rest: &'a str, routes: &Routes) -> Option<Self> {
        let mut auto = Self::default();
        for word in rest.split(':').skip(1).map(str::trim) {
            if word == PRIVATE {
                auto.private = true;
            } else if let Some(strategy) = Strategy::of_word(word) {
                if auto.strategy.replace(strategy).is_some() {
                    return None;
                }
            } else if !routes.profiles.contains_key(word) || auto.profile.replace(word).is_some() {
                return None;
            }
        }
        Some(auto)
    }

    fn select(&self, names: &BTreeMap<String, Vec<u32>>, routes: &Routes) -> Selection {
        // A strategy that is asked for goes over all models, as the client cannot know the active profile.
        let active = match self.strategy {
            None => routes.active.as_deref(),
            Some(_) => None,
        };
        let profile = self
            .profile
            .or(active)
            .and_then(|name| routes.profiles.get(name));
        let shared = Selection {
            private: self.private,
            free: true,
            explore: true,
            ..Selection::default()
        };
        let Some(profile) = profile else {
            return Selection {
                weights: self.strategy.unwrap_or(routes.strategy).weights(),
                // Somebody who asks for speed wants the fastest of all.
                tiers: self.strategy.is_none(),
                ..shared
            };
        };
        let mut places: Vec<u32> = Vec::new();
        for link in profile.chain.iter().filter(|link| link.enabled) {
            let of_link = names.get(&link.model.to_lowercase());
            for place in of_link.into_iter().flatten() {
                if !places.contains(place) {
                    places.push(*place);
                }
            }
        }
        let strategy = self.strategy.or(profile.strategy);
        Selection {
            places: Some(places),
            weights: strategy.and_then(Strategy::weights),
            // Whoever put a model into a chain named it.
            free: false,
            ..shared
        }
    }
}

/// Everything that a client may say.
fn all_names<'a>(
    names: &'a BTreeMap<String, Vec<u32>>,
    routes: &'a Routes,
) -> impl Iterator<Item = String> + 'a {
    let words = Strategy::words().chain([PRIVATE]).map(str::to_owned);
    let behind_auto = words
        .chain(routes.profiles.keys().cloned())
        .map(|word| format!("auto:{word}"));
    names
        .keys()
        .chain(routes.aliases.keys())
        .cloned()
        .chain([AUTO.to_owned()])
        .chain(behind_auto)
}

#[cfg(test)]
mod tests;
