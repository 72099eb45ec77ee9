//! The list of models.

use serde_json::Value as Json;

use super::{Cohere, PAGE};
use crate::{Failure, Listing, Model, RawModel, failure};

pub(super) fn read(dialect: &Cohere, body: &[u8]) -> Result<Listing, Failure> {
    let json: Json = serde_json::from_slice(body)
        .map_err(|_| failure::malformed("the list of models is no JSON"))?;
    let rows = json["models"]
        .as_array()
        .ok_or_else(|| failure::malformed("the reply holds no list of models"))?;
    let next = json["next_page_token"]
        .as_str()
        .filter(|page| !page.is_empty());
    Ok(Listing {
        models: rows.iter().filter_map(model).collect(),
        next: next.map(|page| dialect.list(PAGE, Some(page))),
        extra: Vec::new(),
    })
}

fn model(row: &Json) -> Option<RawModel> {
    let id = row["name"].as_str().filter(|id| !id.is_empty())?;
    let has = |list: &str, word: &str| {
        let list = row[list].as_array();
        list.is_some_and(|list| list.iter().any(|one| one == word))
    };
    let operations: Vec<String> = [
        ("chat", "chat"),
        ("embed", "embeddings"),
        ("rerank", "rerank"),
    ]
    .iter()
    .filter(|(endpoint, _)| has("endpoints", endpoint))
    .map(|(_, operation)| (*operation).to_owned())
    .collect();
    if operations.is_empty() || row["is_deprecated"] == true {
        return None;
    }
    let mut model = Model::chat(id, id).build();
    model.operations = operations;
    model.context = row["context_length"]
        .as_f64()
        .map(|tokens| tokens.max(0.0) as u64);
    for (feature, word) in [
        ("tools", "tools"),
        ("vision", "vision"),
        ("reasoning", "reasoning"),
        ("json_mode", "json-object"),
        ("json_schema", "json-schema"),
    ] {
        if has("features", feature) {
            model.traits.push(word.to_owned());
        }
    }
    Some(model)
}
