//! Suites that cargo runs: format, builds, lints, tests, documentation.

use std::process::Command;

use super::{Ended, Options};
use crate::shell::{cargo, go, has, output, root, target};

pub(super) fn format(_: &Options) -> Ended {
    go(cargo().args(["fmt", "--all", "--check"])).into()
}

pub(super) fn plugins(_: &Options) -> Ended {
    if !is_member("sdk") {
        return Ended::Skipped("no plugin crates are in the workspace yet".into());
    }
    crate::plugins::build(&[]).into()
}

pub(super) fn examples(_: &Options) -> Ended {
    if !is_member("examples/*") {
        return Ended::Skipped("no example crates are in the workspace yet".into());
    }
    crate::plugins::build_examples().into()
}

pub(super) fn hostile(_: &Options) -> Ended {
    if is_member("tests/hostile") {
        crate::plugins::build_hostile().into()
    } else {
        Ended::Skipped("there is no hostile set".into())
    }
}

/// Before the server, which embeds it.
pub(super) fn dashboard(_: &Options) -> Ended {
    crate::ui::build().into()
}

/// What the black-box tests and the clients run.
pub(super) fn server(_: &Options) -> Ended {
    go(cargo().args(["build", "--package", "freellmapi"])).into()
}

pub(super) fn lints(_: &Options) -> Ended {
    let what = ["--workspace", "--all-targets", "--", "--deny", "warnings"];
    go(cargo().arg("clippy").args(what)).into()
}

/// Unit tests, native tests and the black-box tests in one go, so that they share the processors.
pub(super) fn tests(options: &Options) -> Ended {
    let mut command = cargo();
    if has("cargo", &["nextest", "--version"]) {
        command.args(["nextest", "run"]);
    } else {
        println!("cargo-nextest is not installed: cargo's own runner it is");
        command.arg("test");
    }
    // No examples: the hostile ones are guests, whose exports no native linker takes. No doc tests:
    // they have their own suite.
    command
        .args([
            "--workspace",
            "--no-fail-fast",
            "--lib",
            "--bins",
            "--tests",
        ])
        .args(options.tests())
        .env("FREELLMAPI_BIN", target().join("debug/freellmapi"))
        .env("FREELLMAPI_PLUGINS", root().join("plugins"))
        .env("FREELLMAPI_HOSTILE", target().join("hostile"))
        .env("FREELLMAPI_BOXED", target().join("boxed"))
        .env("FREELLMAPI_EXAMPLES", target().join("plugins"));
    let recordings = root().join("../shared/recordings");
    if std::env::var_os("RECORDINGS_DIR").is_none() {
        if recordings.is_dir() {
            command.env("RECORDINGS_DIR", recordings);
        } else {
            println!("RECORDINGS_DIR names no folder: the tests that replay recordings skip them");
        }
    }
    go(&mut command).into()
}

pub(super) fn doc_tests(_: &Options) -> Ended {
    go(cargo().args(["test", "--doc"]).args(documented())).into()
}

/// The page on routing holds what the simulator finds, and the default beats plain priority.
pub(super) fn routing(_: &Options) -> Ended {
    crate::simulate::simulate(&["--check".to_owned()]).into()
}

pub(super) fn documentation(_: &Options) -> Ended {
    go(cargo()
        .args(["doc", "--no-deps"])
        .args(documented())
        .env("RUSTDOCFLAGS", "--deny warnings"))
    .into()
}

/// Shell scripts, where there is a checker for them.
pub(super) fn scripts(_: &Options) -> Ended {
    if !has("shellcheck", &["--version"]) {
        return Ended::Skipped("shellcheck is not installed".into());
    }
    let listed = output("git", &["ls-files", "*.sh", ".ci/run"]).unwrap_or_default();
    let scripts: Vec<_> = listed.lines().collect();
    if scripts.is_empty() {
        return Ended::Skipped("there are no shell scripts under version control".into());
    }
    go(Command::new("shellcheck").current_dir(root()).args(scripts)).into()
}

/// The crates that people read the documentation of.
fn documented() -> Vec<&'static str> {
    let mut args = vec!["--package", "freellmapi"];
    if is_member("sdk") {
        args.extend(["--package", "freellmapi-sdk"]);
    }
    args
}

/// Whether the workspace lists this folder among its members.
fn is_member(folder: &str) -> bool {
    std::fs::read_to_string(root().join("Cargo.toml")).is_ok_and(|manifest| {
        manifest
            .lines()
            .any(|line| line.trim_start().starts_with(&format!("\"{folder}\"")))
    })
}
