//! Whether what was entered for a key is what its provider's manifest wants.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::Refused;
use crate::plugins::manifest::Manifest;

/// Secrets by the names of the manifest's credentials.
pub type Secrets = BTreeMap<String, Zeroizing<String>>;

/// The longest secret, bytes: a service account's JSON has some 2,400.
const LONGEST_SECRET: usize = 16 << 10;

/// The longest setting, bytes.
const LONGEST_SETTING: usize = 1_024;

/// The longest label, characters.
const LONGEST_LABEL: usize = 100;

/// Secrets as they are stored: without blanks around them, all there that must be, each of the right form.
///
/// # Errors
/// [`Refused::Field`], `secrets.NAME`. The value itself is never repeated: this may be a log.
pub fn secrets(manifest: &Manifest, given: &Secrets) -> Result<Secrets, Refused> {
    let at = |name: &str| format!("secrets.{name}");
    let title = &manifest.title;
    for name in given.keys() {
        if manifest.credentials.iter().all(|known| known.name != *name) {
            let message = if manifest.credentials.is_empty() {
                format!("{title} takes no key")
            } else {
                format!("{title} has no such credential")
            };
            return Err(Refused::field(at(name), message));
        }
    }
    let mut good = Secrets::new();
    if manifest.keyless && given.values().all(|value| value.trim().is_empty()) {
        return Ok(good);
    }
    for known in &manifest.credentials {
        let value = given.get(&known.name).map_or("", |value| value.trim());
        if value.is_empty() {
            if known.optional {
                continue;
            }
            let message = if manifest.key_page.is_empty() {
                format!("no {} was given", known.label)
            } else {
                format!("no key was given; get one at {}", manifest.key_page)
            };
            return Err(Refused::field(at(&known.name), message));
        }
        let fits = known
            .pattern
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(value));
        if !fits || value.len() > LONGEST_SECRET || value.contains(char::is_control) {
            return Err(Refused::field(
                at(&known.name),
                format!("this does not look like a key of {title} ({})", known.label),
            ));
        }
        good.insert(known.name.clone(), Zeroizing::new(value.to_owned()));
    }
    Ok(good)
}

/// Settings as they are stored: those that were given, all there that must be, each of the right form.
///
/// # Errors
/// [`Refused::Field`], `settings.NAME`.
pub fn settings(
    manifest: &Manifest,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refused> {
    let at = |name: &str| format!("settings.{name}");
    let title = &manifest.title;
    for name in given.keys() {
        if manifest.settings.iter().all(|known| known.name != *name) {
            let names: Vec<&str> = manifest
                .settings
                .iter()
                .map(|it| it.name.as_str())
                .collect();
            return Err(Refused::field(
                at(name),
                format!("{title} has no such setting (it has: {})", names.join(", ")),
            ));
        }
    }
    let mut good = BTreeMap::new();
    for known in &manifest.settings {
        let value = given.get(&known.name).map_or("", |value| value.trim());
        if value.is_empty() {
            if known.optional || !known.default.is_empty() {
                continue;
            }
            return Err(Refused::field(
                at(&known.name),
                format!("{title} needs its {}", known.label),
            ));
        }
        let fits = known
            .pattern
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(value));
        let chosen = known.choices.is_empty() || known.choices.iter().any(|choice| choice == value);
        if !fits || !chosen || value.len() > LONGEST_SETTING || value.contains(char::is_control) {
            return Err(Refused::field(
                at(&known.name),
                format!("{value:?} is not a valid {}", known.label),
            ));
        }
        good.insert(known.name.clone(), value.to_owned());
    }
    Ok(good)
}

/// A label as it is stored.
///
/// # Errors
/// [`Refused::Field`], `label`.
pub fn label(text: &str) -> Result<String, Refused> {
    let label = text.trim();
    if label.chars().count() > LONGEST_LABEL || label.contains(char::is_control) {
        return Err(Refused::field(
            "label",
            format!("a label is one line of at most {LONGEST_LABEL} characters"),
        ));
    }
    Ok(label.to_owned())
}
