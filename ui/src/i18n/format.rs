//! Fluent's placeables: `{ $name }`, and the choice `{ $n -> [one] a key *[other] { $n } keys }` on one line.

/// The text with its placeables filled. What names no value stays as it is. `category` tells a number's plural category.
pub(super) fn fill(
    text: &str,
    values: &[(&str, &str)],
    category: &dyn Fn(&str) -> String,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(length) = closing(rest) else {
            break;
        };
        let whole = &rest[..=length];
        let inner = whole.trim_matches(['{', '}']).trim();
        rest = &rest[length + 1..];
        let (name, choice) = match whole[1..whole.len() - 1].split_once("->") {
            Some((name, choice)) => (name.trim(), Some(choice)),
            None => (inner, None),
        };
        let value = name
            .strip_prefix('$')
            .and_then(|name| values.iter().find(|(known, _)| *known == name));
        match (value, choice) {
            (Some((_, value)), None) => out.push_str(value),
            (Some((_, value)), Some(choice)) => {
                let text = variant(choice, value, category);
                out.push_str(&fill(text, values, category));
            }
            (None, _) => out.push_str(whole),
        }
    }
    out.push_str(rest);
    out
}

/// Where the bracket that opens the text is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The variant for a value: by the value itself, by its category, or the default, whose name has a star.
fn variant<'a>(choice: &'a str, value: &str, category: &dyn Fn(&str) -> String) -> &'a str {
    let variants: Vec<(bool, &str, &str)> = choice
        .split('[')
        .zip(choice.split('[').skip(1))
        .filter_map(|(before, after)| {
            let (name, text) = after.split_once(']')?;
            let text = text.trim_end_matches('*').trim();
            Some((before.ends_with('*'), name.trim(), text))
        })
        .collect();
    let named = |wanted: &str| variants.iter().find(|(_, name, _)| *name == wanted);
    let default = variants.iter().find(|(star, _, _)| *star);
    named(value)
        .or_else(|| named(&category(value)))
        .or(default)
        .map_or("", |(_, _, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english(number: &str) -> String {
        if number == "1" { "one" } else { "other" }.to_owned()
    }

    #[test]
    fn values_and_choices_are_filled() {
        let keys = "{ $n -> [0] No key [one] One key *[other] { $n } keys } of { $who }.";
        for (text, n, filled) in [
            (keys, "0", "No key of Groq."),
            (keys, "1", "One key of Groq."),
            (keys, "12", "12 keys of Groq."),
            ("plain", "1", "plain"),
            ("{$n}{ $n }", "3", "33"),
            ("{ $else } stays", "1", "{ $else } stays"),
            ("open { $n", "1", "open { $n"),
            ("{ $n -> [one] a }", "5", ""),
        ] {
            let values = [("n", n), ("who", "Groq")];
            assert_eq!(fill(text, &values, &english), filled, "{text}");
        }
    }

    #[test]
    fn a_value_is_never_read_as_a_text() {
        let values = [("a", "{ $b }"), ("b", "secret")];
        assert_eq!(fill("{ $a }", &values, &english), "{ $b }");
    }
}
