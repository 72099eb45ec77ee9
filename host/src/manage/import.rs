//! Many keys out of one text: lines of a `.env`, or bare keys.
//!
//! A key goes to a provider, so a guess that is wrong gives a secret away. Whose it is follows from the variable's name
//! (`GROQ_API_KEY`), or from a beginning that only one provider's keys have (`gsk_`); else the user says so.

use std::collections::BTreeMap;

use freellmapi_types::{ImportItem, ImportOutcome};
use zeroize::Zeroizing;

use super::Refused;
use super::fields;
use super::keys::PRIORITY;
use crate::plugins::manifest::Manifest;
use crate::store::{NewKey, ProviderKey};

mod line;

use line::Line;

/// The most lines that hold something.
const MOST: usize = 1_000;

/// Letters at a pattern's beginning that tell a provider's keys from others'.
const TELLING: usize = 3;

/// What the ends of variables are called that hold a key.
const ENDINGS: [&str; 7] = ["API", "KEY", "KEYS", "TOKEN", "SECRET", "ACCESS", "AUTH"];

/// What else variables of a provider begin with: names of its products, and its own abbreviations.
const OTHER_NAMES: [(&str, &str); 12] = [
    ("GEMINI", "google"),
    ("GOOGLE_AI", "google"),
    ("GOOGLE_GENERATIVE_AI", "google"),
    ("HF", "huggingface"),
    ("CF", "cloudflare"),
    ("NIM", "nvidia"),
    ("NVIDIA_NIM", "nvidia"),
    ("GITHUB_MODELS", "github"),
    ("GH", "github"),
    ("ZAI", "zhipu"),
    ("ZHIPUAI", "zhipu"),
    ("GLM", "zhipu"),
];

/// A line, and the key that it makes.
pub struct Planned {
    /// For the user.
    pub item: ImportItem,
    /// What to add.
    pub new: Option<NewKey>,
}

/// Providers and their keys, those that are there and those above in the text.
type Seen = Vec<(String, Zeroizing<String>)>;

