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

/// Decides for every version of `found`, in its order. `consents` are the user's grants by id; `serving` the hashes
/// that serve now, by id: of two files with the same id the one that serves goes on.
#[must_use]
pub fn choose(
    found: &[Found],
    consents: &BTreeMap<String, Grant>,
    serving: &BTreeMap<String, String>,
    trust: Trust,
) -> Vec<Standing> {
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|at| {
        let one = &found[*at];
        let serves = serving.get(&one.id) == Some(&one.sha256);
        (std::cmp::Reverse(one.source), !serves, one.file.clone())
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
        standings[at] = stand(one, consents.get(&one.id), trust);
        if matches!(standings[at], Standing::Serves(_)) {
            done.insert(&one.id);
        }
    }
    standings
}

fn stand(one: &Found, consent: Option<&Grant>, trust: Trust) -> Standing {
    if one.official || trust == Trust::Auto {
        return Standing::Serves(one.asks.clone());
    }
    let missing = match consent {
        Some(grant) => grant.widenings(&one.asks),
        None => one.asks.describe(),
    };
    // One that asks for nothing at all and was never consented to still waits: it may answer in a model's name.
    if missing.is_empty() && consent.is_some() {
        Standing::Serves(one.asks.clone())
    } else {
        Standing::NeedsConsent(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::guard::Reach;

    fn asks(paths: &[&str]) -> Grant {
        Grant {
            reaches: paths
                .iter()
                .map(|path| Reach {
                    host: "api.example".into(),
                    methods: vec!["POST".into()],
                    path: (*path).into(),
                })
                .collect(),
            credentials: Vec::new(),
            powers: Vec::new(),
        }
    }

    fn found(source: Source, file: &str, sha256: &str, asks: &Grant) -> Found {
        Found {
            source,
            file: file.into(),
            id: "one".into(),
            sha256: sha256.into(),
            asks: asks.clone(),
            official: source == Source::Bundled,
        }
    }

    fn run(found: &[Found], consent: Option<Grant>, serving: &str) -> Vec<Standing> {
        let consents = consent
            .map(|grant| ("one".to_owned(), grant))
            .into_iter()
            .collect();
        let serving = [("one".to_owned(), serving.to_owned())].into();
        choose(found, &consents, &serving, Trust::Ask)
    }

    #[test]
    fn a_strange_file_waits_and_the_next_source_serves() {
        let (small, wide) = (asks(&["/v1"]), asks(&["/v1", "/admin"]));
        let versions = [
            found(Source::Bundled, "", "b", &small),
            found(Source::Inbox, "one.wasm", "i", &wide),
        ];
        let standings = run(&versions, None, "");
        assert_eq!(standings[0], Standing::Serves(small.clone()));
        assert!(matches!(&standings[1], Standing::NeedsConsent(what) if what.len() >= 2));
        let standings = run(&versions, Some(wide.clone()), "b");
        assert_eq!(
            standings,
            [Standing::Shadowed, Standing::Serves(wide.clone())]
        );
        // What was granted covers less than what is asked now.
        let standings = run(&versions, Some(small), "b");
        assert!(matches!(&standings[1], Standing::NeedsConsent(what) if what.len() == 1));
        assert!(matches!(standings[0], Standing::Serves(_)));
    }

    #[test]
    fn a_replacement_that_asks_for_less_serves_with_less() {
        let (small, wide) = (asks(&["/v1/chat"]), asks(&["/v1"]));
        let standings = run(
            &[found(Source::Inbox, "a.wasm", "n", &small)],
            Some(wide),
            "o",
        );
        assert_eq!(standings, [Standing::Serves(small)]);
    }

    #[test]
    fn of_two_files_with_one_id_the_one_that_serves_goes_on() {
        let grant = asks(&["/v1"]);
        let versions = [
            found(Source::Inbox, "a.wasm", "a", &grant),
            found(Source::Inbox, "b.wasm", "b", &grant),
        ];
        let standings = run(&versions, Some(grant.clone()), "b");
        assert_eq!(standings[0], Standing::Conflict("b.wasm".into()));
        assert_eq!(standings[1], Standing::Serves(grant.clone()));
        let standings = run(&versions, Some(grant), "");
        assert_eq!(
            standings[1],
            Standing::Conflict("a.wasm".into()),
            "else the first by name"
        );
    }

    #[test]
    fn auto_trust_serves_what_is_there() {
        let grant = asks(&["/v1"]);
        let versions = [found(Source::Inbox, "a.wasm", "a", &grant)];
        let standings = choose(&versions, &BTreeMap::new(), &BTreeMap::new(), Trust::Auto);
        assert_eq!(standings, [Standing::Serves(grant)]);
        let standings = choose(&versions, &BTreeMap::new(), &BTreeMap::new(), Trust::Ask);
        assert!(matches!(standings[0], Standing::NeedsConsent(_)));
    }
}
