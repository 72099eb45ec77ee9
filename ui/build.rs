//! Makes the typed keys of the catalogue from the English one: a text is added by one line there.

use std::fmt::Write as _;

fn main() {
    println!("cargo::rerun-if-changed=i18n/en.ftl");
    let english = std::fs::read_to_string("i18n/en.ftl").unwrap_or_default();
    let (mut keys, mut texts) = (String::new(), String::new());
    for line in english.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, text)) = line.split_once(" = ") else {
            println!("cargo::error=i18n/en.ftl: no `key = text`: {line}");
            continue;
        };
        let _ = writeln!(keys, "    /// {}", text.replace('[', "\\["));
        let _ = writeln!(keys, "    {},", camel(key));
        let _ = writeln!(texts, "    ({key:?}, {text:?}),");
    }
    let all = format!(
        "/// A text of the dashboard; each stands in English.\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq)]\n\
         #[expect(clippy::enum_variant_names, reason = \"the texts about keys\")]\n\
         pub(crate) enum Key {{\n{keys}}}\n\n\
         /// Name and English text of each, in the order of [`Key`].\n\
         pub(super) const ENGLISH: &[(&str, &str)] = &[\n{texts}];\n"
    );
    let out = std::env::var_os("OUT_DIR").map(std::path::PathBuf::from);
    if let Err(error) = std::fs::write(out.unwrap_or_default().join("keys.rs"), all) {
        println!("cargo::error=cannot write the keys: {error}");
    }
}

fn camel(key: &str) -> String {
    let words = key.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}
