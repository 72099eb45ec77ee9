//! Lines of a `.env`, leniently: what people paste is seldom clean.

use zeroize::Zeroizing;

/// A line that holds something.
pub(super) struct Line {
    /// From 1.
    pub(super) number: usize,
    /// The variable; empty for a bare value.
    pub(super) name: String,
    pub(super) value: Zeroizing<String>,
}

/// What a value of this many characters shows of itself.
const LONG: usize = 20;

/// All lines but blank ones and comments.
pub(super) fn read(text: &str) -> Vec<Line> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines()
        .enumerate()
        .filter_map(|(at, line)| {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                return None;
            }
            let line = line.strip_prefix("export ").unwrap_or(line).trim();
            let (name, value) = split(line);
            let value = value.trim().trim_end_matches([',', ';']);
            let value = unquoted(value.trim());
            (!value.is_empty()).then(|| Line {
                number: at + 1,
                name: name.to_owned(),
                value: Zeroizing::new(value.to_owned()),
            })
        })
        .collect()
}

/// `NAME=value`; a value alone may end in `=`.
fn split(line: &str) -> (&str, &str) {
    let Some((name, value)) = line.split_once('=') else {
        return ("", line);
    };
    let name = name.trim();
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let padding = !value.is_empty() && value.bytes().all(|byte| byte == b'=');
    if is_name && !padding && !(value.is_empty() && name.len() >= LONG) {
        (name, value)
    } else {
        ("", line)
    }
}

/// Without quotes; after them, or after a blank and `#`, comes a comment.
fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote)
            && let Some((inner, _)) = rest.split_once(quote)
        {
            return inner.trim();
        }
    }
    match value.find(" #") {
        Some(at) => value[..at].trim_end(),
        None => value,
    }
}

impl Line {
    /// A few letters of the value, by which its owner knows it.
    pub(super) fn masked(&self) -> String {
        let letters: Vec<char> = self.value.chars().collect();
        match letters.as_slice() {
            [a, b, c, d, rest @ .., y, z] if rest.len() + 6 >= LONG => {
                [*a, *b, *c, *d, '…', *y, *z].iter().collect()
            }
            _ => "…".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_as_people_write_them() {
        for (text, name, value) in [
            ("A=b", "A", "b"),
            (" export A = \"b c\" # d", "A", "b c"),
            ("A='b#c'", "A", "b#c"),
            ("A=b # c", "A", "b"),
            ("A=b#c", "A", "b#c"),
            ("A=\"b\",", "A", "b"),
            ("A=b=c==", "A", "b=c=="),
            ("gsk_abc", "", "gsk_abc"),
            ("YWJj==", "", "YWJj=="),
            ("YWJjZGVmZ2hpamtsbW5vcA=", "", "YWJjZGVmZ2hpamtsbW5vcA="),
            ("sk-or/1=2", "", "sk-or/1=2"),
            ("\u{feff}A=b", "A", "b"),
        ] {
            let lines = read(text);
            assert_eq!(lines.len(), 1, "{text}");
            assert_eq!(
                (&*lines[0].name, &**lines[0].value),
                (name, value),
                "{text}"
            );
        }
        for nothing in ["", "  ", "# A=b", "A=", "A=\"\"", "export A="] {
            assert!(read(nothing).is_empty(), "{nothing}");
        }
        let numbers: Vec<usize> = read("a\n\n#\nb\r\nc").iter().map(|it| it.number).collect();
        assert_eq!(numbers, [1, 4, 5]);
    }

    #[test]
    fn a_mask_shows_little_and_of_short_values_nothing() {
        let mask = |text: &str| read(text)[0].masked();
        assert_eq!(mask("gsk_0123456789abcdef"), "gsk_…ef");
        assert_eq!(mask("gsk_0123456789abcde"), "…");
        assert_eq!(mask("ü"), "…");
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s).{0,200}") {
            for line in read(&text) {
                prop_assert!(!line.value.is_empty());
                prop_assert!(line.number >= 1);
                let _ = line.masked();
            }
        }
    }
}
