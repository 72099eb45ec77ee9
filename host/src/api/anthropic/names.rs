//! Names of tools: Anthropic's may be longer than the canonical dialect's, which many providers check.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::json::Text;

/// The longest name in the canonical dialect.
const LONGEST: usize = 64;

/// Letters of a name that are kept in front of its hash.
const KEPT: usize = 51;

/// Which name stands for which, in one request. Only those that do not fit are changed.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By the client's name.
    lowered: BTreeMap<String, String>,
    /// By the name that is sent.
    raised: BTreeMap<String, String>,
}

impl Names {
    /// The name that is sent in the place of the client's.
    pub(super) fn lower<'a>(&mut self, name: &Text<'a>) -> Text<'a> {
        let said = name.text();
        if fits(&said) && !self.raised.contains_key(&*said) {
            return name.clone();
        }
        if let Some(sent) = self.lowered.get(&*said) {
            return Text::from_text(sent);
        }
        let mut sent = hashed(&said, 0);
        let mut turn = 0;
        while self.raised.contains_key(&sent) {
            turn += 1;
            sent = hashed(&said, turn);
        }
        let text = Text::from_text(&sent);
        self.raised.insert(sent.clone(), said.clone().into_owned());
        self.lowered.insert(said.into_owned(), sent);
        text
    }

    /// The client's own name of a tool that the model called. One that nobody declared stays as it is.
    pub(super) fn raise<'n>(&'n self, sent: &'n str) -> &'n str {
        self.raised.get(sent).map_or(sent, String::as_str)
    }
}

fn fits(name: &str) -> bool {
    let good = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-');
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(good)
}

/// The beginning of the name, so that a model still knows what it is for, and a hash of all of it.
fn hashed(name: &str, turn: u32) -> String {
    let mut sent: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || letter == '-' {
                letter
            } else {
                '_'
            }
        })
        .take(KEPT)
        .collect();
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update(turn.to_le_bytes());
    sent.push('_');
    for byte in hash.finalize().iter().take(6) {
        sent.push_str(&format!("{byte:02x}"));
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_do_not_fit_are_changed_and_all_come_back() {
        let long =
            "mcp__a-server-with-a-long-name-0123456789__a/tool.with.dots-0123456789-0123456789";
        let mut names = Names::default();
        for name in ["Bash", "mcp__x__y-z", &"a".repeat(64)] {
            assert_eq!(names.lower(&Text::from_text(name)).text(), name);
            assert_eq!(names.raise(name), name);
        }
        let mut sent = Vec::new();
        for last in ["0", "X"] {
            let name = format!("{long}{last}");
            let lowered = names.lower(&Text::from_text(&name)).text().into_owned();
            assert!(fits(&lowered), "{lowered}");
            assert_eq!(names.lower(&Text::from_text(&name)).text(), lowered);
            assert_eq!(names.raise(&lowered), name);
            sent.push(lowered);
        }
        assert_ne!(sent[0], sent[1]);
        // A client whose own name is one that was made here.
        let taken = names.lower(&Text::from_text(&sent[0])).text().into_owned();
        assert_ne!(taken, sent[0]);
        assert_eq!(names.raise(&taken), sent[0]);
        assert_eq!(names.raise("Read"), "Read");
    }
}
