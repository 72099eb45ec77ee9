//! Changes to a body that a plugin asks for without having seen it: the `edit` of `wit/provider.wit`.
//!
//! A place that is not there is skipped. Text inside strings is never looked into. What edits may cost is
//! bounded, since they come from a guest: see `Budget`.

mod ids;
mod place;

#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;

use super::{MAX_DEPTH, Number, Object, Pointer, Text, Value};
use place::{Step, each, each_at};

/// Values that one list of edits may write, bytes of compact JSON. `*` multiplies a value; the body limit is
/// 32 MiB, so no honest edit comes near.
pub const MAX_WRITTEN: usize = 64 << 20;

/// Values that one list of edits may look at: some hundred passes over the largest body of a coding agent, well
/// under a second.
pub const MAX_STEPS: usize = 20_000_000;

/// One change. Values are owned: they come out of a guest's memory, which is gone when they are used.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Put a value, whether or not one is there.
    Set {
        /// The last segment may be new to an object, or `-` to append to an array.
        at: Pointer,
        /// What to put.
        value: Value<'static>,
    },
    /// Put a value if none is there; a `null` counts as one.
    Fill {
        /// As in `Set`.
        at: Pointer,
        /// What to put.
        value: Value<'static>,
    },
    /// Exchange one exact value for another.
    Replace {
        /// Where.
        at: Pointer,
        /// Compared by JSON equality.
        was: Value<'static>,
        /// `None` takes it away.
        becomes: Option<Value<'static>>,
    },
    /// Take the value away. The whole body cannot be.
    Remove(Pointer),
    /// Give the member another name in the same object; one already there is overwritten.
    Rename {
        /// The member.
        at: Pointer,
        /// Its new name.
        name: String,
    },
    /// Take away all members of the object but these.
    Retain {
        /// The object.
        at: Pointer,
        /// What stays.
        names: Vec<String>,
    },
    /// Take away these members at any depth at or below the place.
    RemoveDeep {
        /// Where to begin.
        at: Pointer,
        /// What goes.
        names: Vec<String>,
    },
    /// A list of text parts, a null or a missing value becomes one string.
    JoinText(Pointer),
    /// Bring a number between bounds.
    Clamp {
        /// The number.
        at: Pointer,
        /// The least it may be.
        low: Option<f64>,
        /// The most it may be.
        high: Option<f64>,
    },
    /// Cut a list to a length.
    CutList {
        /// The list.
        at: Pointer,
        /// How many elements stay.
        most: usize,
    },
    /// A value that is no list becomes a list of that one value.
    AsList(Pointer),
    /// Bring identifiers to `length` letters and digits, the same everywhere.
    MapIds {
        /// All places of identifiers that belong together.
        at: Vec<Pointer>,
        /// 1 to 256.
        length: usize,
    },
    /// An edit of a later version; always refused.
    Named {
        /// Its name.
        name: String,
        /// Its value.
        value: Value<'static>,
    },
}

/// Why edits could not be done. The body is then half edited: throw it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// An edit of this name is not known.
    Unknown(String),
    /// The body would nest more deeply than [`MAX_DEPTH`] levels below a pointer's end.
    TooDeep,
    /// More than [`MAX_WRITTEN`] bytes of values, or [`MAX_STEPS`] of work.
    TooMuch,
    /// `map-ids` with a length outside 1 to 256, or too short for so many identifiers.
    BadLength(usize),
}

/// What is left of the two bounds.
#[derive(Clone, Copy, Debug)]
struct Budget {
    steps: usize,
    bytes: usize,
}

/// Does the edits in order.
///
/// # Errors
/// See [`EditError`].
pub fn apply(body: &mut Value<'_>, edits: &[Edit]) -> Result<(), EditError> {
    let mut budget = Budget {
        steps: MAX_STEPS,
        bytes: MAX_WRITTEN,
    };
    edits
        .iter()
        .try_for_each(|edit| edit.apply(body, &mut budget))
}

