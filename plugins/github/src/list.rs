//! The catalogue: a bare list whose rows tell modalities, capabilities and the tier of limits.

use freellmapi_sdk::serde_json::Value as Json;
use freellmapi_sdk::{Failure, Listing, RawModel, Scope, openai};

use super::WINDOW;

/// Requests a minute and a day of the free plan by tier, from the documentation's table. Models of other tiers have
/// limits of their own, which are found out.
const TIERS: [(&str, u64, u64); 3] = [("low", 15, 150), ("high", 10, 50), ("embeddings", 15, 150)];

pub(crate) fn read(body: &[u8]) -> Result<Listing, Failure> {
    Ok(Listing {
        models: openai::entries(body)?.iter().filter_map(model).collect(),
        next: None,
        extra: Vec::new(),
    })
}

fn model(entry: &Json) -> Option<RawModel> {
    let mut model = openai::model(entry)?;
    let limits = &entry["limits"];
    let window = limits["max_input_tokens"].as_u64().unwrap_or(WINDOW);
    // What is cut short is a chat; for vectors a request may hold several texts.
    model.context = Some(match model.operations[..] == ["embeddings"] {
        true => window,
        false => window.min(WINDOW),
    });
    let answer = limits["max_output_tokens"].as_u64();
    model.max_output = answer.map(|most| most.min(super::ANSWER as u64));
    let lists = |name: &str, word: &str| {
        let list = entry[name].as_array();
        list.is_some_and(|list| list.iter().any(|one| one == word))
    };
    for (name, word, says) in [
        ("capabilities", "tool-calling", "tools"),
        ("capabilities", "reasoning", "reasoning"),
        ("supported_input_modalities", "image", "vision"),
        ("supported_input_modalities", "audio", "audio"),
    ] {
        if lists(name, word) {
            model.traits.push(says.to_owned());
        }
    }
    if let Some((_, minute, day)) = TIERS
        .iter()
        .find(|(tier, ..)| entry["rate_limit_tier"] == *tier)
    {
        model.quotas = vec![
            Scope::MODEL.limit("requests", 60, *minute),
            Scope::MODEL.limit("requests", 86_400, *day),
        ];
    }
    Some(model)
}
