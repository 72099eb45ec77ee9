//! What is remembered from one look at the sources to the next.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bytes::Bytes;

use super::{Candidate, Plugins, Report, Status, Version, inbox, refused};
use crate::plugins::bundled::is_official;
use crate::plugins::component::LoadError;
use crate::plugins::plugin::{Loaded, Source};
use crate::store::PluginRow;

/// The most looks that pass between two tries: five minutes of a quiet server.
const LONGEST_WAIT: u32 = 60;

#[derive(Default)]
pub(super) struct State {
    /// By hash, failures too, so that nothing is compiled twice.
    pub(super) loaded: HashMap<String, Result<Arc<Loaded>, LoadError>>,
    /// Failures that may pass, by hash.
    pub(super) retries: HashMap<String, Retry>,
    /// Bytes from the inbox that are still to be compiled or stored, by hash: the file is read once only.
    pub(super) unsaved: HashMap<String, Bytes>,
    /// Files of the inbox as they were last read.
    pub(super) files: inbox::Seen,
    /// Ids of the bundled plugins, the removed ones too.
    pub(super) official: BTreeSet<String>,
    /// The provider that a file last held, by its name: what a broken replacement must not take away.
    pub(super) last: BTreeMap<String, Arc<Loaded>>,
    /// Troubles that were told of, so that each is logged once.
    told: BTreeSet<(String, String)>,
}

/// When to try again: every look at first, then more and more rarely, because each try may cost seconds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Retry {
    tries: u32,
    /// Looks that pass before the next try.
    wait: u32,
}

impl Retry {
    fn failed(&mut self) {
        self.wait = 1_u32
            .checked_shl(self.tries)
            .map_or(LONGEST_WAIT, |looks| (looks - 1).min(LONGEST_WAIT));
        self.tries = self.tries.saturating_add(1);
    }

    /// Once a look.
    fn due(&mut self) -> bool {
        let due = self.wait == 0;
        self.wait = self.wait.saturating_sub(1);
        due
    }
}

impl State {
    /// Whether this version is to be compiled now. Ask once a look.
    pub(super) fn due(&mut self, sha256: &str) -> bool {
        if !self.loaded.contains_key(sha256) {
            return true;
        }
        self.retries.get_mut(sha256).is_some_and(Retry::due)
    }

    /// Notes what came of compiling a version.
    pub(super) fn compiled(
        &mut self,
        sha256: String,
        loaded: Result<Arc<Loaded>, LoadError>,
        transient: bool,
    ) {
        if transient {
            self.retries.entry(sha256.clone()).or_default().failed();
        } else {
            self.retries.remove(&sha256);
        }
        self.loaded.insert(sha256, loaded);
    }

    /// Takes the bytes that were just read, and gives back those that are still needed.
    pub(super) fn hold(&mut self, candidates: &mut [Candidate]) {
        for one in candidates
            .iter_mut()
            .filter(|one| one.source == Source::Inbox)
        {
            match &one.bytes {
                Some(bytes) => {
                    // The store's copy was damaged; this is not.
                    if let Some(Err(LoadError::Unreadable(_))) = self.loaded.get(&one.sha256) {
                        self.loaded.remove(&one.sha256);
                    }
                    self.unsaved.insert(one.sha256.clone(), bytes.clone());
                }
                None => one.bytes = self.unsaved.get(&one.sha256).cloned(),
            }
        }
    }

    /// The versions that load, without bundled ones that the user removed, and reports of those that do not.
    pub(super) fn sort(
        &mut self,
        candidates: &[Candidate],
        rows: &[PluginRow],
    ) -> (Vec<Version>, Vec<Report>) {
        let removed = |id: &str| rows.iter().any(|row| row.removed && row.id == id);
        let (mut versions, mut broken) = (Vec::new(), Vec::new());
        for one in candidates {
            match self.loaded.get(&one.sha256) {
                Some(Ok(loaded)) => {
                    let id = &loaded.manifest.id;
                    if one.source == Source::Bundled {
                        self.official.insert(id.clone());
                        if removed(id) {
                            continue;
                        }
                    }
                    versions.push((one.source, one.file.clone(), Arc::clone(loaded)));
                }
                Some(Err(error)) => broken.push(refused(one, error)),
                None => {}
            }
        }
        (versions, broken)
    }

