//! What the plugin says of itself, and what it plans.

use super::{Google, catalogue};
use freellmapi_sdk::{Adapter, RawManifest, serde_json::json};

fn manifest() -> RawManifest {
    Google::manifest().build()
}

#[test]
fn the_key_goes_to_google_in_a_header_only() {
    let manifest = manifest();
    assert_eq!(manifest.secrets.len(), 1);
    let secret = &manifest.secrets[0];
    assert_eq!(secret.placements, ["header:x-goog-api-key"]);
    assert_eq!(secret.hosts, ["generativelanguage.googleapis.com"]);
    assert_eq!(manifest.reaches.len(), 1);
    assert_eq!(manifest.reaches[0].path, "/v1beta");
    assert_eq!(manifest.powers, ["tools"]);
    assert!(manifest.canonical_replies.is_empty());
    assert_eq!(
        manifest.reads_body,
        ["chat", "embeddings", "images", "speech"]
    );
}

#[test]
fn days_begin_in_california() {
    for model in catalogue::models().map(freellmapi_sdk::Model::build) {
        let day: Vec<_> = model
            .quotas
            .iter()
            .filter(|it| it.window_s == 86_400)
            .collect();
        assert_eq!(day.len(), 1, "{}", model.id);
        assert_eq!(day[0].anchor, "America/Los_Angeles");
        assert_eq!(day[0].unit, "requests");
        let minute = model.quotas.iter().filter(|it| it.window_s == 60).count();
        assert_eq!(minute, 2, "{}: requests and tokens", model.id);
    }
}

#[test]
fn a_listed_model_gets_its_limits() {
    let body = json!({"models": [
        {"name": "models/gemini-2.5-flash", "displayName": "Gemini 2.5 Flash", "inputTokenLimit": 1_000_000,
         "outputTokenLimit": 65_536, "supportedGenerationMethods": ["generateContent"], "thinking": true},
        {"name": "models/gemini-9-new", "supportedGenerationMethods": ["generateContent"]},
        {"name": "models/gemini-2.5-flash-preview-tts", "supportedGenerationMethods": ["generateContent"]},
        {"name": "models/text-embedding-004", "supportedGenerationMethods": ["embedContent"]},
    ]});
    let listing =
        freellmapi_sdk::gemini::decode_models(&super::dialect(), body.to_string().as_bytes());
    assert_eq!(listing.map(|it| it.models.len()), Ok(2));

    let known = catalogue::models().map(freellmapi_sdk::Model::build);
    let mut bare = freellmapi_sdk::Model::chat("gemini-2.5-flash", "x")
        .context(7)
        .build();
    let known = known
        .iter()
        .find(|it| it.id == "gemini-2.5-flash")
        .expect("in the catalogue");
    super::complete(&mut bare, known);
    assert_eq!(bare.quotas, known.quotas);
    assert_eq!(bare.context, Some(7));
}
