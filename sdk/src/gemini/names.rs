//! Names of functions that Google refuses, and the way back.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The longest name of a function.
const LONGEST: usize = 64;

/// Names that were changed for the upstream: what it is told, and what the client calls it.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// What the upstream is told. A name that breaks its rule keeps what it can and ends in a hash of the whole, so
    /// that two long names that differ at their ends stay two.
    pub(super) fn lower<'n>(&mut self, name: &'n str) -> Cow<'n, str> {
        if fits(name) {
            return Cow::Borrowed(name);
        }
        let kept: String = name
            .chars()
            .map(|letter| if is_inner(letter) { letter } else { '_' })
            .take(LONGEST - 10)
            .collect();
        let lead = if kept.starts_with(is_first) { "" } else { "_" };
        let changed = format!("{lead}{kept}_{:08x}", hash(name));
        self.0.insert(changed.clone(), name.to_owned());
        Cow::Owned(changed)
    }

    /// What the client calls it.
    pub(super) fn raise<'n>(&'n self, name: &'n str) -> &'n str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// For the later functions of the attempt; empty where nothing was changed.
    pub(super) fn memo(&self) -> String {
        if self.0.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&self.0).unwrap_or_default()
        }
    }

    /// Out of the memo.
    pub(super) fn of_memo(memo: &str) -> Self {
        Self(serde_json::from_str(memo).unwrap_or_default())
    }
}

fn fits(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len()) && name.starts_with(is_first) && name.chars().all(is_inner)
}

fn is_first(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '_'
}

fn is_inner(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-')
}

/// FNV-1a: the same in every build, which the standard hasher does not promise.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
