//! Looks for stored credentials in what a plugin wants sent. A plugin is never given one; one that has come to know one
//! all the same (an upstream told it, it was in a prompt) must not carry it anywhere. The host's own placing of
//! credentials comes afterwards.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use arc_swap::ArcSwapOption;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use super::guard::{FieldValue, Origin, Plan, Refused};
use super::redact::is_secret;

/// What is looked for: the credentials of all keys. Empty until [`Leaks::watch`] is called.
#[derive(Default)]
pub struct Leaks(ArcSwapOption<Search>);

/// A credential that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found(usize);

struct Search {
    /// Whether it is still the right one, without keeping credentials for the comparison.
    fingerprint: [u8; 32],
    /// Every spelling, in any case: for the small parts of a plan, and for bodies that strangers make.
    spelled: Patterns,
    /// As they are: for bodies that official plugins make, a hundred kilobytes at a time.
    plain: Patterns,
}

struct Patterns {
    automaton: AhoCorasick,
    /// Whose credential each pattern spells.
    owners: Vec<usize>,
}

impl Leaks {
    /// Looks for these from now on.
    pub fn watch<'a>(&self, secrets: impl Iterator<Item = &'a str>) {
        let mut secrets: Vec<&str> = secrets
            .map(str::trim)
            .filter(|one| is_secret(one))
            .collect();
        secrets.sort_unstable();
        secrets.dedup();
        let mut digest = Sha256::new();
        for secret in &secrets {
            digest.update(secret.len().to_le_bytes());
            digest.update(secret);
        }
        let fingerprint = digest.finalize().into();
        let known = self.0.load();
        if known
            .as_ref()
            .is_some_and(|known| known.fingerprint == fingerprint)
        {
            return;
        }
        self.0
            .store(Search::new(&secrets, fingerprint).map(Arc::new));
    }

    /// Whether a plan holds one, its body aside: told as a refusal that names the place.
    ///
    /// # Errors
    /// [`Refused::Leak`].
    pub fn check(&self, plan: &Plan) -> Result<(), Refused> {
        let search = self.0.load();
        let Some(search) = search.as_ref() else {
            return Ok(());
        };
        let none = |place: &dyn Fn() -> String, text: &str| {
            if search.spelled.in_text(text) {
                Err(Refused::Leak(place()))
            } else {
                Ok(())
            }
        };
        none(&|| "method".to_owned(), &plan.method)?;
        if let Origin::Host(host) = &plan.origin {
            none(&|| "host".to_owned(), host)?;
        }
        none(&|| "path".to_owned(), &plan.path)?;
        for (kind, fields) in [("header", &plan.headers), ("query parameter", &plan.query)] {
            for field in fields {
                none(&|| format!("{kind} name"), &field.name)?;
                let place = || format!("{kind} {:?}", field.name);
                match &field.value {
                    FieldValue::Text(text) => none(&place, text)?,
                    FieldValue::Secret { prefix, suffix, .. } => {
                        none(&place, prefix)?;
                        none(&place, suffix)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Looks through a piece of a body. `every_spelling`: encoded ones too, which takes several times as long.
    #[must_use]
    pub fn find(&self, bytes: &[u8], every_spelling: bool) -> Option<Found> {
        let search = self.0.load();
        let search = search.as_ref()?;
        let patterns = if every_spelling {
            &search.spelled
        } else {
            &search.plain
        };
        patterns.in_body(bytes, None)
    }

    /// Whether these bytes hold the credential too.
    #[must_use]
    pub fn is_in(&self, found: Found, bytes: &[u8]) -> bool {
        let search = self.0.load();
        search
            .as_ref()
            .is_some_and(|search| search.spelled.in_body(bytes, Some(found)).is_some())
    }
}

impl std::fmt::Debug for Leaks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leaks").finish_non_exhaustive()
    }
}

impl Search {
    /// `None` where there is nothing to look for, and where there is so much that no automaton can be made.
    fn new(secrets: &[&str], fingerprint: [u8; 32]) -> Option<Self> {
        if secrets.is_empty() {
            return None;
        }
        let (mut plain, mut spelled) = (Vec::new(), Vec::new());
        for (owner, secret) in secrets.iter().enumerate() {
            plain.push((owner, (*secret).to_owned()));
            let json = serde_json::Value::from(*secret).to_string();
            plain.push((owner, json.trim_matches('"').to_owned()));
            spelled.push((owner, hexadecimal(secret)));
            for shift in 0..3 {
                let standard = shifted(&STANDARD_NO_PAD, secret, shift);
                spelled.push((owner, standard));
                spelled.push((owner, shifted(&URL_SAFE_NO_PAD, secret, shift)));
            }
        }
        spelled.extend(plain.iter().cloned());
        let plain = Patterns::new(plain, false);
        let spelled = Patterns::new(spelled, true);
        match (plain, spelled) {
            (Ok(plain), Ok(spelled)) => Some(Self {
                fingerprint,
                spelled,
                plain,
            }),
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(%error, "plans of plugins cannot be searched for stored keys");
                None
            }
        }
    }
}

impl Patterns {
    fn new(
        mut patterns: Vec<(usize, String)>,
        any_case: bool,
    ) -> Result<Self, aho_corasick::BuildError> {
        patterns.sort_by(|one, other| one.1.cmp(&other.1));
        patterns.dedup_by(|one, other| one.1 == other.1);
        let (owners, texts): (Vec<usize>, Vec<String>) = patterns.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            // The kind for which the crate has its fastest search.
            .match_kind(MatchKind::LeftmostFirst)
            .ascii_case_insensitive(any_case)
            .build(texts)?;
        Ok(Self { automaton, owners })
    }

    fn in_text(&self, text: &str) -> bool {
        self.automaton.is_match(text)
            || (text.contains('%')
                && self
                    .automaton
                    .is_match(percent_decode_str(text).collect::<Vec<u8>>().as_slice()))
    }

    /// The first one, or the one that is asked for.
    fn in_body(&self, bytes: &[u8], wanted: Option<Found>) -> Option<Found> {
        let first = |bytes: &[u8]| {
            self.automaton
                .find_iter(bytes)
                .filter_map(|found| self.owners.get(found.pattern().as_usize()))
                .map(|owner| Found(*owner))
                .find(|found| wanted.is_none_or(|wanted| wanted == *found))
        };
        first(bytes).or_else(|| {
            let escapes = memchr::memmem::find(bytes, br"\u00").is_some();
            escapes.then(|| first(&unescaped(bytes)))?
        })
    }
}

/// Lower case; the search takes either.
fn hexadecimal(secret: &str) -> String {
    use std::fmt::Write;
    secret.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// How base64 spells it behind `shift` other bytes (of a group of three): what of that does not depend on what
/// stands around it.
fn shifted(engine: &impl Engine, secret: &str, shift: usize) -> String {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(secret.as_bytes());
    let mut text = engine.encode(&bytes);
    if !bytes.len().is_multiple_of(3) {
        text.pop();
    }
    // The first letters hold bits of what stands before.
    text.split_off(match shift {
        0 => 0,
        1 => 2,
        _ => 3,
    })
}

/// With `\u00XX` as the byte that it stands for. What else it changes matters to no search for ASCII.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memmem::find(rest, br"\u00") {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        let code = from
            .get(4..6)
            .and_then(|code| std::str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(byte) => {
                out.push(byte);
                rest = from.get(6..).unwrap_or_default();
            }
            None => {
                out.extend_from_slice(from.get(..4).unwrap_or_default());
                rest = from.get(4..).unwrap_or_default();
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::guard::Field;
    use super::*;

    const KEY: &str = "sk-Canary/of+the\"leak~guard01";

    fn leaks() -> Leaks {
        let leaks = Leaks::default();
        leaks.watch(["another-key-0001", KEY, "ollama"].into_iter());
        leaks
    }

    fn plan() -> Plan {
        Plan {
            method: "POST".into(),
            origin: Origin::Host("api.example".into()),
            path: "/v1/chat".into(),
            query: Vec::new(),
            headers: Vec::new(),
        }
    }

    fn text(name: &str, value: &str) -> Field {
        Field {
            name: name.into(),
            value: FieldValue::Text(value.into()),
        }
    }

    #[test]
    fn every_place_of_a_plan_is_looked_at() {
        let leaks = leaks();
        assert_eq!(leaks.check(&plan()), Ok(()));
        type Change = fn(&mut Plan);
        let changes: [(&str, Change); 9] = [
            ("method", |plan| plan.method = KEY.into()),
            ("host", |plan| {
                plan.origin = Origin::Host(format!("{KEY}.example"));
            }),
            ("path", |plan| plan.path = "/v1/another-key-0001".into()),
            ("header name", |plan| plan.headers.push(text(KEY, "a"))),
            ("header \"x-note\"", |plan| {
                plan.headers.push(text("x-note", KEY));
            }),
            ("query parameter name", |plan| {
                plan.query.push(text(KEY, "a"));
            }),
            ("query parameter \"q\"", |plan| {
                plan.query.push(text("q", KEY));
            }),
            ("header \"authorization\"", |plan| {
                plan.headers.push(Field {
                    name: "authorization".into(),
                    value: FieldValue::Secret {
                        name: "api-key".into(),
                        prefix: format!("{KEY} "),
                        suffix: String::new(),
                    },
                });
            }),
            ("header \"authorization\"", |plan| {
                plan.headers.push(Field {
                    name: "authorization".into(),
                    value: FieldValue::Secret {
                        name: "api-key".into(),
                        prefix: String::new(),
                        suffix: KEY.into(),
                    },
                });
            }),
        ];
        for (place, change) in changes {
            let mut plan = plan();
            change(&mut plan);
            let refused = leaks.check(&plan);
            assert_eq!(refused, Err(Refused::Leak(place.to_owned())));
        }
    }

    #[test]
    fn words_that_are_no_secret_are_nobodys_business() {
        let leaks = leaks();
        let mut plan = plan();
        plan.path = "/v1/ollama".into();
        assert_eq!(leaks.check(&plan), Ok(()));
        assert_eq!(leaks.find(b"{\"model\": \"ollama\"}", true), None);
    }

    #[test]
    fn what_is_stored_no_more_is_not_looked_for() {
        let leaks = leaks();
        assert!(leaks.find(b"another-key-0001", false).is_some());
        leaks.watch([KEY].into_iter());
        assert!(leaks.find(b"another-key-0001", false).is_none());
        leaks.watch(std::iter::empty());
        assert!(leaks.find(KEY.as_bytes(), true).is_none());
    }

    #[test]
    fn a_credential_is_told_from_another() {
        let leaks = leaks();
        let found = leaks.find(b"x another-key-0001 x", false).unwrap();
        assert!(leaks.is_in(found, b"once more, another-key-0001"));
        assert!(leaks.is_in(found, b"YW5vdGhlci1rZXktMDAwMQ=="));
        assert!(!leaks.is_in(found, KEY.as_bytes()));
    }

    proptest! {
        #[test]
        fn no_spelling_hides_a_credential(
            before in proptest::collection::vec(any::<u8>(), 0..7),
            after in proptest::collection::vec(any::<u8>(), 0..7),
        ) {
            let leaks = leaks();
            let whole = [before.as_slice(), KEY.as_bytes(), after.as_slice()].concat();
            let hex: String = whole.iter().map(|byte| format!("{byte:02X}")).collect();
            let percent: String = whole.iter().map(|byte| format!("%{byte:02x}")).collect();
            let standard = base64::engine::general_purpose::STANDARD.encode(&whole);
            let url = base64::engine::general_purpose::URL_SAFE.encode(&whole);
            for spelled in [&hex, &percent, &standard, &url] {
                let mut plan = plan();
                plan.headers.push(text("x-note", spelled));
                prop_assert!(leaks.check(&plan).is_err(), "{spelled}");
            }
            for spelled in [&hex, &standard, &url] {
                prop_assert!(leaks.find(spelled.as_bytes(), true).is_some(), "{spelled}");
            }
            prop_assert!(leaks.find(&whole, false).is_some());
            let escaped: String = KEY.bytes().map(|byte| format!("\\u{byte:04X}")).collect();
            prop_assert!(leaks.find(escaped.as_bytes(), false).is_some());
        }

        #[test]
        fn nothing_is_found_where_nothing_is(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(leaks().find(&bytes, true).is_none());
        }
    }
}
