//! The official plugins, as components in the real sandbox: their golden cases, the page made of them, recorded
//! exchanges, and thousands of answers and requests that nobody expects.

#![expect(
    clippy::print_stdout,
    reason = "what cannot be placed, and how far the cases go, is for whoever runs the tests"
)]

mod random;
mod recorded;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::table::{Row, page};
use super::{Kit, Stage, run};
use crate::plugins::cache::{CompileCache, shared};
use crate::plugins::manifest::TOOLS;

/// The repository's `plugins/`.
fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins")
}

/// The names of the crates there.
fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(crates())
        .expect("plugins/")
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.to_owned();
            path.join("Cargo.toml").is_file().then_some(name)
        })
        .collect();
    names.sort();
    names
}

/// Every official plugin by its folder's name. Where none was built and nobody says that they were
/// (`FREELLMAPI_PLUGINS`, which `cargo xtask test` sets), there are none, and the test has nothing to do.
fn stages() -> BTreeMap<String, Stage> {
    let told = std::env::var_os("FREELLMAPI_PLUGINS").map(PathBuf::from);
    let folder = told.clone().unwrap_or_else(crates);
    let component = |name: &str| folder.join(format!("{name}.wasm"));
    let names = names();
    if told.is_none() && !names.iter().any(|name| component(name).is_file()) {
        println!("skipped: no plugin is built; `cargo xtask plugins` does it");
        return BTreeMap::new();
    }
    let cache = CompileCache::new(shared("conformance-cache"), [7; 32]);
    let kit = Kit::new(Some(cache)).expect("a sandbox");
    let load = |name: String| {
        let path = component(&name);
        let bytes = std::fs::read(&path).unwrap_or_else(|error| {
            panic!(
                "{}: {error}; `cargo xtask plugins` builds it",
                path.display()
            )
        });
        let stage = kit
            .load(&bytes)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (name, stage)
    };
    names.into_iter().map(load).collect()
}

fn cases(name: &str) -> PathBuf {
    crates().join(name).join("cases")
}

/// With `FREELLMAPI_BLESS` set, what a case does not say yet is written down, as `plugin test --bless` does.
#[tokio::test]
async fn every_plugin_does_what_its_cases_say() {
    let bless = std::env::var_os("FREELLMAPI_BLESS").is_some();
    let mut failed = Vec::new();
    for (name, stage) in stages() {
        let folder = cases(&name);
        if !folder.is_dir() {
            failed.push(format!("{name} has no cases"));
            continue;
        }
        let report = run(&stage, &folder, None, bless).await.expect("cases");
        let cited = report.verdicts.iter().filter(|one| one.cited).count();
        println!(
            "{name}: {} of {} cases passed, {cited} of them cited",
            report.passed(),
            report.verdicts.len()
        );
        if !report.good() {
            failed.extend(report.lines());
        }
        let has = |wanted: &str| {
            report
                .verdicts
                .iter()
                .any(|one| one.name.starts_with(wanted))
        };
        failed.extend(
            wanted(&stage)
                .into_iter()
                .filter(|wanted| !has(wanted))
                .map(|wanted| format!("{name} has no case `{wanted}…`")),
        );
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The cases that such a plugin must have, by what their names begin with.
fn wanted(stage: &Stage) -> Vec<&'static str> {
    let manifest = stage.manifest();
    let chats = manifest.user_base_url
        || manifest
            .models
            .iter()
            .any(|model| model.operations.iter().any(|word| word == "chat"));
    let any = |word: &str| {
        manifest
            .models
            .iter()
            .any(|model| model.traits.iter().any(|known| known == word))
    };
    let mut wanted = vec!["key-", "fault-"];
    if chats {
        wanted.extend(["plain", "stream"]);
    }
    if chats && manifest.asks.has_power(TOOLS) {
        wanted.extend(["tools", "stream-tools"]);
    }
    if any("vision") {
        wanted.push("image");
    }
    wanted
}

#[tokio::test]
async fn the_page_of_providers_is_what_the_components_say() {
    let stages = stages();
    if stages.is_empty() {
        return;
    }
    let mut rows = Vec::new();
    for (name, stage) in &stages {
        let folder = cases(name);
        let report = if folder.is_dir() {
            Some(run(stage, &folder, None, false).await.expect("cases"))
        } else {
            None
        };
        rows.push(Row::new(stage, report).await);
    }
    let path = crates().join("../docs/providers.md");
    if std::env::var_os("FREELLMAPI_BLESS").is_some() {
        std::fs::write(&path, page(&rows)).expect("written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page(&rows),
        "docs/providers.md is out of date; `cargo xtask plugins --docs` makes it anew"
    );
}
