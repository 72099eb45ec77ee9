//! Builds guests: core modules for `wasm32-unknown-unknown`, wrapped into components.

mod wrap;

use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use wrap::wrap;

use crate::shell::{cannot, cargo, go, output, root, target};

/// What guests are built for: a target without WASI, so without imports.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// What authors of boxed plugins build for.
const BOXED_TARGET: &str = "wasm32-wasip2";
const TARGETS: [&str; 2] = [TARGET, BOXED_TARGET];

/// A crate that makes a plugin, and where its component goes.
struct Guest {
    package: String,
    component: PathBuf,
}

/// Builds the named plugins and examples, or all plugins.
pub(crate) fn build(names: &[String]) -> Result<(), String> {
    let guests = guests(names)?;
    if guests.is_empty() {
        return Err("there are no crates in plugins/".into());
    }
    add_targets()?;
    let mut command = guest_build();
    for guest in &guests {
        command.args(["--package", &guest.package]);
    }
    go(&mut command)?;
    guests.iter().try_for_each(|guest| {
        let module = format!("{}.wasm", guest.package.replace('-', "_"));
        wrap(&built().join(module), &guest.component)
    })
}

/// Makes `docs/providers.md` of all built components, or with `--check` says whether it is what they would make.
pub(crate) fn docs(args: &[String]) -> Result<(), String> {
    if let Some(other) = args
        .iter()
        .find(|arg| *arg != "--docs" && *arg != "--check")
    {
        return Err(format!("`plugins --docs` knows nothing of {other}"));
    }
    build(&[])?;
    let plugins = root().join("plugins");
    let mut command = cargo();
    command
        .args([
            "run",
            "--quiet",
            "--package",
            "freellmapi",
            "--",
            "plugin",
            "docs",
        ])
        .arg(&plugins)
        .stderr(std::process::Stdio::inherit());
    let done = command
        .output()
        .map_err(|error| format!("cargo run: {error}"))?;
    if !done.status.success() {
        return Err("the components could not be asked".into());
    }
    let page = root().join("docs/providers.md");
    let there = std::fs::read(&page).unwrap_or_default();
    if there == done.stdout {
        println!("docs/providers.md is what the components say");
        return Ok(());
    }
    if args.iter().any(|arg| arg == "--check") {
        return Err(
            "docs/providers.md is out of date; `cargo xtask plugins --docs` makes it anew".into(),
        );
    }
    std::fs::write(&page, done.stdout).map_err(cannot("write", &page))?;
    println!("wrote docs/providers.md");
    Ok(())
}

/// Builds every example, into `target/plugins`.
pub(crate) fn build_examples() -> Result<(), String> {
    build(&crates(&root().join("examples"))?)
}

/// The folder of plugins that attack the host, each an example of one crate.
pub(crate) fn hostile() -> PathBuf {
    root().join("tests/hostile/examples")
}

/// Builds the hostile set into `target/hostile`; one that imports keeps its import.
pub(crate) fn build_hostile() -> Result<(), String> {
    add_targets()?;
    go(guest_build().args(["--package", "hostile-plugins", "--examples"]))?;
    for name in sources(&hostile())? {
        let module = format!("examples/{}.wasm", name.replace('-', "_"));
        let component = target().join("hostile").join(format!("{name}.wasm"));
        wrap(&built().join(module), &component)?;
    }
    build_boxed()
}

/// Builds those for WASI into `target/boxed`. Their linker makes components of them.
fn build_boxed() -> Result<(), String> {
    let names = sources(&root().join("tests/hostile/boxed"))?;
    let mut command = cargo();
    command.args(["build", "--profile", "plugin", "--target", BOXED_TARGET]);
    command.args(["--package", "hostile-plugins"]);
    for name in &names {
        command.args(["--example", &format!("boxed-{name}")]);
    }
    go(&mut command)?;
    let folder = target().join("boxed");
    std::fs::create_dir_all(&folder).map_err(cannot("make", &folder))?;
    let built = target().join(BOXED_TARGET).join("plugin/examples");
    for name in names {
        let from = built.join(format!("boxed_{name}.wasm"));
        let to = folder.join(format!("{name}.wasm"));
        std::fs::copy(&from, &to).map_err(cannot("copy", &from))?;
    }
    Ok(())
}

/// Adds the targets of guests to the toolchain where they are missing.
pub(crate) fn add_targets() -> Result<(), String> {
    let Some(installed) = output("rustup", &["target", "list", "--installed"]) else {
        println!("rustup is not here; going on as if the target {TARGET} were installed");
        return Ok(());
    };
    let missing: Vec<_> = TARGETS
        .into_iter()
        .filter(|target| !installed.lines().any(|line| line == *target))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    go(Command::new("rustup")
        .current_dir(root())
        .args(["target", "add"])
        .args(missing))
}

fn guest_build() -> Command {
    let mut command = cargo();
    command.args(["build", "--profile", "plugin", "--target", TARGET]);
    command
}

/// Where cargo puts guests.
fn built() -> PathBuf {
    target().join(TARGET).join("plugin")
}

fn guests(names: &[String]) -> Result<Vec<Guest>, String> {
    let plugins = crates(&root().join("plugins"))?;
    let examples = crates(&root().join("examples"))?;
    let names = if names.is_empty() { &plugins } else { names };
    let guest = |name: &String| {
        if plugins.contains(name) {
            Ok(Guest {
                package: format!("plugin-{name}"),
                component: root().join(format!("plugins/{name}.wasm")),
            })
        } else if examples.contains(name) {
            Ok(Guest {
                package: name.clone(),
                component: target().join(format!("plugins/{name}.wasm")),
            })
        } else {
            let known = [plugins.as_slice(), examples.as_slice()].concat();
            Err(format!(
                "there is no plugin `{name}` in plugins/ or examples/; there are {}",
                known.join(", ")
            ))
        }
    };
    names.iter().map(guest).collect()
}

/// Names of the folders in `parent` that hold a crate.
fn crates(parent: &Path) -> Result<Vec<String>, String> {
    names(parent, |path| {
        let found = path.join("Cargo.toml").is_file();
        found.then(|| path.file_name()).flatten()
    })
}

/// Names of the Rust files in `parent`.
fn sources(parent: &Path) -> Result<Vec<String>, String> {
    names(parent, |path| {
        let found = path.extension().is_some_and(|found| found == "rs");
        found.then(|| path.file_stem()).flatten()
    })
}

fn names(
    parent: &Path,
    name: impl Fn(&Path) -> Option<&std::ffi::OsStr>,
) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(parent).map_err(cannot("read", parent))? {
        let path = entry.map_err(cannot("read", parent))?.path();
        names.extend(name(&path).map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}
