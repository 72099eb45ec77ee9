//! A call whose arguments come one by one: `{"jsonPath": "$.items[0].name", "stringValue": "ap"}`.

use serde_json::{Map, Value as Json};

use super::reply::PartialArg;

/// The longest list that pieces may make: an index is a number the upstream chose.
const LONGEST: usize = 10_000;

/// A step into a value.
enum Step {
    Member(String),
    Element(usize),
}

/// Puts a piece in its place. What is no place is left out.
pub(super) fn put(arguments: &mut Json, piece: PartialArg) {
    let Some(steps) = steps(&piece.json_path) else {
        return;
    };
    let mut place = arguments;
    for step in steps {
        let Some(next) = enter(place, step) else {
            return;
        };
        place = next;
    }
    let said = (piece.string_value, piece.number_value, piece.bool_value);
    match said {
        // The texts of one place follow one another.
        (Some(more), _, _) => match place {
            Json::String(text) => text.push_str(&more),
            place => *place = Json::String(more),
        },
        (_, Some(number), _) => *place = Json::Number(number),
        (_, _, Some(truth)) => *place = Json::Bool(truth),
        _ => *place = Json::Null,
    }
}

/// The value at the step, made where there was none.
fn enter(place: &mut Json, step: Step) -> Option<&mut Json> {
    match step {
        Step::Member(name) => {
            if !place.is_object() {
                *place = Json::Object(Map::new());
            }
            Some(place.as_object_mut()?.entry(name).or_insert(Json::Null))
        }
        Step::Element(index) => {
            if !place.is_array() {
                *place = Json::Array(Vec::new());
            }
            let list = place.as_array_mut()?;
            if index >= LONGEST {
                return None;
            }
            if list.len() <= index {
                list.resize(index + 1, Json::Null);
            }
            list.get_mut(index)
        }
    }
}

/// `$.a.b[0]['c d']`
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let quote = inside
                .chars()
                .next()
                .filter(|first| matches!(first, '\'' | '"'));
            if let Some(quote) = quote {
                let (name, after) = inside[1..].split_once(quote)?;
                steps.push(Step::Member(name.to_owned()));
                rest = after.strip_prefix(']')?;
            } else {
                let (index, after) = inside.split_once(']')?;
                steps.push(Step::Element(index.parse().ok()?));
                rest = after;
            }
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len());
            if end == 0 {
                return None;
            }
            steps.push(Step::Member(name[..end].to_owned()));
            rest = &name[end..];
        }
    }
    Some(steps)
}
