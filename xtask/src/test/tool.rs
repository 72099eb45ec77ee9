//! Programs that suites need beside cargo.

use std::process::Command;

use crate::shell::{go, has, output};

/// A tool, how to see that it is there, and Debian's packages of it.
pub(super) struct Tool {
    pub(super) program: &'static str,
    pub(super) probe: &'static [&'static str],
    pub(super) packages: &'static [&'static str],
}

pub(super) const NODE: Tool = Tool {
    program: "npm",
    probe: &["--version"],
    packages: &["nodejs", "npm"],
};

impl Tool {
    /// Whether it works, after installing it where that can be done unasked.
    pub(super) fn ready(&self) -> bool {
        let works = || has(self.program, self.probe);
        works() || (self.install() && works())
    }

    fn install(&self) -> bool {
        let root = output("id", &["-u"]).is_some_and(|id| id.trim() == "0");
        if !root || !has("apt-get", &["--version"]) {
            return false;
        }
        println!("installing {}", self.packages.join(" "));
        let apt = |args: &[&str]| {
            go(Command::new("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(args))
        };
        apt(&["update", "-qq"])
            .and_then(|()| apt(&[&["install", "-y", "-qq"], self.packages].concat()))
            .is_ok()
    }
}
