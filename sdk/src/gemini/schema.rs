//! JSON Schema becomes the part of `OpenAPI`'s that Google takes.
//!
//! It refuses what it does not know, and one bad tool would make every turn of a conversation fail. So
//! nothing is passed on that is not known to be taken, and what is missing is put in.

mod words;

use serde_json::{Map, Value as Json, json};

use words::{annotate, describe, describe_values, keep, kind, of_type, strings, values};

/// How deep a schema goes; below, anything is allowed.
const DEPTH: usize = 40;

/// How many nodes one schema may have once its references are put in: they can double at every step.
const NODES: usize = 5_000;

/// Branches of a choice.
const CHOICES: [&str; 2] = ["anyOf", "oneOf"];

/// One schema with the document its references point into.
struct Lowering<'a> {
    root: &'a Json,
    /// References being followed, so that one that leads to itself ends.
    open: Vec<String>,
    nodes: usize,
}

/// Lowers a whole schema.
pub(super) fn lower(schema: &Json) -> Json {
    let mut lowering = Lowering {
        root: schema,
        open: Vec::new(),
        nodes: NODES,
    };
    Json::Object(lowering.node(schema))
}

/// The object schema of a tool's parameters; `None` if it takes none, for which Google wants no schema at all.
pub(super) fn parameters(schema: &Json) -> Option<Json> {
    let lowered = lower(schema);
    let filled = lowered["properties"]
        .as_object()
        .is_some_and(|properties| !properties.is_empty());
    filled.then_some(lowered)
}