impl Edit {
    fn apply(&self, body: &mut Value<'_>, budget: &mut Budget) -> Result<(), EditError> {
        match self {
            Edit::Set { at, value } => put(body, at, value, true, budget),
            Edit::Fill { at, value } => put(body, at, value, false, budget),
            Edit::Replace {
                at,
                was,
                becomes: Some(becomes),
            } => replace(body, at, was, becomes, budget),
            Edit::Replace {
                at,
                was,
                becomes: None,
            } => remove(body, at, Some(was), budget),
            Edit::Remove(at) => remove(body, at, None, budget),
            Edit::Rename { at, name } => rename(body, at, name, budget),
            Edit::Retain { at, names } => {
                each(body, at.segments(), budget, &mut |value, budget| {
                    if let Value::Object(object) = value {
                        budget.look(object.len().saturating_mul(names.len()))?;
                        object.retain(|key, _| names.iter().any(|name| name == key));
                    }
                    Ok(())
                })
            }
            Edit::RemoveDeep { at, names } => {
                each(body, at.segments(), budget, &mut |value, budget| {
                    remove_deep(value, names, budget)
                })
            }
            Edit::JoinText(at) => join_text(body, at, budget),
            Edit::Clamp { at, low, high } => each(body, at.segments(), budget, &mut |value, _| {
                clamp(value, *low, *high);
                Ok(())
            }),
            Edit::CutList { at, most } => each(body, at.segments(), budget, &mut |value, _| {
                if let Value::Array(list) = value {
                    list.truncate(*most);
                }
                Ok(())
            }),
            Edit::AsList(at) => each(body, at.segments(), budget, &mut |value, budget| {
                if !matches!(value, Value::Array(_)) {
                    budget.look(value.size())?;
                    deep_enough(at, value.depth() + 1)?;
                    *value = Value::Array(vec![std::mem::replace(value, Value::Null)]);
                }
                Ok(())
            }),
            Edit::MapIds { at, length } => ids::map(body, at, *length, budget),
            Edit::Named { name, .. } => Err(EditError::Unknown(name.clone())),
        }
    }
}

impl Budget {
    fn look(&mut self, steps: usize) -> Result<(), EditError> {
        self.steps = self.steps.checked_sub(steps).ok_or(EditError::TooMuch)?;
        Ok(())
    }

    fn write(&mut self, bytes: usize) -> Result<(), EditError> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(EditError::TooMuch)?;
        Ok(())
    }
}

/// A pointer of `n` segments puts its value at depth `n`. Bounding the sum keeps any number of edits from
/// building a tree that overflows the stack when it is written.
fn deep_enough(at: &Pointer, depth: usize) -> Result<(), EditError> {
    if at.segments().len() + depth > 2 * MAX_DEPTH {
        Err(EditError::TooDeep)
    } else {
        Ok(())
    }
}

fn put(
    body: &mut Value<'_>,
    at: &Pointer,
    new: &Value<'static>,
    over: bool,
    budget: &mut Budget,
) -> Result<(), EditError> {
    deep_enough(at, new.depth())?;
    let size = new.size();
    let Some((last, parents)) = at.segments().split_last() else {
        if over {
            budget.write(size)?;
            *body = new.clone();
        }
        return Ok(());
    };
    let mut step = |place: &mut Value<'_>, budget: &mut Budget| -> Result<(), EditError> {
        if let Value::Array(list) = place
            && last.is_append()
        {
            budget.write(size)?;
            list.push(new.clone());
            return Ok(());
        }
        if let (Value::Object(object), Some(name)) = (&mut *place, last.name())
            && !object.contains_key(name)
        {
            budget.write(size + name.len())?;
            object.insert(name.to_owned(), new.clone());
            return Ok(());
        }
        if !over {
            return Ok(());
        }
        each_at(place, last, budget, &mut |value, budget| {
            budget.write(size)?;
            *value = new.clone();
            Ok(())
        })
    };
    each(body, parents, budget, &mut step)
}

fn replace(
    body: &mut Value<'_>,
    at: &Pointer,
    was: &Value<'static>,
    becomes: &Value<'static>,
    budget: &mut Budget,
) -> Result<(), EditError> {
    deep_enough(at, becomes.depth())?;
    let (old, new) = (was.size(), becomes.size());
    each(body, at.segments(), budget, &mut |value, budget| {
        budget.look(old)?;
        if value == was {
            budget.write(new)?;
            *value = becomes.clone();
        }
        Ok(())
    })
}

