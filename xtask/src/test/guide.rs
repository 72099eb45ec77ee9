//! Follows `docs/plugins.md` to the letter: its blocks become a crate, which must build, be the
//! example of the repository, and pass the server's own check.
//!
//! A block goes into the file that its first line names after the language (`rust src/lib.rs`); of
//! blocks without a name, the first manifest is `Cargo.toml` and the first Rust is `src/lib.rs`.

use std::path::Path;
use std::process::Command;

use super::{Ended, Options};
use crate::plugins::{TARGET, add_targets, wrap};
use crate::shell::{cannot, cargo, go, root, target};

const NAME: &str = "hello-provider";

/// A fenced block of a page.
#[derive(Debug, PartialEq)]
struct Block<'a> {
    language: &'a str,
    file: Option<&'a str>,
    text: String,
}

pub(super) fn follow(_: &Options) -> Ended {
    let page = root().join("docs/plugins.md");
    if page.is_file() {
        build(&page).into()
    } else {
        Ended::Skipped("there is no docs/plugins.md".into())
    }
}

fn build(page: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(page).map_err(cannot("read", page))?;
    let files = files(&blocks(&text))?;
    let example = root().join("examples").join(NAME);
    let workspace = target().join("guide");
    for (name, text) in &files {
        let path = example.join(name);
        let here = std::fs::read_to_string(&path).map_err(cannot("read", &path))?;
        if here.trim() != text.trim() {
            return Err(format!(
                "docs/plugins.md and examples/{NAME}/{name} are not the same"
            ));
        }
        write(&workspace.join(NAME).join(name), &with_own_paths(text))?;
    }
    let manifest = root().join("Cargo.toml");
    let manifest = std::fs::read_to_string(&manifest).map_err(cannot("read", &manifest))?;
    write(&workspace.join("Cargo.toml"), &around_guide(&manifest))?;
    // The same versions as in the repository.
    let lock = workspace.join("Cargo.lock");
    std::fs::copy(root().join("Cargo.lock"), &lock).map_err(cannot("write", &lock))?;

    add_targets()?;
    let build = ["build", "--profile", "plugin", "--target", TARGET];
    go(cargo()
        .current_dir(&workspace)
        .args(build)
        .args(["--package", NAME])
        .env("CARGO_TARGET_DIR", workspace.join("target")))?;
    let module = format!("target/{TARGET}/plugin/{}.wasm", NAME.replace('-', "_"));
    let component = workspace.join(format!("{NAME}.wasm"));
    wrap(&workspace.join(module), &component)?;
    go(Command::new(target().join("debug/freellmapi"))
        .current_dir(&workspace)
        .args(["plugin", "check"])
        .arg(&component))
}

/// The fenced blocks of a page in Markdown.
fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let mut words = info.split_whitespace();
                open = Some(Block {
                    language: words.next().unwrap_or_default(),
                    file: words.next(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// The files of the crate that the blocks make.
fn files(blocks: &[Block<'_>]) -> Result<Vec<(String, String)>, String> {
    let named = |file: &str| blocks.iter().find(|block| ends(block.file, file));
    let first = |test: &dyn Fn(&Block<'_>) -> bool| {
        blocks
            .iter()
            .find(|block| block.file.is_none() && test(block))
    };
    let manifest = named("Cargo.toml")
        .or_else(|| first(&|block| block.language == "toml" && block.text.contains("[package]")));
    let source = named("src/lib.rs").or_else(|| first(&|block| block.language == "rust"));
    [("Cargo.toml", manifest), ("src/lib.rs", source)]
        .into_iter()
        .map(|(name, block)| {
            block
                .map(|block| (name.to_owned(), block.text.clone()))
                .ok_or_else(|| format!("docs/plugins.md shows no {name}"))
        })
        .collect()
}

fn ends(file: Option<&str>, with: &str) -> bool {
    file.is_some_and(|file| Path::new(file).ends_with(with))
}

/// The repository's manifest around the guide's crate alone, so that what a member inherits is there.
fn around_guide(manifest: &str) -> String {
    let shared = manifest
        .find("[workspace.package]")
        .map_or("", |at| &manifest[at..]);
    let shared = shared.replace("path = \"", &format!("path = \"{}/", root().display()));
    format!("[workspace]\nresolver = \"3\"\nmembers = [\"{NAME}\"]\n\n{shared}")
}

/// The way to the SDK is another one from here.
fn with_own_paths(text: &str) -> String {
    text.replace(
        "path = \"../../sdk\"",
        &format!("path = \"{}/sdk\"", root().display()),
    )
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(cannot("make", folder))?;
    }
    std::fs::write(path, text).map_err(cannot("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
Make it:

```console
cargo new --lib hello
```

```toml
[package]
name = \"hello\"
```

```rust
fn one() {}
```

And more:

```rust src/lib.rs
fn two() {}

fn three() {}
```
";

    #[test]
    fn blocks_become_files_by_name_or_else_by_language() {
        let blocks = blocks(PAGE);
        assert_eq!(blocks.len(), 4);
        let files = files(&blocks).expect("a whole crate");
        assert_eq!(files[0].0, "Cargo.toml");
        assert_eq!(files[0].1, "[package]\nname = \"hello\"\n");
        assert_eq!(files[1].1, "fn two() {}\n\nfn three() {}\n");
    }

    #[test]
    fn a_page_without_a_manifest_is_told_so() {
        let error = files(&blocks("```rust\nfn one() {}\n```\n")).expect_err("no manifest");
        assert!(error.contains("Cargo.toml"), "{error}");
    }
}
