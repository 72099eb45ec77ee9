use std::collections::BTreeSet;

use super::{PARTS, document, page};
use crate::json::{Object, Options, Value, parse};

/// Where routes are laid.
const SOURCES: [&str; 4] = [
    include_str!("../../api.rs"),
    include_str!("../gemini.rs"),
    include_str!("../ollama.rs"),
    include_str!("../reference.rs"),
];

fn names<'a>(value: &'a Value<'_>) -> impl Iterator<Item = (&'a str, &'a Value<'a>)> {
    value.as_object().into_iter().flat_map(Object::iter)
}

#[test]
fn every_part_can_be_read_and_none_says_what_another_says() {
    let mut seen = BTreeSet::new();
    for part in PARTS {
        let part = parse(part.as_bytes(), &Options::STRICT).unwrap();
        for at in ["/paths", "/components/schemas", "/components/responses"] {
            for (name, _) in names(part.pointer(at).unwrap()) {
                assert!(
                    seen.insert(format!("{at}/{name}")),
                    "{at}/{name} is there twice"
                );
            }
        }
    }
}

#[test]
fn every_route_is_in_the_document_and_the_other_way_round() {
    let laid: BTreeSet<String> = SOURCES
        .iter()
        .flat_map(|source| source.split(".route(").skip(1))
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'))
        .map(|(path, _)| match path {
            // One route for a model and for all that can be asked of it.
            "/v1beta/models/{*call}" => "/v1beta/models/{model}".to_owned(),
            other => other.replace("{*", "{"),
        })
        .collect();
    let document = document();
    let told: BTreeSet<String> = names(document.get("paths").unwrap())
        .map(|(path, _)| {
            path.split_once("}:")
                .map_or(path.to_owned(), |(path, _)| format!("{path}}}"))
        })
        .collect();
    assert_eq!(laid, told);
}

#[test]
fn all_that_is_referred_to_is_there() {
    fn walk(value: &Value<'_>, document: &Value<'_>) {
        match value {
            Value::Array(list) => list.iter().for_each(|one| walk(one, document)),
            Value::Object(members) => {
                if let Some(at) = members.get("$ref").and_then(Value::as_str) {
                    let at = at.strip_prefix('#').expect("a place in the document");
                    assert!(document.pointer(at).is_some(), "{at}");
                }
                members.iter().for_each(|(_, one)| walk(one, document));
            }
            _ => {}
        }
    }
    let document = document();
    walk(&document, &document);
    let ids: Vec<_> = names(document.get("paths").unwrap())
        .flat_map(|(_, operations)| names(operations))
        .map(|(_, operation)| {
            operation
                .get("operationId")
                .and_then(Value::as_str)
                .unwrap()
        })
        .collect();
    let once: BTreeSet<_> = ids.iter().collect();
    assert_eq!(once.len(), ids.len());
}

#[test]
fn the_page_shows_every_operation_and_needs_nothing_from_elsewhere() {
    let document = document();
    let page = page::write(&document);
    for (path, operations) in names(document.get("paths").unwrap()) {
        assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        for (_, operation) in names(operations) {
            let id = operation
                .get("operationId")
                .and_then(Value::as_str)
                .unwrap();
            assert!(page.contains(&format!("<details id=\"{id}\">")), "{id}");
        }
    }
    for none in [
        "<script", "http://", "https://", "src=", "style=", "onclick",
    ] {
        assert!(!page.contains(none), "{none}");
    }
}
