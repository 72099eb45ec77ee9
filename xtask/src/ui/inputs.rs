//! What the dashboard is made from.

use std::path::Path;

use super::pack::hex;
use crate::shell::cannot;

/// Files of the style that the page carries itself, so that the shell shows with the first answer.
const CRITICAL: [&str; 3] = ["tokens.css", "base.css", "shell.css"];
/// The others, in the order of their layers.
const STYLE: [&str; 2] = ["components.css", "pages.css"];
/// Raised when this code makes something else of the same files.
const REVISION: &[u8] = b"1";

/// All of it, read.
pub(super) struct Inputs {
    /// From cargo.
    pub(super) wasm: Vec<u8>,
    /// `index.html` with its marks.
    pub(super) page: String,
    /// What starts the module.
    pub(super) loader: String,
    pub(super) critical: String,
    pub(super) style: String,
    /// Code and catalogue of each language but English, which is built in.
    pub(super) languages: Vec<(String, String)>,
}

impl Inputs {
    pub(super) fn read(wasm: &Path, ui: &Path) -> Result<Self, String> {
        let text = |path: &Path| std::fs::read_to_string(path).map_err(cannot("read", path));
        let style = |names: &[&str]| {
            let texts = names.iter().map(|name| text(&ui.join("style").join(name)));
            let texts: Result<Vec<_>, _> = texts.collect();
            texts.map(|texts| compact(&texts.concat()))
        };
        let folder = ui.join("i18n");
        let mut languages = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(cannot("read", &folder))? {
            let path = entry.map_err(cannot("read", &folder))?.path();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let is_catalogue = path.extension().is_some_and(|kind| kind == "ftl");
            if is_catalogue && stem != "en" {
                languages.push((stem.into_owned(), text(&path)?));
            }
        }
        languages.sort();
        Ok(Self {
            wasm: std::fs::read(wasm).map_err(cannot("read", wasm))?,
            page: text(&ui.join("index.html"))?,
            loader: text(&ui.join("loader.js"))?,
            critical: style(&CRITICAL)?,
            style: style(&STYLE)?,
            languages,
        })
    }

    /// Of everything, for seeing that nothing changed.
    pub(super) fn hash(&self) -> String {
        let mut all = vec![REVISION, &self.wasm];
        let texts = [&self.page, &self.loader, &self.critical, &self.style];
        all.extend(texts.map(String::as_bytes));
        for (language, text) in &self.languages {
            all.extend([language.as_bytes(), text.as_bytes()]);
        }
        hex(all.into_iter())
    }
}

/// A style sheet without comments and indentation.
fn compact(style: &str) -> String {
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let lines = out.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go_and_rules_stay() {
        let style = "/* one */\n@layer a {\n  p { margin: 0; } /* two\n lines */\n\n  a { color: red; }\n}\n";
        let short = "@layer a {\np { margin: 0; }\na { color: red; }\n}";
        assert_eq!(compact(style), short);
        assert_eq!(compact("p {} /* open"), "p {}");
    }
}
