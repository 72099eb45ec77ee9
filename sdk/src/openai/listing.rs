//! The list of models that `GET /models` gives.

use serde_json::Value as Json;

use crate::{Failure, Listing, Model, RawModel, failure};

/// One row of a list, as it came.
pub type Entry = Json;

/// Reads a list with what can be told of any compatible provider.
///
/// # Errors
/// `malformed-reply` if there is no list.
pub fn listing(body: &[u8]) -> Result<Listing, Failure> {
    Ok(Listing {
        models: entries(body)?.iter().filter_map(model).collect(),
        next: None,
        extra: Vec::new(),
    })
}

/// The rows of a list: `{"data": []}`, `{"models": []}`, `{"result": []}` or a bare list.
///
/// # Errors
/// `malformed-reply` if there is none.
pub fn entries(body: &[u8]) -> Result<Vec<Entry>, Failure> {
    let json: Json = serde_json::from_slice(body)
        .map_err(|_| failure::malformed("the list of models is no JSON"))?;
    let list = match json {
        Json::Array(list) => Some(list),
        Json::Object(mut members) => ["data", "models", "result"].iter().find_map(|name| {
            match members.remove(*name) {
                Some(Json::Array(list)) => Some(list),
                // `null` is how Ollama says that it has none.
                Some(Json::Null) => Some(Vec::new()),
                _ => None,
            }
        }),
        _ => None,
    };
    list.ok_or_else(|| failure::malformed("the reply holds no list of models"))
}

/// Reads a row; `None` for one that is no model, is switched off, or does nothing we know.
#[must_use]
pub fn model(entry: &Entry) -> Option<RawModel> {
    let id = entry["id"]
        .as_str()
        .or_else(|| entry["name"].as_str())
        .or_else(|| entry.as_str())
        .filter(|id| !id.is_empty())?;
    if entry["active"] == false {
        return None;
    }
    let label = entry["display_name"]
        .as_str()
        .or_else(|| entry["name"].as_str())
        .unwrap_or(id);
    let mut model = Model::chat(id, label).build();
    model.operations = vec![operation(id)?.to_owned()];
    model.context = first(
        entry,
        &[
            "context_length",
            "context_window",
            "max_context_length",
            "max_model_len",
            "max_input_tokens",
            "n_ctx",
        ],
    )
    // llama.cpp: what it was started with, before what the model was trained for.
    .or_else(|| first(&entry["meta"], &["n_ctx", "n_ctx_train"]));
    model.max_output = first(
        entry,
        &[
            "max_completion_tokens",
            "max_output_tokens",
            "max_output_length",
        ],
    );
    if model.operations[0] == "chat" {
        model.traits = traits(entry)
            .iter()
            .map(|word| (*word).to_owned())
            .collect();
        super::families::join(&mut model);
    }
    Some(model)
}

/// What a model of this name does. Names are all that most lists tell.
fn operation(id: &str) -> Option<&'static str> {
    let id = id.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| id.contains(word));
    if has(&["embed", "bge-", "/e5-", "minilm"]) {
        Some("embeddings")
    } else if has(&["whisper", "transcribe", "voxtral-mini-transcribe"]) {
        Some("transcription")
    } else if has(&["rerank"]) {
        Some("rerank")
    } else if has(&["moderation", "prompt-guard", "llama-guard"]) {
        Some("moderation")
    } else if has(&["-tts", "tts-", "orpheus", "playai"]) {
        Some("speech")
    } else if has(&["dall-e", "flux", "stable-diffusion"]) {
        Some("images")
    } else if has(&["-ocr"]) {
        None
    } else {
        Some("chat")
    }
}

/// What the row says that the model can do. Of a row that says nothing the host knows nothing, and holds nothing
/// against it: a model that refuses tools is found out by its first refusal, one that is never asked stays useless.
fn traits(entry: &Entry) -> Vec<&'static str> {
    let mut traits = Vec::new();
    let lists = |list: &Json, word: &str| {
        list.as_array()
            .is_some_and(|list| list.iter().any(|value| value == word))
    };
    let parameters = &entry["supported_parameters"];
    let capabilities = &entry["capabilities"];
    if parameters.is_array() {
        for (parameter, word) in [
            ("tools", "tools"),
            ("reasoning", "reasoning"),
            ("response_format", "json-object"),
            ("structured_outputs", "json-schema"),
        ] {
            if lists(parameters, parameter) {
                traits.push(word);
            }
        }
    } else if capabilities.is_object() {
        if capabilities["function_calling"] == true || capabilities["tools"] == true {
            traits.push("tools");
        }
        traits.push("json-object");
    }
    if capabilities["vision"] == true || lists(&entry["architecture"]["input_modalities"], "image")
    {
        traits.push("vision");
    }
    if lists(&entry["architecture"]["input_modalities"], "file") {
        traits.push("documents");
    }
    traits
}

fn first(entry: &Entry, names: &[&str]) -> Option<u64> {
    names
        .iter()
        .find_map(|name| entry[*name].as_u64())
        .filter(|amount| *amount > 0)
}
