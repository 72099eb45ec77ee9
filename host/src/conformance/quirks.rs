//! What a plugin changes in a request, read off the plans it makes.

use std::collections::BTreeMap;

use super::stage::Stage;
use crate::plugins::contract::{Content, Edit};

/// Every known trait of a request, so that what hangs on one is seen too.
const TRAITS: &[&[&str]] = &[
    &[],
    &["tools", "tool-results", "parallel-tools"],
    &["json-object"],
    &["json-schema"],
    &["reasoning", "system", "developer", "content-parts"],
];

/// In words, what it does to all that it is asked; empty if nothing.
pub(super) async fn of(stage: &Stage) -> Vec<String> {
    let mut done: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut own = false;
    for traits in TRAITS {
        for streaming in [false, true] {
            // A plan that is refused has no quirks.
            match stage.plan(traits, streaming).await {
                Some(Content::Edits(edits)) => {
                    for edit in &edits {
                        let (verb, what) = word(edit);
                        // What every plugin of OpenAI's dialect does.
                        if what.contains("stream_options") && (!streaming || verb == "sets") {
                            continue;
                        }
                        let list = done.entry(verb).or_default();
                        if !list.contains(&what) {
                            list.push(what);
                        }
                    }
                }
                Some(Content::Json(_)) => own = true,
                _ => {}
            }
        }
    }
    let mut out: Vec<String> = Vec::new();
    if own {
        out.push("a dialect of its own".to_owned());
    }
    out.extend(
        done.into_iter()
            .map(|(verb, what)| format!("{verb} {}", what.join(", "))),
    );
    out
}

fn word(edit: &Edit) -> (&'static str, String) {
    let place = |at: &str| format!("`{}`", at.trim_start_matches('/'));
    let text = |json: &[u8]| String::from_utf8_lossy(json).into_owned();
    let names = |names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(" ")
    };
    match edit {
        Edit::Set(put) => ("sets", format!("`{}`", put.at.trim_start_matches('/'))),
        Edit::Fill(put) => (
            "fills in",
            format!("`{}` {}", put.at.trim_start_matches('/'), text(&put.value)),
        ),
        Edit::Replace(change) => match &change.becomes {
            Some(becomes) => (
                "replaces",
                format!(
                    "{} in {} by {}",
                    text(&change.was),
                    place(&change.at),
                    text(becomes)
                ),
            ),
            None => (
                "drops",
                format!("{} in {}", text(&change.was), place(&change.at)),
            ),
        },
        Edit::Remove(at) => ("drops", place(at)),
        Edit::Rename(change) => (
            "renames",
            format!("{} to `{}`", place(&change.at), change.name),
        ),
        Edit::Retain(these) if these.at.is_empty() => {
            ("keeps of the request only", names(&these.names))
        }
        Edit::Retain(these) => (
            "keeps only",
            format!("{} of {}", names(&these.names), place(&these.at)),
        ),
        Edit::RemoveDeep(these) => (
            "drops",
            format!("{} anywhere in {}", names(&these.names), place(&these.at)),
        ),
        Edit::JoinText(at) => ("joins the text of", place(at)),
        Edit::Clamp(bounds) => {
            let number = |bound: Option<f64>| bound.map_or("…".to_owned(), |it| it.to_string());
            (
                "bounds",
                format!(
                    "{} to {} to {}",
                    place(&bounds.at),
                    number(bounds.low),
                    number(bounds.high)
                ),
            )
        }
        Edit::CutList(cut) => ("cuts", format!("{} to {}", place(&cut.at), cut.most)),
        Edit::AsList(at) => ("makes a list of", place(at)),
        Edit::MapIds(ids) => ("gives tool calls ids of", format!("{} letters", ids.length)),
        Edit::Named(named) => ("does", format!("`{}`", named.name)),
    }
}
