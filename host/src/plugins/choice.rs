//! Which version of each plugin serves: inbox before installed before bundled, and only what was consented to.

use std::collections::{BTreeMap, BTreeSet};

use super::plugin::Source;
use crate::upstream::guard::Grant;

/// Who consents to a plugin that is not official.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trust {
    /// The user, once for each set of wishes.
    #[default]
    Ask,
    /// Whoever puts a file into the folder. For development and tests.
    Auto,
}

/// A version that loads.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Where it is.
    pub source: Source,
    /// Name of its file; empty if it is in none.
    pub file: String,
    /// The provider it says it is.
    pub id: String,
    /// Its hash.
    pub sha256: String,
    /// All that it asks for.
    pub asks: Grant,
    /// One of the binary's own, by its hash.
    pub official: bool,
}

/// What the user granted to a plugin, and to which version of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Consent {
    /// All that it may do.
    pub grant: Grant,
    /// The version that was shown to the user, by its hash.
    pub sha256: String,
    /// Name of the file that held that version; empty if none has yet.
    pub file: String,
}

/// What is known beside the versions themselves, by id.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The user's consents.
    pub consents: BTreeMap<String, Consent>,
    /// Hashes of what serves, or served last: of two files with the same id it goes on.
    pub serving: BTreeMap<String, String>,
    /// Ids of the official plugins, those that the user removed too.
    pub official: BTreeSet<String>,
}

/// What became of a version.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// It serves, with this grant.
    Serves(Grant),
    /// It waits for the user, who has not granted this.
    NeedsConsent(Vec<String>),
    /// A stronger source has the same provider.
    Shadowed,
    /// Another file of the folder says it is the same provider, and came first.
    Conflict(String),
}

/// Decides for every version of `found`, in its order. Of the files of one source with the same id first comes one
/// that may serve, then the one that serves already, then the first by name.
#[must_use]
pub fn choose(found: &[Found], known: &Known, trust: Trust) -> Vec<Standing> {
    let alone: Vec<Standing> = found.iter().map(|one| stand(one, known, trust)).collect();
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|at| {
        let one = &found[*at];
        let waits = !matches!(alone[*at], Standing::Serves(_));
        let serves = known.serving.get(&one.id) == Some(&one.sha256);
        (
            std::cmp::Reverse(one.source),
            waits,
            !serves,
            one.file.clone(),
        )
    });
    let mut standings = vec![Standing::Shadowed; found.len()];
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for at in order {
        let one = &found[at];
        if let Some(before) = first.get(one.id.as_str()).map(|at| &found[*at])
            && before.source == one.source
        {
            standings[at] = Standing::Conflict(before.file.clone());
            continue;
        }
        first.insert(&one.id, at);
        if done.contains(one.id.as_str()) {
            continue;
        }
        standings[at].clone_from(&alone[at]);
        if matches!(standings[at], Standing::Serves(_)) {
            done.insert(&one.id);
        }
    }
    standings
}

/// What becomes of it where nothing else has its id.
fn stand(one: &Found, known: &Known, trust: Trust) -> Standing {
    if one.official || trust == Trust::Auto {
        return Standing::Serves(one.asks.clone());
    }
    // One that asks for nothing at all and was never consented to still waits: it may answer in a model's name.
    let consent = known
        .consents
        .get(&one.id)
        .filter(|consent| inherits(one, consent, known));
    let Some(consent) = consent else {
        return Standing::NeedsConsent(one.asks.describe());
    };
    let missing = consent.grant.widenings(&one.asks);
    if missing.is_empty() {
        Standing::Serves(one.asks.clone())
    } else {
        Standing::NeedsConsent(missing)
    }
}

/// Whether a consent is this version's too. Nothing is signed yet, so an id proves nothing: it is the version that was
/// granted, or what the user put in that one's place.
fn inherits(one: &Found, consent: &Consent, known: &Known) -> bool {
    if one.sha256 == consent.sha256 {
        return true;
    }
    // An update of an official plugin comes with the binary; another file of that id is a stranger every time.
    if consent.file.is_empty() || known.official.contains(&one.id) {
        return false;
    }
    // An installed one has served from that file.
    one.source == Source::Installed || one.file == consent.file
}

#[cfg(test)]
mod tests;
