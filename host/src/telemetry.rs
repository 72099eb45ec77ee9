//! Logs, on standard error. No request body, no token and no key is ever logged; what comes from an upstream is
//! blanked before it gets here.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging by this filter. Dependencies log warnings only, unless they are named: some would show headers.
///
/// # Errors
/// A filter that cannot be read.
pub fn start(filter: &str) -> Result<(), String> {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let filter = if levels.contains(&filter) {
        format!("warn,freellmapi={filter}")
    } else {
        filter.to_owned()
    };
    let filter =
        EnvFilter::try_new(&filter).map_err(|error| format!("--log {filter:?}: {error}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}
