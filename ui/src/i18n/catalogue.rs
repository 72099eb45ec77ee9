//! Reading a catalogue that was fetched.

use yew::AttrValue;

use super::ENGLISH;

/// The texts of a catalogue in the order of the keys, English where it has none.
pub(super) fn read(text: &str) -> Vec<AttrValue> {
    let lines: Vec<(&str, &str)> = lines(text).collect();
    let own = |key: &str| lines.iter().find(|(known, _)| *known == key);
    ENGLISH
        .iter()
        .map(|(key, english)| match own(key) {
            Some((_, text)) => AttrValue::from((*text).to_owned()),
            None => AttrValue::Static(english),
        })
        .collect()
}

/// Key and text of each line that has both.
fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.trim().split_once(" = "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The names of a text's placeables.
    fn placeables(text: &str) -> BTreeSet<&str> {
        let names = text.split('$').skip(1);
        names
            .map(|rest| {
                let end = rest.find(|c: char| !c.is_ascii_lowercase());
                &rest[..end.unwrap_or(rest.len())]
            })
            .collect()
    }

    #[test]
    fn all_catalogues_have_the_same_keys_and_placeables() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("i18n");
        let mut languages = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let own: Vec<_> = lines(&text).collect();
            let keys: Vec<_> = own.iter().map(|(key, _)| *key).collect();
            let english: Vec<_> = ENGLISH.iter().map(|(key, _)| *key).collect();
            let missing: Vec<_> = english.iter().filter(|key| !keys.contains(key)).collect();
            let unknown: Vec<_> = keys.iter().filter(|key| !english.contains(key)).collect();
            assert!(
                missing.is_empty() && unknown.is_empty(),
                "{path:?} lacks {missing:?} and has {unknown:?}"
            );
            assert_eq!(keys.len(), english.len(), "{path:?} has a key twice");
            for (key, text) in own {
                let (_, english) = ENGLISH.iter().find(|(known, _)| *known == key).unwrap();
                assert_eq!(placeables(text), placeables(english), "{path:?}: {key}");
                let brackets = |bracket| text.matches(bracket).count();
                assert_eq!(brackets('{'), brackets('}'), "{path:?}: {key}");
            }
            languages += 1;
        }
        assert!(languages >= 2, "English and another");
    }

    #[test]
    fn what_is_missing_is_english() {
        let (key, english) = ENGLISH[0];
        assert_eq!(read("")[0], *english);
        assert_eq!(read(&format!("# no\n{key} = anders\n"))[0], "anders");
    }
}
