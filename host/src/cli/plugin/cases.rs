//! `freellmapi plugin test` and the page of all plugins.

use std::path::{Path, PathBuf};

use super::super::AppError;
use super::super::out::{line, text};
use crate::conformance::table::{self, Row};
use crate::conformance::{Kit, Stage, run};

/// Holds one plugin against its cases.
pub(super) async fn test(
    path: &Path,
    cases: Option<&Path>,
    only: Option<&str>,
    bless: bool,
) -> Result<(), AppError> {
    let (component, beside) = find(path)?;
    let cases = cases.map_or(beside, Path::to_owned);
    let kit = Kit::new(None).map_err(AppError::of)?;
    let stage = load(&kit, &component)?;
    let report = run(&stage, &cases, only, bless).await.map_err(AppError)?;
    for one in report.lines() {
        line(&one);
    }
    let (passed, all) = (report.passed(), report.verdicts.len());
    if report.good() {
        line(&format!("{passed} cases of {} passed", report.plugin));
        return Ok(());
    }
    Err(AppError(if all == 0 {
        format!(
            "{} holds no case that was asked for; a case is a folder with a case.toml (docs/plugins.md)",
            cases.display()
        )
    } else {
        format!(
            "{} of {all} cases of {} failed. Mend the plugin; or, if what was seen is right, delete the expectation \
             that differs and run this again with --bless",
            all - passed,
            report.plugin
        )
    }))
}

/// Writes the page.
pub(super) async fn document(folder: &Path) -> Result<(), AppError> {
    let kit = Kit::new(None).map_err(AppError::of)?;
    let mut rows = Vec::new();
    for component in components(folder)? {
        let stage = load(&kit, &component)?;
        let cases = component.with_extension("").join("cases");
        let report = if cases.is_dir() {
            Some(run(&stage, &cases, None, false).await.map_err(AppError)?)
        } else {
            None
        };
        rows.push(Row::new(&stage, report).await);
    }
    text(&table::page(&rows));
    Ok(())
}

/// The component that `path` means, and where its cases are unless the user says otherwise.
fn find(path: &Path) -> Result<(PathBuf, PathBuf), AppError> {
    if path.is_file() {
        return Ok((path.to_owned(), path.with_extension("").join("cases")));
    }
    let cases = path.join("cases");
    // `plugins/NAME/` has its component beside it, as `plugins/NAME.wasm`; one unpacked elsewhere has it inside.
    let absolute = std::path::absolute(path).map_err(AppError::of)?;
    let mut beside = absolute.into_os_string();
    beside.push(".wasm");
    let beside = PathBuf::from(beside);
    if beside.is_file() {
        return Ok((beside, cases));
    }
    match components(path)?.as_slice() {
        [one] => Ok((one.clone(), cases)),
        [] => Err(AppError(format!(
            "there is no component at {} and none in {}; build it with `cargo xtask plugins`",
            beside.display(),
            path.display()
        ))),
        many => Err(AppError(format!(
            "{} holds {} components; name one of them and add --cases",
            path.display(),
            many.len()
        ))),
    }
}

/// The `.wasm` files of a folder, sorted.
fn components(folder: &Path) -> Result<Vec<PathBuf>, AppError> {
    let cannot = |error: std::io::Error| AppError(format!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_some_and(|end| end == "wasm") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn load(kit: &Kit, component: &Path) -> Result<Stage, AppError> {
    let at = |error: String| AppError(format!("{}: {error}", component.display()));
    let bytes = std::fs::read(component).map_err(|error| at(error.to_string()))?;
    kit.load(&bytes).map_err(|error| at(error.to_string()))
}
