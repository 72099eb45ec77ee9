//! `cargo xtask run`: everything built, then the server.

use std::process::Command;

use crate::shell::{cargo, go, root, target};

/// Builds plugins, dashboard and the release server, and serves. Returns only when that fails.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    crate::plugins::build(&[])?;
    crate::ui::build()?;
    go(cargo().args(["build", "--release", "--package", "freellmapi"]))?;
    let mut server = Command::new(target().join("release/freellmapi"));
    server.current_dir(root()).arg("serve").args(args);
    become_it(&mut server)
}

/// The server takes this process's place, so that signals and its status are its own.
#[cfg(unix)]
fn become_it(server: &mut Command) -> Result<(), String> {
    let error = std::os::unix::process::CommandExt::exec(server);
    Err(format!("{server:?}: {error}"))
}

#[cfg(not(unix))]
fn become_it(server: &mut Command) -> Result<(), String> {
    let status = server
        .status()
        .map_err(|error| format!("{server:?}: {error}"))?;
    std::process::exit(status.code().unwrap_or(1));
}