/// Whose a line is.
enum Owner<'a> {
    /// The key of a provider.
    Known(&'a Manifest),
    /// A setting of its keys.
    Setting(&'a Manifest, String),
    /// Nobody knows, or one of these.
    Open(Vec<&'a Manifest>),
    /// No key at all.
    Nobody,
}

/// What would become of each line. `choices` are providers by line, which the user named; `keys` those that are there.
///
/// # Errors
/// Too many lines, or a choice that is none.
pub fn plan(
    text: &str,
    choices: &BTreeMap<usize, String>,
    manifests: &[&Manifest],
    keys: &[ProviderKey],
    now_ms: i64,
) -> Result<Vec<Planned>, Refused> {
    let lines = line::read(text);
    if lines.len() > MOST {
        return Err(Refused::field(
            "text",
            format!("it has more than {MOST} lines; import it in parts"),
        ));
    }
    let mut owned = Vec::with_capacity(lines.len());
    for line in lines {
        let owner = match choices.get(&line.number) {
            Some(id) => {
                let chosen = manifests.iter().find(|manifest| manifest.id == *id);
                let Some(chosen) = chosen.filter(|manifest| takes_one_key(manifest)) else {
                    return Err(Refused::field(
                        format!("providers.{}", line.number),
                        format!("there is no provider `{id}` whose keys are imported"),
                    ));
                };
                Owner::Known(chosen)
            }
            None => owner(&line, manifests),
        };
        owned.push((line, owner));
    }
    // Wherever they stand: a setting may come after its key.
    let mut settings: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    for (line, owner) in &owned {
        if let Owner::Setting(manifest, name) = owner {
            let of = settings.entry(&manifest.id).or_default();
            of.insert(name.clone(), line.value.to_string());
        }
    }
    let mut seen: Seen = keys
        .iter()
        .flat_map(|key| {
            let secrets = key.secrets.values();
            secrets.map(|secret| (key.provider.clone(), secret.clone()))
        })
        .collect();
    Ok(owned
        .iter()
        .map(|(line, owner)| decide(line, owner, &settings, &mut seen, now_ms))
        .collect())
}

fn decide(
    line: &Line,
    owner: &Owner<'_>,
    settings: &BTreeMap<&str, BTreeMap<String, String>>,
    seen: &mut Seen,
    now_ms: i64,
) -> Planned {
    let mut planned = Planned {
        item: ImportItem {
            line: line.number,
            name: line.name.clone(),
            masked: line.masked(),
            provider: None,
            candidates: Vec::new(),
            outcome: ImportOutcome::Ignored,
            reason: String::new(),
            id: None,
        },
        new: None,
    };
    let item = &mut planned.item;
    let manifest = match owner {
        Owner::Known(manifest) => *manifest,
        Owner::Setting(manifest, name) => {
            item.provider = Some(manifest.id.clone());
            item.reason = format!("the setting `{name}` of the keys of {}", manifest.title);
            return planned;
        }
        Owner::Open(candidates) => {
            item.candidates = candidates.iter().map(|one| one.id.clone()).collect();
            item.outcome = ImportOutcome::Unknown;
            "say whose key this is".clone_into(&mut item.reason);
            return planned;
        }
        Owner::Nobody => {
            "not the name of a provider's key".clone_into(&mut item.reason);
            return planned;
        }
    };
    item.provider = Some(manifest.id.clone());
    match key(manifest, line, settings.get(manifest.id.as_str()), now_ms) {
        Ok(new) => {
            let secret = new.secrets.values().next().cloned().unwrap_or_default();
            let one = (manifest.id.clone(), secret);
            if seen.contains(&one) {
                item.outcome = ImportOutcome::Duplicate;
                "the same key is there already".clone_into(&mut item.reason);
            } else {
                item.outcome = ImportOutcome::New;
                planned.new = Some(new);
                seen.push(one);
            }
        }
        Err(refused) => {
            item.outcome = ImportOutcome::Invalid;
            item.reason = refused.to_string();
        }
    }
    planned
}

fn key(
    manifest: &Manifest,
    line: &Line,
    settings: Option<&BTreeMap<String, String>>,
    now_ms: i64,
) -> Result<NewKey, Refused> {
    let name = manifest.credentials.first().map(|one| one.name.clone());
    let secrets = [(name.unwrap_or_default(), line.value.clone())].into();
    Ok(NewKey {
        provider: manifest.id.clone(),
        secrets: fields::secrets(manifest, &secrets)?,
        settings: fields::settings(manifest, settings.unwrap_or(&BTreeMap::new()))?,
        priority: PRIORITY,
        created_ms: now_ms,
        ..NewKey::default()
    })
}

/// Whether one value is a key of it.
fn takes_one_key(manifest: &Manifest) -> bool {
    let required = manifest.credentials.iter().filter(|one| !one.optional);
    !manifest.user_base_url && !manifest.credentials.is_empty() && required.count() <= 1
}

fn owner<'a>(line: &Line, manifests: &[&'a Manifest]) -> Owner<'a> {
    let named = line.name.to_uppercase();
    for manifest in manifests.iter().filter(|one| takes_one_key(one)) {
        match rest(&named, manifest) {
            Some(rest) if is_ending(&rest) => return Owner::Known(manifest),
            Some(rest) => {
                let name = rest.join("-").to_lowercase();
                if manifest.settings.iter().any(|one| one.name == name) {
                    return Owner::Setting(manifest, name);
                }
            }
            None => {}
        }
    }
    let fit = |telling: bool| -> Vec<&'a Manifest> {
        let fits = manifests.iter().filter(|one| {
            takes_one_key(one)
                && is_telling(one) == telling
                && one.credentials.first().is_some_and(|one| {
                    let pattern = one.pattern.as_ref();
                    pattern.is_none_or(|pattern| pattern.is_match(&line.value))
                })
        });
        fits.copied().collect()
    };
    let telling = fit(true);
    match telling.as_slice() {
        [one] => Owner::Known(one),
        [] if line.name.is_empty() => Owner::Open(fit(false)),
        [] if named
            .split('_')
            .next_back()
            .is_some_and(|last| ENDINGS.contains(&last)) =>
        {
            Owner::Open(Vec::new())
        }
        [] => Owner::Nobody,
        _ => Owner::Open(telling),
    }
}

/// The words of a variable's name after those of the provider.
fn rest<'a>(name: &'a str, manifest: &Manifest) -> Option<Vec<&'a str>> {
    let own = manifest.id.to_uppercase().replace('-', "_");
    let others = OTHER_NAMES
        .iter()
        .filter(|(_, id)| *id == manifest.id)
        .map(|(name, _)| *name);
    // The longest first: `GOOGLE_AI` before `GOOGLE`.
    let mut names: Vec<&str> = others.chain([own.as_str()]).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.into_iter().find_map(|own| {
        let rest = name.strip_prefix(own)?;
        match rest.strip_prefix('_') {
            Some(rest) => Some(rest.split('_').collect()),
            None => rest.is_empty().then(Vec::new),
        }
    })
}

/// `API_KEY`, `KEY_2` and the like.
fn is_ending(words: &[&str]) -> bool {
    words
        .iter()
        .all(|word| ENDINGS.contains(word) || word.bytes().all(|digit| digit.is_ascii_digit()))
}

/// Whether the pattern of its keys begins with letters that others' do not.
fn is_telling(manifest: &Manifest) -> bool {
    let pattern = manifest
        .credentials
        .first()
        .and_then(|one| one.pattern.as_ref());
    pattern.is_some_and(|pattern| {
        let inner = pattern
            .as_str()
            .trim_start_matches("^(?:")
            .trim_start_matches('^');
        let plain = inner
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            .count();
        // What is repeated or left out is no beginning.
        let open = inner
            .as_bytes()
            .get(plain)
            .is_some_and(|byte| b"*?{|".contains(byte));
        plain.saturating_sub(usize::from(open)) >= TELLING && !inner.contains('|')
    })
}

#[cfg(test)]
mod tests;
