//! What the user set for routing: the usual strategy, named chains of models (profiles), and aliases.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::strategy::Strategy;
use crate::chat::request::AUTO;

/// The longest name of a profile or an alias, characters.
const LONGEST: usize = 64;

/// The most models of one profile.
pub const MOST_LINKS: usize = 500;

/// The most profiles, and the most aliases.
pub const MOST_NAMES: usize = 200;

/// How many aliases may lead to each other.
pub(super) const ALIAS_STEPS: usize = 4;

/// Words that stand for something already.
pub const PRIVATE: &str = "private";

/// A named chain: `auto:NAME` goes along it, and nowhere else.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// As clients call it; upper and lower case are the same.
    pub name: String,
    /// Its models, in order.
    pub chain: Vec<Link>,
    /// How they are ordered; `None` keeps the order of the chain.
    #[serde(default)]
    pub strategy: Option<Strategy>,
}

/// A model of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Any name that a model has: `provider/model`, an id, a family.
    pub model: String,
    /// Switched off it keeps its place and is not used.
    #[serde(default = "on")]
    pub enabled: bool,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Routes {
    /// The usual strategy, of `auto` and of models that several keys have.
    pub strategy: Strategy,
    /// By name, in lower case.
    pub profiles: BTreeMap<String, Profile>,
    /// The profile that `auto` stands for, in lower case.
    pub active: Option<String>,
    /// Other names for models, in lower case.
    pub aliases: BTreeMap<String, String>,
}

fn on() -> bool {
    true
}

impl Link {
    /// Reads `MODEL`, or `-MODEL` for one that is switched off.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.strip_prefix('-') {
            Some(model) => Self {
                model: model.to_owned(),
                enabled: false,
            },
            None => Self {
                model: text.to_owned(),
                enabled: true,
            },
        }
    }
}

impl Routes {
    /// The profile of this name.
    #[must_use]
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(&name.to_lowercase())
    }
}

/// Checks the name of a profile: it stands behind `auto:`.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_profile_name(name: &str) -> Result<(), String> {
    check_name(name)?;
    if name.contains([':', '/']) {
        return Err(format!("the name {name:?} must not hold `:` or `/`"));
    }
    let lower = name.to_lowercase();
    if lower == PRIVATE || Strategy::of_word(&lower).is_some() {
        return Err(format!("`auto:{lower}` means something already"));
    }
    Ok(())
}

/// Checks an alias and what it stands for.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_alias(name: &str, target: &str) -> Result<(), String> {
    check_name(name)?;
    let lower = name.to_lowercase();
    if lower == AUTO || lower.starts_with("auto:") {
        return Err(format!("`{lower}` means something already"));
    }
    if target.is_empty() || target.chars().count() > 200 || target.chars().any(char::is_control) {
        return Err("an alias stands for the name of a model".to_owned());
    }
    if target.to_lowercase() == lower {
        return Err(format!("{name:?} cannot stand for itself"));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if !(1..=LONGEST).contains(&length) {
        return Err(format!("a name has 1 to {LONGEST} characters"));
    }
    if name
        .chars()
        .any(|letter| letter.is_control() || letter.is_whitespace())
    {
        return Err(format!("the name {name:?} must not hold spaces"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_something_else_are_refused() {
        for good in ["work", "Coding-2", "日本"] {
            assert_eq!(check_profile_name(good), Ok(()), "{good}");
        }
        for bad in ["", "a b", "a:b", "a/b", "fast", "Smart", "private", "x\n"] {
            assert!(check_profile_name(bad).is_err(), "{bad:?}");
        }
        assert!(check_profile_name(&"x".repeat(65)).is_err());
        assert_eq!(check_alias("gpt-4o", "auto:smart"), Ok(()));
        assert_eq!(check_alias("openai/gpt-4o", "groq/x"), Ok(()));
        for (name, target) in [
            ("auto", "x"),
            ("AUTO:fast", "x"),
            ("x", ""),
            ("x", "X"),
            ("x y", "z"),
            ("x", "a\nb"),
        ] {
            assert!(check_alias(name, target).is_err(), "{name:?} {target:?}");
        }
    }

    #[test]
    fn links_are_read() {
        assert!(Link::parse("groq/llama").enabled);
        let off = Link::parse("-groq/llama");
        assert_eq!((off.model.as_str(), off.enabled), ("groq/llama", false));
    }
}
