//! Cases held against a plugin.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value as Json;

use super::case::{Case, files};
use super::compare::differences;
use super::seen;
use super::stage::{Scene, Stage};

/// Up to how long a streamed body is cut at each of its bytes; a longer one is cut at random places.
const EVERY_CUT: usize = 256;

/// How many places that are.
const RANDOM_CUTS: usize = 24;

/// What became of one case.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Of the case.
    pub name: String,
    /// What is wrong, a line each; none: it passed.
    pub wrong: Vec<String>,
    /// Files that were written for it.
    pub written: Vec<String>,
    /// Its bytes are somebody's and cited.
    pub cited: bool,
}

/// What became of all cases of a plugin.
#[derive(Debug, Clone)]
pub struct Report {
    /// The plugin's id.
    pub plugin: String,
    /// In the order of their names.
    pub verdicts: Vec<Verdict>,
}

impl Report {
    /// How many passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        let passed = |one: &&Verdict| one.wrong.is_empty();
        self.verdicts.iter().filter(passed).count()
    }

    /// All did, and there was one.
    #[must_use]
    pub fn good(&self) -> bool {
        !self.verdicts.is_empty() && self.passed() == self.verdicts.len()
    }

    /// For people, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for verdict in &self.verdicts {
            let name = format!("{}/{}", self.plugin, verdict.name);
            if !verdict.written.is_empty() {
                lines.push(format!("  wrote  {name}: {}", verdict.written.join(", ")));
            }
            if verdict.wrong.is_empty() {
                lines.push(format!("  ok     {name}"));
            } else {
                lines.push(format!("  FAILED {name}"));
                lines.extend(verdict.wrong.iter().map(|line| format!("      {line}")));
            }
        }
        lines
    }
}

/// Runs the cases in `folder`; with `only`, those whose name holds it. With `bless`, what a case does not say yet is
/// written down.
///
/// # Errors
/// A folder that cannot be read.
pub async fn run(
    stage: &Stage,
    folder: &Path,
    only: Option<&str>,
    bless: bool,
) -> Result<Report, String> {
    let mut verdicts = Vec::new();
    for path in files(folder)?.into_iter().filter(|path| path.is_dir()) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if only.is_some_and(|part| !name.contains(part)) {
            continue;
        }
        let mut verdict = Verdict {
            name,
            wrong: Vec::new(),
            written: Vec::new(),
            cited: false,
        };
        if let Err(wrong) = hold(stage, &path, bless, &mut verdict).await {
            verdict.wrong.push(wrong);
        }
        verdicts.push(verdict);
    }
    Ok(Report {
        plugin: stage.manifest().id.clone(),
        verdicts,
    })
}

async fn hold(
    stage: &Stage,
    folder: &Path,
    bless: bool,
    verdict: &mut Verdict,
) -> Result<(), String> {
    let case = Case::read(folder)?;
    verdict.cited = case.source.is_some();
    let strikes = stage.strikes();
    let seen = look(stage, &case.scene).await?;
    if stage.strikes() > strikes {
        verdict
            .wrong
            .push("the plugin trapped, or ran over its time or memory".to_owned());
    }
    let mut expected = case.expected.clone();
    if bless {
        verdict.written = case.bless(&seen)?;
        for name in &verdict.written {
            if let Some(value) = seen.get(name) {
                expected.insert(name.clone(), value.clone());
            }
        }
    }
    verdict.wrong.extend(held(&expected, &seen));
    if verdict.wrong.is_empty() {
        verdict.wrong.extend(cut(stage, &case, &seen).await?);
    }
    Ok(())
}

async fn look(stage: &Stage, scene: &Scene) -> Result<BTreeMap<String, Json>, String> {
    let acted = stage.act(scene).await?;
    Ok(seen::files(&acted, stage.manifest()))
}

