//! Where two JSON values differ, for people.

use serde_json::Value as Json;

/// How many differences are told of one file.
const MOST: usize = 20;

/// How much of a value is shown, characters.
const SHOWN: usize = 200;

/// One line for each place that differs; none if nothing does. Objects are compared without regard to order.
#[must_use]
pub fn differences(expected: &Json, seen: &Json) -> Vec<String> {
    let mut lines = Vec::new();
    walk("", expected, seen, &mut lines);
    if lines.len() > MOST {
        let more = lines.len() - MOST;
        lines.truncate(MOST);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn walk(at: &str, expected: &Json, seen: &Json, lines: &mut Vec<String>) {
    match (expected, seen) {
        (Json::Object(expected), Json::Object(seen)) => {
            for (name, value) in expected {
                let at = below(at, name);
                match seen.get(name) {
                    Some(other) => walk(&at, value, other, lines),
                    None => lines.push(format!("{at}: missing; expected {}", shown(value))),
                }
            }
            for (name, value) in seen {
                if !expected.contains_key(name) {
                    let at = below(at, name);
                    lines.push(format!("{at}: not expected; it is {}", shown(value)));
                }
            }
        }
        (Json::Array(expected), Json::Array(seen)) => {
            for (n, value) in expected.iter().enumerate() {
                let at = format!("{at}/{n}");
                match seen.get(n) {
                    Some(other) => walk(&at, value, other, lines),
                    None => lines.push(format!("{at}: missing; expected {}", shown(value))),
                }
            }
            for (n, value) in seen.iter().enumerate().skip(expected.len()) {
                lines.push(format!("{at}/{n}: not expected; it is {}", shown(value)));
            }
        }
        _ if same(expected, seen) => {}
        _ => {
            let at = if at.is_empty() { "the whole" } else { at };
            lines.push(format!(
                "{at}: expected {}, it is {}",
                shown(expected),
                shown(seen)
            ));
        }
    }
}

/// `1` and `1.0` are one number.
fn same(expected: &Json, seen: &Json) -> bool {
    expected == seen
        || matches!((expected, seen), (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64())
}

fn below(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn shown(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_difference_has_its_place() {
        let expected = json!({ "a": 1, "b": [1, 2], "c": { "d/e": null }, "f": "x" });
        let seen = json!({ "a": 1.0, "b": [1, 3, 4], "c": { "d/e": 0 }, "g": true });
        assert_eq!(
            differences(&expected, &seen),
            [
                "/b/1: expected 2, it is 3",
                "/b/2: not expected; it is 4",
                "/c/d~1e: expected null, it is 0",
                "/f: missing; expected \"x\"",
                "/g: not expected; it is true",
            ]
        );
        assert!(differences(&expected, &expected).is_empty());
        assert_eq!(
            differences(&json!("ä"), &json!([])),
            ["the whole: expected \"ä\", it is []"]
        );
    }

    #[test]
    fn what_is_long_is_cut() {
        let many = Json::Array(vec![json!("x".repeat(SHOWN + 9)); MOST + 3]);
        let lines = differences(&json!([]), &many);
        assert_eq!(lines.len(), MOST + 1);
        assert_eq!(lines[MOST], "and 3 more");
        assert!(lines[0].len() < SHOWN + 60, "{}", lines[0]);
    }
}
