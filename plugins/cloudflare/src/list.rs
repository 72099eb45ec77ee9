//! The list of models, which is of Cloudflare's own form: ids are numbers nobody uses, and what a model can
//! do stands among its properties.

use freellmapi_sdk::serde_json::Value as Json;
use freellmapi_sdk::{Failure, Listing, Model, RawModel, openai};

pub(crate) fn read(body: &[u8]) -> Result<Listing, Failure> {
    Ok(Listing {
        models: openai::entries(body)?.iter().filter_map(model).collect(),
        next: None,
        extra: Vec::new(),
    })
}

fn model(entry: &Json) -> Option<RawModel> {
    let operation = match entry["task"]["name"].as_str()? {
        "Text Generation" => "chat",
        "Text Embeddings" => "embeddings",
        _ => return None,
    };
    let id = entry["name"].as_str()?;
    let label = id.rsplit('/').next().unwrap_or(id);
    let mut model = Model::chat(id, label).build();
    model.operations = vec![operation.to_owned()];
    for property in entry["properties"].as_array().into_iter().flatten() {
        let value = &property["value"];
        match property["property_id"].as_str() {
            Some("context_window") => {
                model.context = value.as_str().and_then(|text| text.parse().ok());
            }
            Some("function_calling") if value == "true" => model.traits.push("tools".to_owned()),
            Some("reasoning") if value == "true" => model.traits.push("reasoning".to_owned()),
            Some("planned_deprecation_date") => model.traits.push("deprecated".to_owned()),
            _ => {}
        }
    }
    Some(model)
}