/// Takes away what is at `at`, or only what equals `was`.
fn remove(
    body: &mut Value<'_>,
    at: &Pointer,
    was: Option<&Value<'static>>,
    budget: &mut Budget,
) -> Result<(), EditError> {
    let Some((last, parents)) = at.segments().split_last() else {
        return Ok(());
    };
    let cost = was.map_or(1, Value::size);
    each(body, parents, budget, &mut |place, budget| {
        let goes = |value: &Value<'_>| was.is_none_or(|was| value == was);
        match place {
            Value::Object(object) => {
                budget.look(object.len().saturating_mul(cost))?;
                match last.name() {
                    None => object.retain(|_, value| !goes(value)),
                    Some(name) => {
                        if object.get(name).is_some_and(goes) {
                            object.remove(name);
                        }
                    }
                }
            }
            Value::Array(list) => {
                budget.look(list.len().saturating_mul(cost))?;
                match last.index() {
                    None if last.is_every() => list.retain(|value| !goes(value)),
                    Some(index) if list.get(index).is_some_and(goes) => drop(list.remove(index)),
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    })
}

fn rename(
    body: &mut Value<'_>,
    at: &Pointer,
    name: &str,
    budget: &mut Budget,
) -> Result<(), EditError> {
    let Some((last, parents)) = at.segments().split_last() else {
        return Ok(());
    };
    each(body, parents, budget, &mut |place, budget| {
        let Value::Object(object) = place else {
            return Ok(());
        };
        budget.look(object.len())?;
        budget.write(name.len())?;
        match last.name() {
            Some(from) => {
                object.rename(from, name.to_owned());
            }
            // Every member gets the one name, each overwriting the one before: the last is left.
            None => {
                if let Some((_, value)) = std::mem::take(object).into_iter().last() {
                    object.insert(name.to_owned(), value);
                }
            }
        }
        Ok(())
    })
}

fn remove_deep(
    value: &mut Value<'_>,
    names: &[String],
    budget: &mut Budget,
) -> Result<(), EditError> {
    match value {
        Value::Object(object) => {
            budget.look(object.len().saturating_mul(names.len() + 1))?;
            object.retain(|key, _| !names.iter().any(|name| name == key));
            object
                .iter_mut()
                .try_for_each(|(_, value)| remove_deep(value, names, budget))
        }
        Value::Array(list) => {
            budget.look(list.len())?;
            list.iter_mut()
                .try_for_each(|value| remove_deep(value, names, budget))
        }
        _ => Ok(()),
    }
}

fn join_text(body: &mut Value<'_>, at: &Pointer, budget: &mut Budget) -> Result<(), EditError> {
    let join = &mut |value: &mut Value<'_>, budget: &mut Budget| {
        match value {
            Value::Null => *value = Value::from(""),
            Value::Array(list) => {
                budget.look(list.len())?;
                if let Some(texts) = list.iter().map(part_text).collect::<Option<Vec<_>>>() {
                    *value = Value::String(Text::join(texts.into_iter(), "\n"));
                }
            }
            _ => {}
        }
        Ok(())
    };
    let Some((last, parents)) = at.segments().split_last() else {
        return join(body, budget);
    };
    each(body, parents, budget, &mut |place, budget| {
        if let (Value::Object(object), Some(name)) = (&mut *place, last.name())
            && !object.contains_key(name)
        {
            budget.write(name.len())?;
            object.insert(name.to_owned(), Value::from(""));
            return Ok(());
        }
        each_at(place, last, budget, join)
    })
}

/// The text of a text part; `None` for any other part.
fn part_text<'v, 'a>(part: &'v Value<'a>) -> Option<&'v Text<'a>> {
    let part: &Object<'a> = part.as_object()?;
    let text = part.get("type")?.as_text()? == "text";
    text.then(|| part.get("text")?.as_text())?
}

fn clamp(value: &mut Value<'_>, low: Option<f64>, high: Option<f64>) {
    let Some(number) = value.as_f64() else { return };
    let mut clamped = number;
    if let Some(low) = low.filter(|low| clamped < *low) {
        clamped = low;
    }
    if let Some(high) = high.filter(|high| clamped > *high) {
        clamped = high;
    }
    // What is within the bounds keeps its spelling.
    if clamped != number
        && let Some(clamped) = Number::from_f64(clamped)
    {
        *value = Value::Number(clamped);
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditError::Unknown(name) => write!(f, "the edit `{name}` is not known to this version"),
            EditError::TooDeep => f.write_str("the edits nest the body too deeply"),
            EditError::TooMuch => f.write_str("the edits write or look at too much"),
            EditError::BadLength(length) => {
                write!(f, "identifiers of length {length} cannot be made")
            }
        }
    }
}

impl Error for EditError {}
