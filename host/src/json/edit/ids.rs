//! Bringing identifiers to the form that an upstream demands.
//!
//! The new form is a hash of the old one, so that a conversation's ids come out the same in every turn. A
//! collision inside one request moves the later id on to its next hash.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::super::{Pointer, Value};
use super::{Budget, EditError, each};

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Hashes tried for one id before the length is called too short. With room for a million ids and a thousand taken,
/// even the second is hardly ever needed.
const TRIES: u32 = 1000;

/// Ids longer than this are asked for by no upstream.
const LONGEST: usize = 256;

pub(super) fn map(
    body: &mut Value<'_>,
    at: &[Pointer],
    length: usize,
    budget: &mut Budget,
) -> Result<(), EditError> {
    if length == 0 || length > LONGEST {
        return Err(EditError::BadLength(length));
    }
    // First all ids, in the order of the pointers: those that are right already must be known before any new one is made.
    let mut taken = HashSet::new();
    let mut wrong: Vec<String> = Vec::new();
    for pointer in at {
        each(body, pointer.segments(), budget, &mut |value, budget| {
            if let Some(id) = value.as_str() {
                budget.look(id.len())?;
                if fits(&id, length) {
                    taken.insert(id.into_owned());
                } else {
                    wrong.push(id.into_owned());
                }
            }
            Ok(())
        })?;
    }
    let mut made: HashMap<String, String> = HashMap::with_capacity(wrong.len());
    for id in wrong {
        if made.contains_key(&id) {
            continue;
        }
        let new = (0..TRIES)
            .map(|attempt| hash(&id, attempt, length))
            .find(|new| !taken.contains(new))
            .ok_or(EditError::BadLength(length))?;
        budget.look(id.len() + length)?;
        taken.insert(new.clone());
        made.insert(id, new);
    }
    for pointer in at {
        each(body, pointer.segments(), budget, &mut |value, budget| {
            let new = value.as_str().and_then(|id| made.get(&*id));
            if let Some(new) = new {
                budget.write(length)?;
                *value = Value::from(new.clone());
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn fits(id: &str, length: usize) -> bool {
    id.len() == length && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn hash(id: &str, attempt: u32, length: usize) -> String {
    let mut new = String::with_capacity(length);
    for block in 0_u32.. {
        let mut hasher = Sha256::new();
        hasher.update(attempt.to_be_bytes());
        hasher.update(block.to_be_bytes());
        hasher.update(id.as_bytes());
        for byte in hasher.finalize() {
            if new.len() == length {
                return new;
            }
            new.push(LETTERS[usize::from(byte) % LETTERS.len()] as char);
        }
    }
    new
}
