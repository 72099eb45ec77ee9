//! Where the programs under test are.
//!
//! `cargo xtask test` says so in the environment; without it they are looked for where it puts them, beside
//! this test program and in the repository. What is not there fails the test that needs it: a test
//! that passes because its subject is missing is worse than none.

use std::env;
use std::path::{Path, PathBuf};

/// The server's binary: `FREELLMAPI_BIN`, or `debug/freellmapi` in cargo's target folder.
///
/// # Panics
/// If it is not there.
#[must_use]
pub fn server() -> PathBuf {
    found("FREELLMAPI_BIN", || target().join("debug/freellmapi"))
}

/// The component of an official plugin: in `FREELLMAPI_PLUGINS`, or the repository's `plugins/`.
///
/// # Panics
/// If it is not there.
#[must_use]
pub fn plugin(id: &str) -> PathBuf {
    in_folder(found("FREELLMAPI_PLUGINS", || root().join("plugins")), id)
}

/// The component of an attacker: in `FREELLMAPI_HOSTILE`, or `hostile` in cargo's target folder.
///
/// # Panics
/// If it is not there.
#[must_use]
pub fn hostile(name: &str) -> PathBuf {
    in_folder(
        found("FREELLMAPI_HOSTILE", || target().join("hostile")),
        name,
    )
}

/// A component that was built for WASI: in `FREELLMAPI_BOXED`, or `boxed` in cargo's target folder.
///
/// # Panics
/// If it is not there.
#[must_use]
pub fn boxed(name: &str) -> PathBuf {
    in_folder(found("FREELLMAPI_BOXED", || target().join("boxed")), name)
}

/// The component of an example: in `FREELLMAPI_EXAMPLES`, or `plugins` in cargo's target folder.
///
/// # Panics
/// If it is not there.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    in_folder(
        found("FREELLMAPI_EXAMPLES", || target().join("plugins")),
        name,
    )
}

/// The names of the attackers that are there, sorted.
///
/// # Panics
/// If their folder is not there.
#[must_use]
pub fn hostile_names() -> Vec<String> {
    let folder = found("FREELLMAPI_HOSTILE", || target().join("hostile"));
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| missing(&folder, &error));
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut names: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|found| found == "wasm"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

/// Where the servers of all tests keep what they compiled.
#[must_use]
pub fn cache() -> PathBuf {
    target().join("tmp/blackbox-cache")
}

fn in_folder(folder: PathBuf, name: &str) -> PathBuf {
    there(folder.join(format!("{name}.wasm")))
}

fn found(variable: &str, otherwise: impl Fn() -> PathBuf) -> PathBuf {
    there(env::var_os(variable).map_or_else(otherwise, PathBuf::from))
}

fn there(path: PathBuf) -> PathBuf {
    match path.metadata() {
        Ok(_) => path,
        Err(error) => missing(&path, &error),
    }
}

fn missing(path: &Path, error: &std::io::Error) -> ! {
    panic!(
        "{}: {error}. `cargo xtask test` builds all that these tests run",
        path.display()
    )
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Cargo's target folder: this program lies in its `debug/deps`.
fn target() -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    program.ancestors().nth(3).unwrap_or(&program).to_owned()
}
