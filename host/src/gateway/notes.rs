//! What plugins had the host remember between requests, under ids that stand in the conversation: the signature of a
//! thought that led to a tool call. Bounded in number, size and time; the host never looks inside.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;

use crate::plugins::contract::Note;

/// How long a note is kept, milliseconds: a tool that runs longer than that is rare.
const KEPT_MS: i64 = 60 * 60 * 1000;

/// The most notes that are kept, all clients and plugins together.
const MOST: usize = 20_000;

/// The most bytes of one note, and of its id.
const LONGEST: usize = 64 << 10;
const LONGEST_ID: usize = 256;

/// The most bytes of all notes together.
const MOST_BYTES: usize = 64 << 20;

/// Who wrote a note for whom: one client key's conversations are not another's, nor one plugin's another's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    client: String,
    plugin: String,
    id: String,
}

/// The notes of a server.
#[derive(Debug, Default)]
pub struct Notes(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    notes: BTreeMap<Key, (Vec<u8>, u64)>,
    /// The oldest first. One that was written anew is here twice; only the later turn counts.
    turns: VecDeque<(Key, u64, i64)>,
    turn: u64,
    bytes: usize,
}

impl Notes {
    /// Keeps notes. One that is too large is not kept: the plugin must be able to do without.
    pub fn keep(&self, client: &str, plugin: &str, notes: Vec<Note>, now_ms: i64) {
        if notes.is_empty() {
            return;
        }
        let mut state = self.0.lock();
        for note in notes {
            if note.data.len() > LONGEST || note.id.len() > LONGEST_ID || note.id.is_empty() {
                continue;
            }
            let key = Key {
                client: client.to_owned(),
                plugin: plugin.to_owned(),
                id: note.id,
            };
            state.turn += 1;
            let turn = state.turn;
            state.bytes += note.data.len();
            if let Some((before, _)) = state.notes.insert(key.clone(), (note.data, turn)) {
                state.bytes -= before.len();
            }
            state.turns.push_back((key, turn, now_ms));
        }
        state.forget(now_ms);
    }

    /// The notes of these ids, in their order.
    pub fn find<'a>(
        &self,
        client: &str,
        plugin: &str,
        ids: impl Iterator<Item = std::borrow::Cow<'a, str>>,
        now_ms: i64,
    ) -> Vec<Note> {
        let mut state = self.0.lock();
        state.forget(now_ms);
        if state.notes.is_empty() {
            return Vec::new();
        }
        ids.filter_map(|id| {
            let key = Key {
                client: client.to_owned(),
                plugin: plugin.to_owned(),
                id: id.into_owned(),
            };
            let (data, _) = state.notes.get(&key)?;
            Some(Note {
                data: data.clone(),
                id: key.id,
            })
        })
        .collect()
    }
}

impl State {
    fn forget(&mut self, now_ms: i64) {
        while let Some((_, _, at_ms)) = self.turns.front() {
            let old = *at_ms <= now_ms - KEPT_MS;
            if !old && self.notes.len() <= MOST && self.bytes <= MOST_BYTES {
                return;
            }
            let Some((key, turn, _)) = self.turns.pop_front() else {
                return;
            };
            if self.notes.get(&key).is_some_and(|(_, last)| *last == turn)
                && let Some((data, _)) = self.notes.remove(&key)
            {
                self.bytes -= data.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: &str, data: &str) -> Note {
        Note {
            id: id.into(),
            data: data.into(),
        }
    }

    fn find(
        notes: &Notes,
        client: &str,
        plugin: &str,
        id: &'static str,
        now_ms: i64,
    ) -> Option<String> {
        let found = notes.find(client, plugin, [id.into()].into_iter(), now_ms);
        found
            .first()
            .map(|note| String::from_utf8(note.data.clone()).unwrap())
    }

    #[test]
    fn a_note_is_for_its_client_and_plugin_alone() {
        let notes = Notes::default();
        notes.keep("c", "p", vec![note("1", "a")], 0);
        assert_eq!(find(&notes, "c", "p", "1", 1).as_deref(), Some("a"));
        assert_eq!(find(&notes, "d", "p", "1", 1), None);
        assert_eq!(find(&notes, "c", "q", "1", 1), None);
        assert_eq!(find(&notes, "c", "p", "2", 1), None);
    }

    #[test]
    fn notes_grow_old_and_a_rewritten_one_young_again() {
        let notes = Notes::default();
        notes.keep("c", "p", vec![note("1", "a")], 0);
        notes.keep("c", "p", vec![note("1", "b")], 1_000);
        assert_eq!(find(&notes, "c", "p", "1", KEPT_MS).as_deref(), Some("b"));
        assert_eq!(find(&notes, "c", "p", "1", KEPT_MS + 1_000), None);
        assert_eq!(notes.0.lock().bytes, 0);
    }

    #[test]
    fn there_are_never_too_many_nor_too_large_ones() {
        let notes = Notes::default();
        let large = "x".repeat(LONGEST + 1);
        notes.keep("c", "p", vec![note("1", &large)], 0);
        assert_eq!(find(&notes, "c", "p", "1", 0), None);
        let many = (0..MOST + 10).map(|n| note(&n.to_string(), "x")).collect();
        notes.keep("c", "p", many, 0);
        let state = notes.0.lock();
        assert_eq!((state.notes.len(), state.bytes), (MOST, MOST));
    }
}
