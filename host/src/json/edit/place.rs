//! Walking to every place that a pointer names.

use super::super::{Segment, Value};
use super::{Budget, EditError};

/// What is done at a place.
pub(super) type Act<'f> = dyn FnMut(&mut Value<'_>, &mut Budget) -> Result<(), EditError> + 'f;

/// What one segment says of one parent.
pub(super) trait Step {
    /// It stands for every element or member.
    fn is_every(&self) -> bool;
    /// It is `-`, the place behind an array's last element.
    fn is_append(&self) -> bool;
    /// The member's name; `None` for `*`.
    fn name(&self) -> Option<&str>;
    /// The element's index.
    fn index(&self) -> Option<usize>;
}

impl Step for Segment {
    fn is_every(&self) -> bool {
        matches!(self, Segment::Every)
    }

    fn is_append(&self) -> bool {
        self.name() == Some("-")
    }

    fn name(&self) -> Option<&str> {
        match self {
            Segment::Name { name, .. } => Some(name),
            Segment::Every => None,
        }
    }

    fn index(&self) -> Option<usize> {
        match self {
            Segment::Name { index, .. } => *index,
            Segment::Every => None,
        }
    }
}

/// Calls `act` with every place that is there, in order.
pub(super) fn each(
    value: &mut Value<'_>,
    segments: &[Segment],
    budget: &mut Budget,
    act: &mut Act<'_>,
) -> Result<(), EditError> {
    budget.look(1)?;
    match segments.split_first() {
        None => act(value, budget),
        Some((first, rest)) => each_at(value, first, budget, &mut |value, budget| {
            each(value, rest, budget, act)
        }),
    }
}

/// Calls `act` with every place one segment below `value`.
pub(super) fn each_at(
    value: &mut Value<'_>,
    segment: &Segment,
    budget: &mut Budget,
    act: &mut Act<'_>,
) -> Result<(), EditError> {
    match value {
        Value::Array(list) if segment.is_every() => {
            list.iter_mut().try_for_each(|value| act(value, budget))
        }
        Value::Object(object) if segment.is_every() => object
            .iter_mut()
            .try_for_each(|(_, value)| act(value, budget)),
        Value::Array(list) => match segment.index().and_then(|index| list.get_mut(index)) {
            Some(value) => act(value, budget),
            None => Ok(()),
        },
        Value::Object(object) => {
            budget.look(object.len())?;
            match segment.name().and_then(|name| object.get_mut(name)) {
                Some(value) => act(value, budget),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}
