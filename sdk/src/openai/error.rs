//! Error bodies, of OpenAI's shape or near it.

use serde_json::Value as Json;

/// What an error body says, wherever it says it. What it does not say is empty.
#[derive(Clone, Debug, Default)]
pub struct ErrorBody {
    /// For people.
    pub message: String,
    /// `error.code` as text.
    pub code: String,
    /// `error.type` or `error.status`.
    pub kind: String,
    /// The whole body; null if it is no JSON.
    pub json: Json,
}

impl ErrorBody {
    /// Reads a body. What is no JSON gives its own text as the message, unless it is a web page.
    #[must_use]
    pub fn read(body: &[u8]) -> Self {
        let Ok(json) = serde_json::from_slice::<Json>(body) else {
            return Self::of_text(&String::from_utf8_lossy(body));
        };
        if let Json::String(text) = &json {
            return Self::of_text(text);
        }
        let top = match &json {
            Json::Array(list) => list.first().unwrap_or(&Json::Null),
            other => other,
        };
        let error = match &top["error"] {
            Json::Object(_) => &top["error"],
            _ => match top["errors"].get(0) {
                Some(first @ Json::Object(_)) => first,
                _ if top["errors"].is_object() => &top["errors"],
                _ => top,
            },
        };
        let message = [
            &error["message"],
            &top["error"],
            &top["message"],
            &top["msg"],
            &top["detail"],
            &top["detail"][0]["msg"],
            &top["title"],
            &top["errors"][0],
        ]
        .into_iter()
        .find_map(Json::as_str)
        .unwrap_or_default()
        .to_owned();
        let code = word(&error["code"]);
        let kind = [&error["type"], &error["status"], &top["type"]]
            .into_iter()
            .find_map(Json::as_str)
            .unwrap_or_default()
            .to_owned();
        Self {
            message,
            code,
            kind,
            json,
        }
    }

    fn of_text(text: &str) -> Self {
        let text = text.trim();
        let message = if text.starts_with('<') {
            "the upstream answered with a web page".to_owned()
        } else {
            text.chars().take(500).collect()
        };
        Self {
            message,
            ..Self::default()
        }
    }
}

fn word(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
