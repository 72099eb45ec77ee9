//! `cargo xtask simulate`: the router's strategies against simulated providers.

use crate::shell::{cargo, go, root};

/// The page that holds the figures.
const PAGE: &str = "docs/routing.md";

/// Prints the figures; `--write` puts them into the page, `--check` says whether it holds them.
pub(crate) fn simulate(args: &[String]) -> Result<(), String> {
    let page = root().join(PAGE).display().to_string();
    let args: Vec<&str> = match args {
        [] => Vec::new(),
        [mode] if mode == "--write" || mode == "--check" => vec![mode, &page],
        _ => return Err("usage: cargo xtask simulate [--write | --check]".to_owned()),
    };
    let run = ["run", "--quiet", "--package", "freellmapi-simulate", "--"];
    go(cargo().args(run).args(args))
}
