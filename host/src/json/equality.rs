//! JSON equality: members in any order.

use super::{Object, Value};

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => a == b,
            (Value::Object(a), Value::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Object<'_>) -> bool {
        if self.len() != other.len() {
            return false;
        }
        if self.members().zip(other.members()).all(|(a, b)| a.0 == b.0) {
            return self.members().zip(other.members()).all(|(a, b)| a.1 == b.1);
        }
        // Sorting keeps a hostile object of a hundred thousand members from costing its square.
        let mut mine: Vec<_> = self.members().collect();
        let mut theirs: Vec<_> = other.members().collect();
        mine.sort_by(|a, b| a.0.cmp(&b.0));
        theirs.sort_by(|a, b| a.0.cmp(&b.0));
        mine.iter()
            .zip(&theirs)
            .all(|(a, b)| a.0 == b.0 && a.1 == b.1)
    }
}
