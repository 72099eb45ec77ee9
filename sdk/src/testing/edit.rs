//! Edits carried out on a body, as `wit/provider.wit` tells them; the server has its own, faster way.

use serde_json::{Map, Value as Json};

use crate::{Edit, Replacement};

/// Carries the edits out in order.
///
/// # Panics
/// At an edit whose value is no JSON, and at a named edit, of which none is known.
#[track_caller]
pub fn carry_out(edits: &[Edit], body: &mut Json) {
    for edit in edits {
        one(edit, body);
    }
}

#[track_caller]
fn one(edit: &Edit, body: &mut Json) {
    match edit {
        Edit::Set(to) => put(body, &to.at, &json(&to.value), true),
        Edit::Fill(to) => put(body, &to.at, &json(&to.value), false),
        Edit::Replace(change) => replace(body, change),
        Edit::Remove(at) => members(body, at, &mut |parent, name| {
            take(parent, name);
        }),
        Edit::Rename(to) => members(body, &to.at, &mut |parent, name| {
            if let (Some(value), Json::Object(parent)) = (take(parent, name), parent) {
                parent.insert(to.name.clone(), value);
            }
        }),
        Edit::Retain(keep) => places(body, &keep.at, &mut |value| {
            if let Json::Object(object) = value {
                object.retain(|name, _| keep.names.contains(name));
            }
        }),
        Edit::RemoveDeep(gone) => places(body, &gone.at, &mut |value| {
            remove_deep(value, &gone.names);
        }),
        Edit::JoinText(at) => {
            put(body, at, &Json::from(""), false);
            places(body, at, &mut join_text);
        }
        Edit::Clamp(bounds) => places(body, &bounds.at, &mut |value| {
            if let Some(number) = value.as_f64() {
                if bounds.low.is_some_and(|low| number < low) {
                    *value = bounds.low.map_or(Json::Null, shortest);
                } else if bounds.high.is_some_and(|high| number > high) {
                    *value = bounds.high.map_or(Json::Null, shortest);
                }
            }
        }),
        Edit::CutList(cut) => places(body, &cut.at, &mut |value| {
            if let Json::Array(list) = value {
                list.truncate(cut.most as usize);
            }
        }),
        Edit::AsList(at) => places(body, at, &mut |value| {
            if !value.is_array() {
                *value = Json::Array(vec![value.take()]);
            }
        }),
        Edit::MapIds(map) => {
            for at in &map.at {
                places(body, at, &mut |value| {
                    if let Some(id) = value.as_str() {
                        *value = Json::from(mapped(id, map.length as usize));
                    }
                });
            }
        }
        Edit::Named(named) => panic!("the server knows no edit `{}`", named.name),
    }
}

/// Every value at the place.
fn places(value: &mut Json, at: &str, act: &mut dyn FnMut(&mut Json)) {
    if at.is_empty() {
        act(value);
        return;
    }
    members(value, at, &mut |parent, name| {
        if let Some(value) = child(parent, name) {
            act(value);
        }
    });
}

/// Every parent that the place has, with the last segment; a `*` at the end is told as the names it stands for.
fn members(value: &mut Json, at: &str, act: &mut dyn FnMut(&mut Json, &str)) {
    let Some(rest) = at.strip_prefix('/') else {
        return;
    };
    let (segment, rest) = match rest.find('/') {
        Some(end) => (&rest[..end], &rest[end..]),
        None => (rest, ""),
    };
    let names = if segment == "*" {
        match value {
            Json::Object(object) => object.keys().cloned().collect(),
            // From the end, so that taking one away does not move the next.
            Json::Array(list) => (0..list.len()).rev().map(|i| i.to_string()).collect(),
            _ => Vec::new(),
        }
    } else {
        vec![segment.replace("~1", "/").replace("~0", "~")]
    };
    for name in names {
        if rest.is_empty() {
            act(value, &name);
        } else if let Some(child) = child(value, &name) {
            members(child, rest, act);
        }
    }
}

fn child<'a>(parent: &'a mut Json, name: &str) -> Option<&'a mut Json> {
    match parent {
        Json::Object(object) => object.get_mut(name),
        Json::Array(list) => list.get_mut(name.parse::<usize>().ok()?),
        _ => None,
    }
}

fn take(parent: &mut Json, name: &str) -> Option<Json> {
    match parent {
        Json::Object(object) => object.shift_remove(name),
        Json::Array(list) => {
            let index = name.parse::<usize>().ok()?;
            (index < list.len()).then(|| list.remove(index))
        }
        _ => None,
    }
}

fn put(body: &mut Json, at: &str, new: &Json, over: bool) {
    if at.is_empty() {
        *body = new.clone();
        return;
    }
    members(body, at, &mut |parent, name| {
        if over || child(parent, name).is_none() {
            insert(parent, name, new);
        }
    });
}

fn insert(parent: &mut Json, name: &str, new: &Json) {
    match parent {
        Json::Object(object) => {
            object.insert(name.to_owned(), new.clone());
        }
        Json::Array(list) if name == "-" => list.push(new.clone()),
        Json::Array(_) => {
            if let Some(value) = child(parent, name) {
                *value = new.clone();
            }
        }
        _ => {}
    }
}

fn replace(body: &mut Json, change: &Replacement) {
    let was = json(&change.was);
    let becomes = change.becomes.as_deref().map(json);
    members(body, &change.at, &mut |parent, name| {
        if child(parent, name).is_some_and(|value| *value == was) {
            match &becomes {
                Some(new) => insert(parent, name, new),
                None => drop(take(parent, name)),
            }
        }
    });
}

fn remove_deep(value: &mut Json, names: &[String]) {
    match value {
        Json::Object(object) => {
            object.retain(|name, _| !names.contains(name));
            object
                .values_mut()
                .for_each(|value| remove_deep(value, names));
        }
        Json::Array(list) => list.iter_mut().for_each(|value| remove_deep(value, names)),
        _ => {}
    }
}

fn join_text(value: &mut Json) {
    let text = |part: &Map<String, Json>| match part.get("type").and_then(Json::as_str) {
        Some("text") => part.get("text").and_then(Json::as_str).map(str::to_owned),
        _ => None,
    };
    let joined = match value {
        Json::Null => Some(String::new()),
        Json::Array(list) => list
            .iter()
            .map(|part| part.as_object().and_then(text))
            .collect::<Option<Vec<_>>>()
            .map(|texts| texts.join("\n")),
        _ => None,
    };
    if let Some(joined) = joined {
        *value = Json::from(joined);
    }
}

/// A stable name of `length` letters and digits for any other.
fn mapped(id: &str, length: usize) -> String {
    if id.len() == length && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return id.to_owned();
    }
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let fnv = |seed: u64| {
        id.bytes().fold(seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    (0..length as u64)
        .map(|place| fnv(0xcbf2_9ce4_8422_2325 ^ (place << 32)) >> 8)
        .map(|hash| char::from(LETTERS[(hash % 36) as usize]))
        .collect()
}

/// `1` and not `1.0` where that is the same.
fn shortest(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Json::from(number as i64)
    } else {
        Json::from(number)
    }
}

#[track_caller]
fn json(bytes: &[u8]) -> Json {
    match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => panic!("an edit's value is no JSON: {error}"),
    }
}

#[cfg(test)]
mod tests;
