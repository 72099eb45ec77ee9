//! Running other programs, and where things are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The shared target folder.
pub(crate) fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(named)
}

/// The cargo that runs this.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs a command to its end; it has no input to wait for.
///
/// # Errors
/// When it cannot be started or does not succeed; the message says what was run.
pub(crate) fn go(command: &mut Command) -> Result<(), String> {
    match status(command)? {
        Some(0) => Ok(()),
        code => Err(format!("{} {}", line(command), ending(code))),
    }
}

/// Runs a command to its end; its exit status, or none if a signal ended it.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn status(command: &mut Command) -> Result<Option<i32>, String> {
    match command.stdin(Stdio::null()).status() {
        Ok(status) => Ok(status.code()),
        Err(error) => Err(format!("{}: {error}", line(command))),
    }
}

/// What a command prints, if it succeeds.
pub(crate) fn output(program: &str, args: &[&str]) -> Option<String> {
    let done = Command::new(program)
        .args(args)
        .current_dir(root())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    done.status.success().then_some(text)
}

/// Whether a program is there and succeeds with these arguments.
pub(crate) fn has(program: &str, args: &[&str]) -> bool {
    output(program, args).is_some()
}

/// Says what cannot be done with a file.
pub(crate) fn cannot(what: &'static str, path: &Path) -> impl Fn(std::io::Error) -> String + use<> {
    let path = path.display().to_string();
    move |error| format!("cannot {what} {path}: {error}")
}

fn ending(code: Option<i32>) -> String {
    code.map_or_else(
        || "was ended by a signal".into(),
        |code| format!("ended with status {code}"),
    )
}

/// The command as it could be typed.
fn line(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(std::ffi::OsStr::to_string_lossy));
    format!("`{}`", words.join(" "))
}
