//! Licences, sources and bans of everything depended on, by cargo-deny and `deny.toml`.

use std::process::Command;

use super::{Ended, Options};
use crate::shell::{cargo, go, has, root, target};

/// Checks with the installed cargo-deny; `--full` installs one into the target folder if need be.
///
/// Advisories are left out: they need a database from the network, and change without a commit here.
pub(super) fn check(options: &Options) -> Ended {
    println!("advisories are not checked here; `cargo deny check advisories` does it");
    let tools = target().join("tools");
    let ours = tools.join("bin/cargo-deny");
    let mut command = if has("cargo-deny", &["--version"]) {
        Command::new("cargo-deny")
    } else if ours.is_file() {
        Command::new(&ours)
    } else if options.full {
        let installed = go(cargo()
            .args(["install", "--locked", "cargo-deny", "--root"])
            .arg(&tools));
        if let Err(why) = installed {
            return Ended::Failed(why);
        }
        Command::new(&ours)
    } else {
        return Ended::Skipped("cargo-deny is not installed (--full installs it)".into());
    };
    command
        .current_dir(root())
        .args(["check", "licenses", "bans", "sources"]);
    go(&mut command).into()
}
