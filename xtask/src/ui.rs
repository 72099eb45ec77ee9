//! Builds the dashboard into `ui/dist`: `index.html`, and under `assets/` files whose names carry their hash, each with
//! its brotli and gzip form beside it. The server's build script embeds what lies there.

mod bindgen;
mod inputs;
mod pack;

use std::path::Path;

use crate::plugins::{TARGET, add_targets};
use crate::shell::{cannot, cargo, go, root, target};
use inputs::Inputs;
use pack::Asset;

/// What people wait for on a slow line, bytes after brotli, over all files of a first load.
const BUDGET: usize = 350_000;

/// Builds it unless nothing changed.
pub(crate) fn build() -> Result<(), String> {
    add_targets()?;
    let build = ["build", "--profile", "ui", "--target", TARGET];
    go(cargo().args(build).args(["--package", "freellmapi-ui"]))?;
    let ui = root().join("ui");
    let inputs = Inputs::read(&target().join(TARGET).join("ui/freellmapi-ui.wasm"), &ui)?;
    let dist = ui.join("dist");
    let stamp = dist.join("stamp");
    let hash = inputs.hash();
    if std::fs::read_to_string(&stamp).is_ok_and(|known| known == hash) {
        return Ok(());
    }
    let files = files(&inputs)?;
    // Until all is there, nothing counts as built.
    clear(&dist)?;
    let mut transfer = 0;
    for file in &files {
        transfer += file.write(&dist)?;
    }
    write(&stamp, hash.as_bytes())?;
    println!(
        "dashboard: {} files, a first load is {} kB in brotli",
        files.len(),
        transfer.div_ceil(1000)
    );
    if transfer > BUDGET {
        return Err(format!(
            "the dashboard's first load is {transfer} bytes in brotli, and the budget {BUDGET}"
        ));
    }
    Ok(())
}

/// The page and its assets.
fn files(inputs: &Inputs) -> Result<Vec<Asset>, String> {
    let made = bindgen::run(&inputs.wasm)?;
    let wasm = Asset::hashed("app", "wasm", made.wasm);
    let start = inputs.loader.replace("{{wasm}}", &wasm.url());
    let mut files = Vec::new();
    let mut script = made.script + &start;
    for (path, text) in made.snippets {
        let snippet = Asset::hashed("snippet", "js", text.into_bytes());
        script = script.replace(&path, &snippet.url());
        files.push(snippet);
    }
    let script = Asset::hashed("app", "js", script.into_bytes());
    let style = Asset::hashed("style", "css", inputs.style.clone().into_bytes());
    let mut links = String::new();
    for (language, text) in &inputs.languages {
        let catalogue = Asset::hashed(language, "ftl", text.clone().into_bytes()).later();
        links += &format!(
            "<link rel=\"alternate\" hreflang=\"{language}\" href=\"{}\">\n",
            catalogue.url()
        );
        files.push(catalogue);
    }
    let page = inputs
        .page
        .replace("{{critical}}", &inputs.critical)
        .replace("{{languages}}", links.trim_end())
        .replace("{{wasm}}", &wasm.url())
        .replace("{{script}}", &script.url())
        .replace("{{style}}", &style.url());
    files.extend([Asset::page(page), wasm, script, style]);
    Ok(files)
}

/// Removes what an earlier build left, and nothing that is under version control.
fn clear(dist: &Path) -> Result<(), String> {
    let assets = dist.join("assets");
    for gone in [dist.join("stamp"), dist.join("index.html")] {
        if gone.exists() {
            std::fs::remove_file(&gone).map_err(cannot("remove", &gone))?;
        }
    }
    if assets.exists() {
        std::fs::remove_dir_all(&assets).map_err(cannot("remove", &assets))?;
    }
    std::fs::create_dir_all(&assets).map_err(cannot("make", &assets))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(cannot("write", path))
}
