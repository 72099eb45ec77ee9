//! What a client calls a model: `auto`, a model's id, or `provider/model`; upper and lower case are the same.

use std::sync::Arc;

use super::table::{Candidate, Table};
use crate::chat::request::AUTO;

/// The most names that are suggested.
const SUGGESTIONS: usize = 3;

/// No model has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What was asked for.
    pub name: String,
    /// Names that look like it, the nearest first.
    pub near: Vec<String>,
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "There is no model `{}`.", self.name)?;
        match self.near.as_slice() {
            [] => f.write_str(
                " `GET /v1/models` lists the models; `auto` takes the best one at hand.",
            ),
            near => write!(f, " Did you mean {}?", near.join(", ")),
        }
    }
}

impl std::error::Error for Unknown {}

impl Table {
    /// The candidates of a name, in the order in which they are tried.
    ///
    /// # Errors
    /// [`Unknown`].
    pub fn resolve(&self, name: &str) -> Result<Vec<Arc<Candidate>>, Unknown> {
        let lower = name.to_lowercase();
        if lower == AUTO {
            return Ok(self.all().to_vec());
        }
        match self.names.get(&lower) {
            Some(places) => Ok(places
                .iter()
                .map(|at| Arc::clone(&self.all()[*at]))
                .collect()),
            None => Err(Unknown {
                name: name.chars().take(200).collect(),
                near: near(&lower, self.names.keys()),
            }),
        }
    }
}

fn near<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Vec<String> {
    let name: String = name.chars().take(100).collect();
    let last = name.rsplit('/').next().unwrap_or(&name);
    let mut scored: Vec<(usize, usize, &String)> = known
        .filter_map(|one| {
            let tail = one.rsplit('/').next().unwrap_or(one);
            let holds = !last.is_empty() && (tail.contains(last) || last.contains(tail));
            let distance = distance(&name, one).min(distance(last, tail));
            let close = distance <= last.chars().count().div_ceil(3);
            (holds || close).then_some((distance, one.len(), one))
        })
        .collect();
    scored.sort();
    scored
        .into_iter()
        .take(SUGGESTIONS)
        .map(|(.., one)| one.clone())
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
        ]
        .map(str::to_owned);
        let near = |name| near(name, known.iter());
        assert_eq!(near("llama-3.3-70b")[0], "llama-3.3-70b-versatile");
        assert_eq!(near("mistral-smal-latest"), ["mistral-small-latest"]);
        assert!(near("gpt-4o").is_empty());
        assert!(near("").is_empty());
    }
}
