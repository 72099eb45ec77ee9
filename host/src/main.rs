//! The `freellmapi` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    freellmapi::cli::main()
}
