//! Names that look like one that is none.

/// The most names that are suggested.
const SUGGESTIONS: usize = 3;

/// What is known and looks like `name`, the nearest first.
pub(super) fn near(name: &str, known: impl Iterator<Item = String>) -> Vec<String> {
    let name: String = name.chars().take(100).collect();
    let last = name.rsplit('/').next().unwrap_or(&name);
    let mut scored: Vec<(usize, usize, String)> = known
        .filter_map(|one| {
            let tail = one.rsplit('/').next().unwrap_or(&one);
            // Very short names are part of too many others.
            let holds = last.len() > 2
                && tail.len() > 2
                && (tail.contains(last) || last.contains(tail) && tail != "auto");
            let distance = distance(&name, &one).min(distance(last, tail));
            let close = distance <= last.chars().count().div_ceil(3);
            (!last.is_empty() && (holds || close)).then_some((distance, one.len(), one))
        })
        .collect();
    scored.sort();
    scored
        .into_iter()
        .take(SUGGESTIONS)
        .map(|(.., one)| one)
        .collect()
}

/// Letters to put in, take out or exchange (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = line + 1;
        for (column, against) in other.iter().enumerate() {
            let exchanged = corner + usize::from(letter != *against);
            corner = row[column + 1];
            row[column + 1] = exchanged.min(row[column] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (one, other, far) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
        ] {
            assert_eq!(distance(one, other), far, "{one} {other}");
            assert_eq!(distance(other, one), far, "{other} {one}");
        }
    }

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let known = [
            "groq/llama-3.3-70b-versatile",
            "llama-3.3-70b-versatile",
            "mistral-small-latest",
            "auto:fast",
        ]
        .map(str::to_owned);
        let near = |name| near(name, known.iter().cloned());
        assert_eq!(near("llama-3.3-70b")[0], "llama-3.3-70b-versatile");
        assert_eq!(near("mistral-smal-latest"), ["mistral-small-latest"]);
        assert_eq!(near("auto:fats"), ["auto:fast"]);
        assert!(near("gpt-4o").is_empty());
        assert!(near("").is_empty());
    }
}