/// What differs, by file.
fn held(expected: &BTreeMap<String, Json>, seen: &BTreeMap<String, Json>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, value) in expected {
        let Some(other) = seen.get(name) else {
            wrong.push(format!(
                "{name}: there was nothing of the kind, but {}",
                names(seen)
            ));
            continue;
        };
        let mut other = other.clone();
        // A failure's words are the provider's: a case may leave them open.
        if name == "expect-failure.toml"
            && value.get("message").is_none()
            && let Some(members) = other.as_object_mut()
        {
            members.remove("message");
        }
        let lines = differences(value, &other);
        if !lines.is_empty() {
            wrong.push(format!("{name} differs:"));
            wrong.extend(lines.into_iter().map(|line| format!("  {line}")));
        }
    }
    let missing: Vec<&String> = seen
        .keys()
        .filter(|name| !expected.contains_key(*name))
        .collect();
    for name in missing {
        wrong.push(format!("{name} is not there, and this was seen:"));
        let text = seen.get(name).map(Json::to_string).unwrap_or_default();
        wrong.push(format!("  {}", text.chars().take(600).collect::<String>()));
        wrong.push("  if that is right, --bless writes it down".to_owned());
    }
    wrong
}

/// What there was, with the words of a failure.
fn names(seen: &BTreeMap<String, Json>) -> String {
    let told = seen.get("expect-failure.toml").map(|failure| {
        let word = |name: &str| failure[name].as_str().unwrap_or_default().to_owned();
        format!("a failure ({}: {})", word("kind"), word("message"))
    });
    told.unwrap_or_else(|| seen.keys().cloned().collect::<Vec<_>>().join(", "))
}

/// However the network cuts a stream, the same comes of it.
async fn cut(
    stage: &Stage,
    case: &Case,
    whole: &BTreeMap<String, Json>,
) -> Result<Option<String>, String> {
    if !whole.contains_key("expect-events.json") {
        return Ok(None);
    }
    let Some(last) = case.scene.replies.last() else {
        return Ok(None);
    };
    let body = last.pieces.concat();
    for ends in cuts(&case.name, body.len()) {
        let mut scene = case.scene.clone();
        if let Some(last) = scene.replies.last_mut() {
            last.pieces = pieces(&body, &ends);
        }
        let seen = look(stage, &scene).await?;
        for (name, value) in whole {
            let same = differences(value, seen.get(name).unwrap_or(&Json::Null));
            if let Some(line) = same.first() {
                let place = match ends.as_slice() {
                    [end] => format!("at byte {end}"),
                    _ => "at every byte".to_owned(),
                };
                return Ok(Some(format!(
                    "{name} is another when the network cuts the answer {place}: {line}"
                )));
            }
        }
    }
    Ok(None)
}

/// Sets of places to cut at: first all places at once, then one place each.
fn cuts(name: &str, length: usize) -> Vec<Vec<usize>> {
    let mut sets = vec![(1..length).collect()];
    if length <= EVERY_CUT {
        sets.extend((1..length).map(|end| vec![end]));
    } else {
        let seed = name.bytes().fold(0, |seed: u64, byte| {
            seed.wrapping_mul(31).wrapping_add(byte.into())
        });
        let mut random = StdRng::seed_from_u64(seed);
        sets.extend((0..RANDOM_CUTS).map(|_| vec![random.random_range(1..length)]));
    }
    sets
}

fn pieces(body: &[u8], ends: &[usize]) -> Vec<Bytes> {
    let mut begin = 0;
    let ends = ends.iter().copied().chain([body.len()]);
    ends.map(|end| {
        let piece = Bytes::copy_from_slice(&body[begin..end]);
        begin = end;
        piece
    })
    .filter(|piece| !piece.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pieces_make_the_whole() {
        for length in [0, 1, 2, 200, 1000] {
            let body: Vec<u8> = (0..length).map(|n: usize| n.to_le_bytes()[0]).collect();
            let sets = cuts("a", length);
            assert!(length < 2 || sets.len() > 1);
            for ends in sets {
                let pieces = pieces(&body, &ends);
                assert_eq!(pieces.concat(), body, "{ends:?}");
            }
        }
    }

    #[test]
    fn what_was_not_expected_is_told_and_a_message_may_be_left_open() {
        let map = |name: &str, value: Json| BTreeMap::from([(name.to_owned(), value)]);
        let failed = map(
            "expect-failure.toml",
            json!({ "kind": "overloaded", "message": "busy" }),
        );
        let open = map("expect-failure.toml", json!({ "kind": "overloaded" }));
        assert!(held(&failed, &failed).is_empty());
        assert!(held(&open, &failed).is_empty());
        assert!(!held(&failed, &open).is_empty());
        let answer = map("expect-answer.json", json!({}));
        let lines = held(&answer, &failed).join("\n");
        assert!(lines.contains("a failure (overloaded: busy)"), "{lines}");
        assert!(lines.contains("--bless"), "{lines}");
    }
}
