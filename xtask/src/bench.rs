//! `cargo xtask bench`: everything built for release, then the measuring program.

use std::process::Command;

use crate::shell::{cargo, go, root, target};

/// Builds plugins, server and bench, and runs the bench with `args`.
pub(crate) fn bench(args: &[String]) -> Result<(), String> {
    crate::plugins::build(&[])?;
    let packages = ["--package", "freellmapi", "--package", "freellmapi-bench"];
    go(cargo().args(["build", "--release"]).args(packages))?;
    let release = target().join("release");
    go(Command::new(release.join("freellmapi-bench"))
        .current_dir(root())
        .arg("--server-bin")
        .arg(release.join("freellmapi"))
        .args(args))
}