    pub(super) fn remember(&mut self, next: &Plugins, candidates: &[Candidate]) {
        for one in candidates.iter().filter(|one| one.source == Source::Inbox) {
            if let Some(Ok(loaded)) = self.loaded.get(&one.sha256) {
                let serves = next
                    .get(&loaded.manifest.id)
                    .is_some_and(|plugin| plugin.sha256() == one.sha256);
                if serves {
                    self.last.insert(one.file.clone(), Arc::clone(loaded));
                }
            }
        }
        self.last.retain(|file, _| {
            candidates
                .iter()
                .any(|one| one.source == Source::Inbox && one.file == *file)
        });
    }

    /// Logs what is new among the troubles.
    pub(super) fn tell(&mut self, reports: &[Report]) {
        let mut now = BTreeSet::new();
        for report in reports {
            let trouble = match &report.status {
                Status::Serving | Status::Shadowed | Status::Disabled => continue,
                Status::NeedsConsent(_) => "waits for `freellmapi plugin grant`".to_owned(),
                Status::Refused(why) => why.clone(),
            };
            let known = (format!("{}{}", report.file, report.sha256), trouble.clone());
            if !self.told.contains(&known) {
                tracing::warn!(file = %report.file, plugin = report.id.as_deref().unwrap_or(""), %trouble, "a plugin does not serve");
            }
            now.insert(known);
        }
        self.told = now;
    }

    /// Lets go of what no version needs any more.
    pub(super) fn let_go(&mut self, next: &Plugins, candidates: &[Candidate], rows: &[PluginRow]) {
        let mut wanted: BTreeSet<&str> = candidates.iter().map(|one| one.sha256.as_str()).collect();
        wanted.extend(next.iter().map(|plugin| plugin.sha256()));
        // That a stored version does not load is remembered, so that it is not tried at every look.
        let stored: BTreeSet<&str> = rows.iter().map(|row| row.sha256.as_str()).collect();
        self.loaded.retain(|sha256, loaded| {
            wanted.contains(sha256.as_str())
                || (loaded.is_err() && stored.contains(sha256.as_str()))
        });
        self.retries
            .retain(|sha256, _| self.loaded.contains_key(sha256));
        self.unsaved.retain(|sha256, _| {
            let compiles = self.retries.contains_key(sha256);
            let loads = matches!(self.loaded.get(sha256), Some(Ok(_)));
            compiles || (loads && !is_official(sha256))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_ever_more_rarely() {
        let mut state = State::default();
        let fails = |state: &mut State| {
            let error = LoadError::NotAComponent("no place".into());
            state.compiled("aa".into(), Err(error), true);
        };
        assert!(state.due("aa"));
        fails(&mut state);
        let mut tried = Vec::new();
        for look in 1..=300 {
            if state.due("aa") {
                tried.push(look);
                fails(&mut state);
            }
        }
        assert_eq!(tried[..5], [1, 3, 7, 15, 31]);
        let longest = tried.windows(2).map(|pair| pair[1] - pair[0]).max();
        assert_eq!(longest, Some(61));
        let error = LoadError::NotAComponent("a picture".into());
        state.compiled("aa".into(), Err(error), false);
        assert!((0..300).all(|_| !state.due("aa")), "this does not pass");
    }

    #[test]
    fn bytes_are_held_until_they_are_not_needed() {
        let candidate = |bytes: Option<&'static [u8]>| Candidate {
            source: Source::Inbox,
            file: "a.wasm".into(),
            sha256: "aa".into(),
            bytes: bytes.map(Bytes::from_static),
        };
        let mut state = State::default();
        let mut read = [candidate(Some(b"x"))];
        state.hold(&mut read);
        let error = || Err(LoadError::NotAComponent("no place".into()));
        state.compiled("aa".into(), error(), true);
        state.let_go(&Plugins::default(), &read, &[]);
        let mut unchanged = [candidate(None)];
        state.hold(&mut unchanged);
        assert_eq!(unchanged[0].bytes.as_deref(), Some(&b"x"[..]));
        state.compiled("aa".into(), error(), false);
        state.let_go(&Plugins::default(), &unchanged, &[]);
        assert!(state.unsaved.is_empty());
    }
}