impl Lowering<'_> {
    fn node(&mut self, schema: &Json) -> Map<String, Json> {
        let Json::Object(schema) = schema else {
            // `true`: anything. Google has no word for it; a text can hold it.
            return of_type("STRING");
        };
        if self.nodes == 0 || self.open.len() > DEPTH {
            return of_type("OBJECT");
        }
        self.nodes -= 1;
        // A place is held for every level, so that depth is bounded too.
        self.open.push(String::new());
        let lowered = self.object(schema);
        self.open.pop();
        lowered
    }

    fn object(&mut self, schema: &Map<String, Json>) -> Map<String, Json> {
        if let Some(Json::Array(_)) = schema.get("allOf") {
            return self.all_of(schema);
        }
        if let Some(Json::String(reference)) = schema.get("$ref") {
            return self.reference(reference, schema);
        }
        for choice in CHOICES {
            if let Some(Json::Array(branches)) = schema.get(choice) {
                return self.choice(schema, branches);
            }
        }
        if let Some(Json::Array(types)) = schema.get("type") {
            return self.types(schema, types);
        }
        self.plain(schema)
    }

    /// What a local reference points to stands in its place, under the description beside the reference.
    fn reference(&mut self, reference: &str, schema: &Map<String, Json>) -> Map<String, Json> {
        let target = self.target(reference);
        let mut lowered = match target {
            Some(target) if !self.open.iter().any(|open| open == reference) => {
                self.open.push(reference.to_owned());
                let lowered = self.node(&target);
                self.open.pop();
                lowered
            }
            _ => of_type("OBJECT"),
        };
        describe(schema, &mut lowered, true);
        lowered
    }

    fn target(&self, reference: &str) -> Option<Json> {
        let pointer = reference.strip_prefix('#')?;
        self.root.pointer(pointer).cloned()
    }

    /// `allOf` taken together: properties and demands are joined, of the rest the first word counts.
    fn all_of(&mut self, schema: &Map<String, Json>) -> Map<String, Json> {
        let opened = self.open.len();
        let mut merged = Map::new();
        self.gather(schema, &mut merged, DEPTH);
        let lowered = self.object(&merged);
        self.open.truncate(opened);
        lowered
    }

    /// Adds a part, and what it refers to and is made of. References stay open until the whole is lowered.
    fn gather(&mut self, part: &Map<String, Json>, merged: &mut Map<String, Json>, depth: usize) {
        for (name, value) in part {
            match (merged.get_mut(name), value) {
                _ if name == "allOf" || name == "$ref" => {}
                (Some(Json::Object(have)), Json::Object(more)) if name == "properties" => {
                    have.extend(more.clone());
                }
                (Some(Json::Array(have)), Json::Array(more)) if name == "required" => {
                    have.extend(more.clone());
                }
                (Some(_), _) => {}
                (None, value) => {
                    merged.insert(name.clone(), value.clone());
                }
            }
        }
        if depth == 0 {
            return;
        }
        if let Some(Json::String(reference)) = part.get("$ref") {
            let target = self.target(reference);
            if !self.open.contains(reference)
                && let Some(Json::Object(target)) = target
            {
                self.open.push(reference.clone());
                self.gather(&target, merged, depth - 1);
            } else {
                merged.entry("type").or_insert_with(|| json!("object"));
            }
        }
        if let Some(Json::Array(parts)) = part.get("allOf") {
            for part in parts.iter().filter_map(Json::as_object) {
                self.gather(part, merged, depth - 1);
            }
        }
    }

    /// A choice stands alone in Google's eyes: what is beside it goes into its first branch.
    fn choice(&mut self, schema: &Map<String, Json>, branches: &[Json]) -> Map<String, Json> {
        let is_null = |branch: &&Json| branch["type"] == "null";
        let nullable = branches.iter().any(|branch| is_null(&branch));
        let mut lowered: Vec<_> = branches
            .iter()
            .filter(|branch| !is_null(branch))
            .map(|branch| self.node(branch))
            .collect();
        if lowered.is_empty() {
            lowered.push(of_type("STRING"));
        }
        let alone = lowered.len() == 1;
        if nullable {
            annotate(&mut lowered[0], "nullable", &Json::Bool(true), true);
        }
        describe(schema, &mut lowered[0], alone);
        if alone {
            return lowered.remove(0);
        }
        let mut choice = Map::new();
        choice.insert("anyOf".to_owned(), json!(lowered));
        choice
    }

    /// `["string", "null"]`
    fn types(&mut self, schema: &Map<String, Json>, types: &[Json]) -> Map<String, Json> {
        let branches: Vec<_> = types
            .iter()
            .map(|kind| {
                let mut branch = schema.clone();
                branch.insert("type".to_owned(), kind.clone());
                branch.remove("description");
                Json::Object(branch)
            })
            .collect();
        self.choice(schema, &branches)
    }

    fn plain(&mut self, schema: &Map<String, Json>) -> Map<String, Json> {
        let kind = kind(schema);
        let mut out = of_type(kind);
        let mut description = schema
            .get("description")
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned();
        let values = values(schema);
        let nullable = schema.get("nullable") == Some(&Json::Bool(true))
            || values.iter().any(|value| value.is_null());
        match kind {
            "STRING" => strings(schema, &values, &mut out),
            "INTEGER" | "NUMBER" => {
                keep(schema, &["minimum", "maximum"], Json::is_number, &mut out);
                describe_values(&values, &mut description);
            }
            "BOOLEAN" => describe_values(&values, &mut description),
            "ARRAY" => {
                keep(schema, &["minItems", "maxItems"], Json::is_u64, &mut out);
                let items = match (schema.get("items"), schema.get("prefixItems")) {
                    (Some(Json::Array(tuple)), _) | (None, Some(Json::Array(tuple))) => {
                        tuple.first()
                    }
                    (items, _) => items,
                };
                let items = items.map_or_else(|| of_type("STRING"), |items| self.node(items));
                out.insert("items".to_owned(), Json::Object(items));
            }
            _ => self.members(schema, &mut out),
        }
        if nullable {
            out.insert("nullable".to_owned(), Json::Bool(true));
        }
        if !description.is_empty() {
            out.insert("description".to_owned(), Json::String(description));
        }
        out
    }

    fn members(&mut self, schema: &Map<String, Json>, out: &mut Map<String, Json>) {
        let Some(Json::Object(properties)) = schema.get("properties") else {
            return;
        };
        let lowered: Map<String, Json> = properties
            .iter()
            .map(|(name, schema)| (name.clone(), Json::Object(self.node(schema))))
            .collect();
        let mut required: Vec<&str> = Vec::new();
        for name in schema
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            if let Some(name) = name.as_str()
                && lowered.contains_key(name)
                && !required.contains(&name)
            {
                required.push(name);
            }
        }
        if !required.is_empty() {
            out.insert("required".to_owned(), json!(required));
        }
        out.insert("properties".to_owned(), Json::Object(lowered));
    }
}
