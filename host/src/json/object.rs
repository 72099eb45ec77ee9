//! An object that keeps its members in order.

use std::borrow::Cow;
use std::{slice, vec};

use super::Value;

/// Members in the order they came, each name once. Names are unescaped. Look-ups walk the list: objects of
/// bodies are small, and a walk over a few names beats hashing them.
#[derive(Clone, Debug, Default)]
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Object<'a> {
    /// `{}`.
    #[must_use]
    pub fn new() -> Self {
        Object::default()
    }

    /// Number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether it is `{}`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The member of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.members
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The member of this name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value<'a>> {
        self.members
            .iter_mut()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// Whether there is a member of this name, even a `null`.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Puts a member in the place of the one of this name, or at the end. Gives what was there.
    pub fn insert(&mut self, name: impl Into<Cow<'a, str>>, value: Value<'a>) -> Option<Value<'a>> {
        let name = name.into();
        match self.get_mut(&name) {
            Some(place) => Some(std::mem::replace(place, value)),
            None => {
                self.members.push((name, value));
                None
            }
        }
    }

    /// Takes the member of this name away; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Value<'a>> {
        let at = self.members.iter().position(|(key, _)| key == name)?;
        Some(self.members.remove(at).1)
    }

    /// Gives a member another name; it keeps its place, and one that had the new name goes away.
    /// False if there is no member `from`.
    pub fn rename(&mut self, from: &str, to: impl Into<Cow<'a, str>>) -> bool {
        let to = to.into();
        if !self.contains_key(from) {
            return false;
        }
        if from != to {
            self.remove(&to);
            if let Some((key, _)) = self.members.iter_mut().find(|(key, _)| key == from) {
                *key = to;
            }
        }
        true
    }

    /// Keeps the members for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value<'a>) -> bool) {
        self.members.retain_mut(|(key, value)| keep(key, value));
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value<'a>)> {
        self.members.iter().map(|(key, value)| (&**key, value))
    }

    /// The members in order, their values to change.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&str, &mut Value<'a>)> {
        self.members.iter_mut().map(|(key, value)| (&**key, value))
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Object<'static> {
        let members = self
            .members
            .into_iter()
            .map(|(key, value)| (Cow::Owned(key.into_owned()), value.into_owned()))
            .collect();
        Object { members }
    }

    /// Appends a member whose name the caller knows to be new: the parser has its own check.
    pub(super) fn push_new(&mut self, name: Cow<'a, str>, value: Value<'a>) {
        self.members.push((name, value));
    }

    pub(super) fn members(&self) -> slice::Iter<'_, (Cow<'a, str>, Value<'a>)> {
        self.members.iter()
    }

    pub(super) fn member_mut(&mut self, at: usize) -> Option<&mut Value<'a>> {
        self.members.get_mut(at).map(|(_, value)| value)
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = (Cow<'a, str>, Value<'a>);
    type IntoIter = vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<'a, K: Into<Cow<'a, str>>> FromIterator<(K, Value<'a>)> for Object<'a> {
    fn from_iter<T: IntoIterator<Item = (K, Value<'a>)>>(members: T) -> Self {
        let mut object = Object::new();
        for (name, value) in members {
            object.insert(name, value);
        }
        object
    }
}
