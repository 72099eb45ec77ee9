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

/// How many notes, and bytes of them, one exchange may leave: a plugin that writes more crowds out others' notes.
const MOST_AT_ONCE: usize = 256;
const MOST_BYTES_AT_ONCE: usize = 1 << 20;

/// How often facts about one key are written down, milliseconds: each time all keys are read anew.
const LEARNT_EVERY_MS: i64 = 60 * 1000;

/// Who wrote a note for whom: one client key's conversations are not another's, nor one plugin's another's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    client: String,
    plugin: String,
    id: String,
}

/// The notes of a server.
#[derive(Debug, Default)]
pub struct Notes {
    state: Mutex<State>,
    /// When facts about a key were last written down.
    learnt: Mutex<BTreeMap<String, i64>>,
}

/// The notes of one exchange until they are kept, no more than an exchange may leave.
#[derive(Debug, Default)]
pub struct Gathered {
    notes: Vec<Note>,
    /// All that there were, those taken meanwhile included.
    count: usize,
    bytes: usize,
}

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
        let mut state = self.state.lock();
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
        let mut state = self.state.lock();
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

    /// Whether facts about this key may be written down now; counts it as done.
    pub fn may_learn(&self, key_id: &str, now_ms: i64) -> bool {
        let mut learnt = self.learnt.lock();
        learnt.retain(|_, at_ms| *at_ms > now_ms - LEARNT_EVERY_MS);
        if learnt.contains_key(key_id) {
            return false;
        }
        learnt.insert(key_id.to_owned(), now_ms);
        true
    }
}

impl Gathered {
    /// Adds notes; those beyond the exchange's share are dropped.
    pub fn add(&mut self, notes: Vec<Note>) {
        for note in notes {
            let bytes = note.id.len() + note.data.len();
            if self.count >= MOST_AT_ONCE || self.bytes + bytes > MOST_BYTES_AT_ONCE {
                return;
            }
            self.count += 1;
            self.bytes += bytes;
            self.notes.push(note);
        }
    }

    /// Those that were added since this was last asked.
    pub fn take(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }
}

impl State {
    fn forget(&mut self, now_ms: i64) {
        // One note that is written anew over and over would leave a turn each time.
        if self.turns.len() > 2 * MOST {
            let notes = &self.notes;
            self.turns
                .retain(|(key, turn, _)| notes.get(key).is_some_and(|(_, last)| last == turn));
        }
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
        assert_eq!(notes.state.lock().bytes, 0);
    }

    #[test]
    fn there_are_never_too_many_nor_too_large_ones() {
        let notes = Notes::default();
        let large = "x".repeat(LONGEST + 1);
        notes.keep("c", "p", vec![note("1", &large)], 0);
        assert_eq!(find(&notes, "c", "p", "1", 0), None);
        let many = (0..MOST + 10).map(|n| note(&n.to_string(), "x")).collect();
        notes.keep("c", "p", many, 0);
        let state = notes.state.lock();
        assert_eq!((state.notes.len(), state.bytes), (MOST, MOST));
    }

    #[test]
    fn a_note_written_over_and_over_crowds_out_nothing() {
        let notes = Notes::default();
        notes.keep("c", "p", vec![note("1", "a")], 0);
        for _ in 0..3 * MOST {
            notes.keep("c", "p", vec![note("2", "b")], 0);
        }
        assert_eq!(find(&notes, "c", "p", "1", 1).as_deref(), Some("a"));
        assert_eq!(find(&notes, "c", "p", "2", 1).as_deref(), Some("b"));
        assert!(notes.state.lock().turns.len() <= 2 * MOST);
    }

    #[test]
    fn one_exchange_leaves_only_so_many() {
        let mut gathered = Gathered::default();
        let some = |count: usize, data: &str| -> Vec<Note> {
            (0..count).map(|n| note(&n.to_string(), data)).collect()
        };
        gathered.add(some(200, "x"));
        assert_eq!(gathered.take().len(), 200);
        gathered.add(some(200, "x"));
        assert_eq!(gathered.take().len(), MOST_AT_ONCE - 200);
        let mut gathered = Gathered::default();
        gathered.add(some(200, &"x".repeat(LONGEST)));
        assert_eq!(gathered.take().len(), MOST_BYTES_AT_ONCE / LONGEST - 1);
    }

    #[test]
    fn a_key_is_learnt_about_once_a_minute() {
        let notes = Notes::default();
        assert!(notes.may_learn("key-1", 0));
        assert!(notes.may_learn("key-2", 0));
        assert!(!notes.may_learn("key-1", LEARNT_EVERY_MS - 1));
        assert!(notes.may_learn("key-1", LEARNT_EVERY_MS));
        assert_eq!(notes.learnt.lock().len(), 1);
    }
}
