//! The dashboard in Chromium: `tests/browser`, with axe from npm.

use std::process::Command;

use super::tool::{NODE, Tool};
use super::{Ended, Options};
use crate::shell::{cannot, cargo, go, root, target};

/// The accessibility checker, of this very version: another finds other faults.
const AXE: &str = "axe-core@4.14.1";

const CHROMIUM: Tool = Tool {
    program: "chromium",
    probe: &["--version"],
    packages: &["chromium"],
};

const DRIVER: Tool = Tool {
    program: "chromedriver",
    probe: &["--version"],
    packages: &["chromium-driver"],
};

pub(super) fn run(_: &Options) -> Ended {
    let tools = [CHROMIUM, DRIVER, NODE];
    if let Some(missing) = tools.iter().find(|tool| !tool.ready()) {
        return Ended::Skipped(format!("{} is not installed", missing.program));
    }
    test().into()
}

fn test() -> Result<(), String> {
    let home = target().join("browser");
    let screenshots = home.join("screenshots");
    std::fs::create_dir_all(&screenshots).map_err(cannot("make", &screenshots))?;
    let axe = home.join("node_modules/axe-core/axe.min.js");
    if !axe.is_file() {
        let npm = ["install", "--no-save", "--ignore-scripts", "--no-audit"];
        go(Command::new(NODE.program)
            .args(npm)
            .arg("--prefix")
            .arg(&home)
            .arg(AXE))?;
    }
    // Cargo's own runner: each test starts a browser, so few at a time are the faster.
    let test = ["test", "--package", "browser", "--test", "all", "--"];
    go(cargo()
        .args(test)
        .args(["--ignored", "--test-threads", "2"])
        .env("FREELLMAPI_BIN", target().join("debug/freellmapi"))
        .env("FREELLMAPI_PLUGINS", root().join("plugins"))
        .env("FREELLMAPI_EXAMPLES", target().join("plugins"))
        .env("AXE_JS", axe)
        .env("SCREENSHOTS", &screenshots))?;
    println!("screenshots: {}", screenshots.display());
    Ok(())
}
